"""What somebody or something has noted about a therapist, for staff to look into."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from therapists.models.therapist import Therapist
from therapists.querysets import NoteQuerySet, ReportQuerySet


class Note(models.Model):
    """One thing to look into. It is open until somebody of staff says that it is done."""

    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="%(class)ss")
    words = models.TextField(blank=True, editable=False)
    noted_on = models.DateField(default=timezone.localdate, editable=False)
    done_on = models.DateField(null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    answer = models.CharField(
        "what was done", max_length=300, blank=True, help_text="For other staff; may stay empty."
    )

    objects = NoteQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["noted_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="%(class)s_done_by_has_a_day",
                condition=Q(done_by__isnull=True) | Q(done_on__isnull=False),
                violation_error_message="What somebody has done carries its day.",
            )
        ]
        indexes = [
            models.Index(
                F("noted_on"), F("id"), condition=Q(done_on__isnull=True), name="%(class)s_open"
            )
        ]

    def __str__(self):
        return f"{self.therapist}: {self.what}"

    @property
    def what(self):
        """What this is about, in a few words."""
        return self.words


class Report(Note):
    """A reader says that something on a profile is wrong. Nothing is kept of who said so."""

    class Reason(models.TextChoices):
        PLACE = "place", "The place is wrong"
        NO_ANSWER = "no-answer", "They do not answer"
        FULL = "full", "They take no new clients"
        NOT_REAL = "not-real", "This is not a real therapist"
        LICENCE = "licence", "Something is wrong with the license"
        OTHER = "other", "Something else"

    reason = models.CharField(max_length=10, choices=Reason, editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta(Note.Meta):
        verbose_name = "report from the public"
        verbose_name_plural = "reports from the public"

    @property
    def what(self):
        return self.get_reason_display()


class ImportConflict(Note):
    """An imported page says one thing and the directory holds another: the import kept what is."""

    class Meta(Note.Meta):
        verbose_name = "conflict of an import"
        verbose_name_plural = "conflicts of imports"
        constraints = [
            *Note.Meta.constraints,
            models.UniqueConstraint(
                fields=["therapist", "words"],
                name="importconflict_noted_once",
                violation_error_message="This is noted already.",
            ),
        ]


class Finding(Note):
    """Something in a profile that looks like a fault: see `therapists.quality`."""

    class Kind(models.TextChoices):
        NO_PLACE = "no-place", "No place is given"
        CAPITALS = "capitals", "Name or title in capitals"
        SAME_NAME = "same-name", "Same name in the same state"
        SAME_PHONE = "same-phone", "Same phone number"
        SAME_LICENCE = "same-licence", "Same license number"
        CUT_TEXT = "cut-text", "A text ends in mid-sentence"

    kind = models.CharField(max_length=12, choices=Kind, editable=False)
    other = models.ForeignKey(
        Therapist,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Who may be the same person.",
    )

    class Meta(Note.Meta):
        verbose_name = "possible fault"
        constraints = [
            *Note.Meta.constraints,
            models.UniqueConstraint(
                fields=["kind", "therapist", "words"],
                name="finding_once",
                violation_error_message="This is noted already.",
            ),
        ]

    @property
    def what(self):
        return self.get_kind_display()
