"""What approaches add to the desk of staff."""

from therapists import quality
from therapists.models import Finding

quality.also(
    Finding.Kind.CUT_TEXT,
    r"""
    SELECT s.therapist_id, NULL::bigint, a.name || ': … ' || right(rtrim(s.statement), 60)
    FROM approaches_specialist s
    JOIN approaches_approach a ON a.id = s.approach_id
    JOIN therapists_therapist t ON t.id = s.therapist_id AND t.status = 'published'
    WHERE s.state = 'approved'
    AND s.statement ~ '[.!?]\s' AND s.statement ~ '[[:alpha:],;-]\s*$'
    """,
)
