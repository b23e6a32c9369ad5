"""New versions of what the public reads, and other wishes of therapists that staff decide on."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from therapists.models.therapist import Therapist
from therapists.photos.field import PhotoField
from therapists.querysets import ProposalQuerySet


class Proposal(models.Model):
    """One version of one part of a profile. It waits for staff while the published one stays up.

    Rows are never edited: a newer version is a new row, so what somebody approves is what they saw.
    """

    class Part(models.TextChoices):
        STATEMENT = "statement", "Statement"
        ABOUT = "about", "About"
        PHOTO = "photo", "Photo"
        NAME = "name", "Name"
        TITLE = "title", "Title"
        POST_NOMINALS = "post-nominals", "Letters after the name"
        LISTING = "listing", "Asks to be listed"
        REQUEST = "request", "Request to staff"

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for review"
        APPROVED = "approved", "Approved"
        SENT_BACK = "sent-back", "Sent back"
        REPLACED = "replaced", "Replaced by a newer version"
        TAKEN_BACK = "taken-back", "Taken back"

    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="proposals")
    part = models.CharField(max_length=14, choices=Part)
    # A name and no import: what approaches are is not known here.
    specialist = models.ForeignKey(
        "approaches.Specialist",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="proposals",
        help_text="Whose statement it is; of no other part.",
    )
    text = models.TextField(blank=True)
    photo = PhotoField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    submitted_at = models.DateTimeField(auto_now_add=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    reason = models.TextField(blank=True, help_text="What the therapist was told.")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["submitted_at", "pk"]
        verbose_name = "new version"
        indexes = [
            models.Index(
                fields=["submitted_at"], condition=Q(state="waiting"), name="proposal_waiting"
            ),
            models.Index(fields=["photo"], condition=~Q(photo=""), name="proposal_photo"),
        ]
        constraints = [
            models.CheckConstraint(
                name="proposal_statement_has_specialist",
                condition=Q(part="statement", specialist__isnull=False)
                | ~Q(part="statement") & Q(specialist__isnull=True),
                violation_error_message="A statement belongs to one approach; nothing else does.",
            ),
            models.CheckConstraint(
                name="proposal_says_something",
                condition=Q(part="listing") | Q(part="photo") & ~Q(photo="") | ~Q(text=""),
                violation_error_message="There is nothing to review.",
            ),
            models.CheckConstraint(
                name="proposal_decided_has_a_day",
                condition=Q(state="waiting", decided_at__isnull=True)
                | ~Q(state="waiting") & Q(decided_at__isnull=False),
                violation_error_message="What is decided carries its day.",
            ),
            models.UniqueConstraint(
                fields=["therapist", "part"],
                condition=Q(state="waiting", specialist__isnull=True),
                name="proposal_waits_once",
                violation_error_message="A version of this waits already.",
            ),
            models.UniqueConstraint(
                fields=["specialist"],
                condition=Q(state="waiting"),
                name="proposal_statement_waits_once",
                violation_error_message="A version of this statement waits already.",
            ),
        ]

    def __str__(self):
        return f"{self.therapist}: {self.get_part_display().lower()}"


class SendBackReason(models.Model):
    """A sentence that staff keep, so that what is sent back is explained alike by all of them."""

    name = models.CharField(max_length=80, help_text="As staff see it: “Phone number inside”.")
    text = models.TextField(help_text="What the therapist reads.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Low numbers stand first.")

    class Meta:
        ordering = ["position", "name", "pk"]

    def __str__(self):
        return self.name
