"""What clients write to therapists, sealed; its letters; and what holds a message back."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from therapists.contact.sealing import seal, unseal
from therapists.models.therapist import Therapist


class Message(models.Model):
    """One message of a client to a therapist. What it says is sealed; `said` opens it."""

    class State(models.TextChoices):
        HELD = "held", "Held for staff"
        REFUSED = "refused", "Kept back as fraud"
        SENT = "sent", "Handed on"
        ANSWERED = "answered", "Answered"
        FULL = "full", "No room"
        REFERRED = "referred", "Not a fit"
        SPAM = "spam", "Spam"

    # What its therapist never sees, or not yet.
    KEPT_BACK = (State.HELD, State.REFUSED)
    # All else only the therapist reads: no page of staff may open it.
    READ_BY_STAFF = (*KEPT_BACK, State.SPAM)

    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="messages")
    mark = models.CharField(
        max_length=32,
        unique=True,
        editable=False,
        help_text="Of the form and of what was written: one that is sent twice comes once.",
    )
    sealed = models.BinaryField()
    state = models.CharField(max_length=10, choices=State, default=State.SENT, editable=False)
    held_for = models.CharField("held because", max_length=200, blank=True, editable=False)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    handed_on_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    availability_before = models.CharField(
        max_length=12,
        choices=Therapist.Availability,
        blank=True,
        editable=False,
        help_text="Of the therapist, before “no room” changed it: a wrong click is taken back.",
    )

    class Meta:
        verbose_name = "message of a client"
        verbose_name_plural = "messages of clients"
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["received_at"], name="message_received"),
            models.Index(F("received_at"), F("id"), condition=Q(state="held"), name="message_held"),
            models.Index(fields=["therapist", "-received_at"], name="message_of_therapist"),
            models.Index(
                F("held_for"), F("state"), condition=~Q(held_for=""), name="message_held_for"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_is_not_empty",
                condition=~Q(sealed=b""),
                violation_error_message="A message says something.",
            ),
            models.CheckConstraint(
                name="message_held_for_a_reason",
                condition=~Q(state="held") | ~Q(held_for=""),
                violation_error_message="What is held is held for a reason.",
            ),
            models.CheckConstraint(
                name="message_answer_has_its_moment",
                condition=Q(answered_at__isnull=False)
                | ~Q(state__in=["answered", "full", "referred"]),
                violation_error_message="An answer carries its moment.",
            ),
        ]

    def __str__(self):
        day = timezone.localtime(self.received_at)
        return f"Message to {self.therapist}, {day:%B} {day.day}"

    def seal(self, said):
        """Keep the dictionary `said`: name, email, phone, text; later also note."""
        self.sealed = seal(said, mark=self.mark)

    @property
    def said(self):
        """What was sealed; raises `sealing.UnreadableError`."""
        return unseal(self.sealed, mark=self.mark)


class Delivery(models.Model):
    """One letter that a message asks for: written from the message when it leaves, kept nowhere."""

    class Kind(models.TextChoices):
        MESSAGE = "message", "The message, to the therapist"
        RECEIPT = "receipt", "A receipt, to the client"
        FULL = "full", "“No room”, to the client"
        REFERRED = "referred", "“Not a fit”, to the client"

    class State(models.TextChoices):
        WAITING = "waiting", "On its way"
        DELIVERED = "delivered", "Delivered"
        DEAD = "dead", "Given up"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=10, choices=Kind, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    fault = models.CharField(
        "what went wrong", max_length=200, blank=True, editable=False,
        help_text="In our words: a mail server's own may repeat the address.",
    )  # fmt: skip
    queued_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField(
        "next try",
        default=timezone.now,
        editable=False,
        help_text="While it waits: nobody sends it before.",
    )
    refused_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When the mail server refused it for good, the first time.",
    )
    tried_at = models.DateTimeField("last tried", null=True, blank=True, editable=False)
    delivered_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_on = models.DateField(null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = "letter of a message"
        verbose_name_plural = "letters of messages"
        ordering = ["-queued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "kind"],
                name="delivery_once",
                violation_error_message="This letter is on its way already.",
            ),
            models.CheckConstraint(
                name="delivery_has_its_moment",
                condition=~Q(state="delivered") | Q(delivered_at__isnull=False),
                violation_error_message="What is delivered carries its moment.",
            ),
        ]
        indexes = [
            models.Index(F("due_at"), F("id"), condition=Q(state="waiting"), name="delivery_due"),
            models.Index(
                F("queued_at"),
                F("id"),
                condition=Q(state="dead", closed_on__isnull=True),
                name="delivery_dead",
            ),
            models.Index(fields=["delivered_at"], name="delivery_delivered"),
        ]

    def __str__(self):
        return f"{self.message}: {self.get_kind_display()}"

    @property
    def may_have_left(self):
        """Whether a mail server has it, or may: it was tried, and not given up."""
        is_dead = self.state == self.State.DEAD
        return self.delivered_at is not None or (self.attempts > 0 and not is_dead)


class HoldRule(models.Model):
    """What makes a message wait for staff: a phrase that frauds use, or any link."""

    class Kind(models.TextChoices):
        PHRASE = "phrase", "A phrase"
        LINK = "link", "Any link"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PHRASE)
    phrase = models.CharField(
        max_length=120,
        blank=True,
        help_text="In small or capital letters; * stands for up to five words: “visiting your *”.",
    )
    note = models.CharField(max_length=200, blank=True, help_text="For other staff: why.")
    is_active = models.BooleanField("in use", default=True)

    class Meta:
        verbose_name = "rule that holds messages"
        verbose_name_plural = "rules that hold messages"
        ordering = ["kind", "phrase"]
        constraints = [
            models.CheckConstraint(
                name="holdrule_phrase_or_link",
                condition=Q(kind="phrase") & ~Q(phrase="") | Q(kind="link", phrase=""),
                violation_error_message="Write a phrase; a rule for links has none.",
            ),
            models.UniqueConstraint(
                fields=["kind", "phrase"],
                name="holdrule_once",
                violation_error_message="There is this rule already.",
            ),
        ]

    def __str__(self):
        return "Any link" if self.kind == self.Kind.LINK else f"“{self.phrase}”"


class ContactTally(models.Model):
    """How many messages came within the hour from one sender or network, or for one therapist.

    `key` is a keyed hash: nobody can read from it who that was. Rows are gone after an hour.
    """

    key = models.CharField(primary_key=True, max_length=64)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "contact tallies"

    def __str__(self):
        return f"{self.count} until {self.until:%H:%M}"
