"""What is kept of somebody who has left: that an import must not bring them back."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone


class Departure(models.Model):
    """Somebody had their profile erased. Nothing here says who: see `therapists.leaving`."""

    marks = ArrayField(models.CharField(max_length=64))
    left_on = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["-left_on", "pk"]
        indexes = [GinIndex(fields=["marks"], name="departure_marks")]
        constraints = [
            models.CheckConstraint(
                name="departure_is_known_again",
                condition=models.Q(marks__len__gt=0),
                violation_error_message="Without a mark nobody would be known again.",
            )
        ]

    def __str__(self):
        return f"somebody who left on {self.left_on}"
