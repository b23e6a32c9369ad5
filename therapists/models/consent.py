"""What somebody agreed to, when and by whose word: the evidence behind `Therapist.consent_on`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from therapists.models.therapist import Therapist


class ConsentQuerySet(models.QuerySet):
    def standing(self):
        """Those that were not taken back."""
        return self.filter(withdrawn_at__isnull=True)


class Consent(models.Model):
    """One time at which consent was given. Written by `therapists.joining` alone.

    Whether somebody may be listed is decided by `Therapist.consent_on` and `consent_basis`, where
    the database holds the constraint; these rows say what stood behind it, and are never changed
    but to note that it was taken back.
    """

    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="consents")
    given_on = models.DateTimeField()
    text_version = models.CharField(
        max_length=20, blank=True, help_text="Empty where they were shown no text of ours."
    )
    basis = models.CharField(max_length=200, help_text="By whose word.")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who pressed the button; nobody where staff or an import wrote it down.",
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-given_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["therapist", "text_version"],
                condition=Q(withdrawn_at__isnull=True),
                name="consent_once_to_a_text",
                violation_error_message="They have agreed to this text already.",
            ),
            models.CheckConstraint(
                name="consent_has_a_basis",
                condition=~Q(basis=""),
                violation_error_message="Say by whose word.",
            ),
            models.CheckConstraint(
                name="consent_withdrawn_after_it_was_given",
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("given_on")),
                violation_error_message="Nobody can take back what they have not given yet.",
            ),
        ]

    def __str__(self):
        return f"{self.therapist}, {self.given_on:%Y-%m-%d}"
