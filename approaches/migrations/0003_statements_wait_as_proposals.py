"""What waits for review, or was sent back, becomes a version of its own."""

from django.db import migrations, models

# Constraints are checked at once: tables with checks that are still to come can't be altered.
HAND_OVER = """
INSERT INTO therapists_proposal
    (therapist_id, specialist_id, part, text, photo, state, submitted_at, decided_at, reason)
SELECT therapist_id, id, 'statement', statement, '',
    CASE state WHEN 'submitted' THEN 'waiting' ELSE 'sent-back' END,
    coalesce(submitted_at, decided_at, now()),
    CASE state WHEN 'submitted' THEN NULL ELSE coalesce(decided_at, now()) END,
    CASE state WHEN 'submitted' THEN '' ELSE decision_note END
FROM approaches_specialist
WHERE state IN ('submitted', 'sent-back') AND statement <> '';

UPDATE approaches_specialist SET state = 'draft', statement = '', decided_at = NULL
WHERE state IN ('submitted', 'sent-back');

SET CONSTRAINTS ALL IMMEDIATE;
"""

# A version of published words has no place in the old form, and goes on waiting as it is.
TAKE_BACK = """
UPDATE approaches_specialist s
SET statement = p.text, submitted_at = p.submitted_at, decided_at = p.decided_at,
    decision_note = left(p.reason, 300),
    state = CASE p.state WHEN 'waiting' THEN 'submitted' ELSE 'sent-back' END
FROM (
    SELECT DISTINCT ON (specialist_id) * FROM therapists_proposal
    WHERE part = 'statement' ORDER BY specialist_id, submitted_at DESC, id DESC
) p
WHERE p.specialist_id = s.id AND p.state IN ('waiting', 'sent-back')
    AND s.state = 'draft' AND s.statement = '';

DELETE FROM therapists_proposal p USING approaches_specialist s
WHERE p.specialist_id = s.id AND s.state IN ('submitted', 'sent-back');

SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approaches", "0002_search_follows"),
        ("therapists", "0005_review"),
    ]

    operations = [
        migrations.RunSQL(HAND_OVER, TAKE_BACK),
        migrations.RemoveConstraint("specialist", "specialist_approved_says_something"),
        migrations.RemoveField("specialist", "submitted_at"),
        migrations.RemoveField("specialist", "decision_note"),
        migrations.AlterField(
            "specialist",
            "state",
            models.CharField(
                choices=[("draft", "Draft"), ("approved", "Approved")],
                default="draft",
                editable=False,
                max_length=10,
                verbose_name="statement is",
            ),
        ),
        migrations.AddConstraint(
            "specialist",
            models.CheckConstraint(
                condition=~models.Q(state="approved") | ~models.Q(statement=""),
                name="specialist_approved_says_something",
                violation_error_message="There is no statement to approve.",
            ),
        ),
    ]
