"""What approaches add to the desk of staff."""

from django.db.models import F

from approaches.models import Approach
from therapists import desk, quality
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

desk.add(
    desk.Section(
        name="approaches",
        title="Pages to look through again",
        model="approaches.approach",
        rows=Approach.objects.due_for_review,
        who=F("name"),
        since="reviewed_on",
        since_says="reviewed",
        query={"review": "due"},
        position=50,
    )
)
