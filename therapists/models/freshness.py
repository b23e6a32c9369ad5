"""The letters that ask therapists whether what they said of their room is still true."""

from django.db import models

from therapists.models.therapist import Therapist


class AvailabilityLetter(models.Model):
    """One letter about one confirmation: who confirms again begins anew, without a reset.

    A table of its own, so that asking a thousand people makes no writer of therapists wait for the
    search index.
    """

    class Stage(models.TextChoices):
        ASKED = "asked", "Asked"
        FLAGGED = "flagged", "Reminded: flagged as old"
        HIDDEN = "hidden", "Told: hidden"

    therapist = models.ForeignKey(
        Therapist, on_delete=models.CASCADE, related_name="availability_letters"
    )
    confirmed_on = models.DateField(help_text="The confirmation that the letter asks about.")
    stage = models.CharField(max_length=10, choices=Stage)
    begun_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(
        null=True, help_text="Empty where the command was killed: it may have left or not."
    )

    class Meta:
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["therapist", "confirmed_on", "stage"],
                name="availability_letter_once",
                violation_error_message="This letter is written already.",
            ),
            models.CheckConstraint(
                name="availability_letter_stage",
                condition=models.Q(stage__in=["asked", "flagged", "hidden"]),
                violation_error_message="There is no such stage.",
            ),
        ]

    def __str__(self):
        return f"{self.therapist}: {self.get_stage_display()}"
