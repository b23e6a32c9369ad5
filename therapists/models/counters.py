"""How often profiles are shown, opened and written to: sums of a day, and nothing of a visitor."""

from django.db import models

from therapists.models.therapist import Therapist


class ProfileDay(models.Model):
    """What one day brought one profile."""

    # Without a constraint in the database: its check would wait for whoever saves the therapist.
    pk = models.CompositePrimaryKey("therapist_id", "day")
    therapist = models.ForeignKey(
        Therapist,
        on_delete=models.CASCADE,
        related_name="days",
        db_constraint=False,
        db_index=False,
    )
    day = models.DateField(db_index=True)
    shown = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    contacted = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.day}: {self.shown}, {self.opened}, {self.contacted}"


class DirectoryDay(models.Model):
    """What one day brought everybody together, for the fair share."""

    day = models.DateField(primary_key=True)
    shown = models.PositiveBigIntegerField(default=0)
    listed = models.PositiveIntegerField(default=0, help_text="How many therapists were listed.")

    def __str__(self):
        return f"{self.day}: {self.shown} among {self.listed}"

    @property
    def fair_share(self):
        """How often each profile would have been shown, were all shown alike; None if unknown."""
        return self.shown / self.listed if self.listed else None
