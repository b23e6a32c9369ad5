"""Where therapists see people, and what they are licensed for."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from therapists.bylines import Byline
from therapists.models.therapist import Therapist
from therapists.querysets import LicenceQuerySet
from therapists.states import STATES
from therapists.validators import not_in_future

STATE_CHOICES = list(STATES.items())


class Office(models.Model):
    """A place where a therapist sees people. May lack a city, or everything but the state."""

    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="offices")
    city = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=2, choices=STATE_CHOICES, blank=True)
    postal_code = models.CharField("ZIP code", max_length=10, blank=True)
    street = models.CharField(max_length=120, blank=True)
    street_is_public = models.BooleanField(
        default=False, help_text="Many therapists work at home: shown only where this is ticked."
    )
    position = models.PositiveSmallIntegerField(
        default=0, help_text="The first office is the one that signs: “in Portland, OR”."
    )

    class Meta:
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["state", "city"])]
        constraints = [
            models.CheckConstraint(
                name="office_is_somewhere",
                condition=~Q(city="") | ~Q(state=""),
                violation_error_message="An office needs a city or a state.",
            ),
        ]

    def __str__(self):
        return self.place

    @property
    def place(self):
        """`Portland, OR`, `Oregon` or `Portland`."""
        return Byline("", city=self.city, state=self.state).place


class Compact(models.Model):
    """An agreement between states: by it one authority lets a therapist see people in them all."""

    name = models.CharField(max_length=80, help_text="As therapists know it: PSYPACT.")
    slug = models.SlugField(unique=True)
    states = ArrayField(
        models.CharField(max_length=2, choices=STATE_CHOICES),
        help_text="Where it is in force today, as its own site says.",
    )
    operates = models.BooleanField(
        default=False, help_text="Whether it grants authority today. Laws pass years before."
    )
    url = models.URLField("link to its board", blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class Licence(models.Model):
    """What a state has allowed a therapist to do, and who checked that, when."""

    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="licences")
    state = models.CharField(max_length=2, choices=STATE_CHOICES)
    kind = models.CharField(max_length=120, help_text="Clinical Social Worker")
    number = models.CharField(max_length=40)
    compact = models.ForeignKey(
        Compact,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="licences",
        help_text="For an authority that holds in all states of a compact (PSYPACT's APIT). A "
        "privilege for one state (Counseling Compact) is a licence row of that state.",
    )
    expires_on = models.DateField(null=True, blank=True)
    board_url = models.URLField("link to the board's entry", blank=True)
    checked_on = models.DateField(
        null=True,
        blank=True,
        validators=[not_in_future],
        help_text="The day on which it was found in the board's register.",
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        limit_choices_to={"is_staff": True},
    )
    check_failed_on = models.DateField("looked for in vain on", null=True, editable=False)
    check_failed_because = models.CharField("why", max_length=300, blank=True, editable=False)

    objects = LicenceQuerySet.as_manager()

    class Meta:
        ordering = ["state", "kind", "pk"]
        verbose_name = "license"
        indexes = [
            models.Index(F("checked_on").asc(nulls_first=True), "id", name="licence_never_first")
        ]
        constraints = [
            models.CheckConstraint(
                name="licence_found_or_not",
                condition=Q(checked_on__isnull=True) | Q(check_failed_on__isnull=True),
                violation_error_message="A license was found in the register, or it was not.",
            ),
            models.CheckConstraint(
                name="licence_failed_check_says_why",
                condition=Q(check_failed_on__isnull=True, check_failed_because="")
                | Q(check_failed_on__isnull=False) & ~Q(check_failed_because=""),
                violation_error_message="Say why the license could not be checked, and when.",
            ),
            models.UniqueConstraint(
                fields=["state", "kind", "number"],
                name="licence_number_once",
                violation_error_message="This licence is entered already, here or elsewhere.",
            ),
        ]

    def __str__(self):
        words = f"{self.kind}, {STATES.get(self.state, self.state)}, {self.number}"
        return f"{words}; and, {self.by_compact}" if self.by_compact else words

    @property
    def is_expired(self):
        return self.expires_on is not None and self.expires_on < timezone.localdate()

    @property
    def is_verified(self):
        """Checked against the board's register, and valid today."""
        return self.checked_on is not None and not self.is_expired

    @property
    def states(self):
        """The codes of the states where it holds today: its own, then those of its compact."""
        return [] if self.is_expired else [self.state, *self.other_states]

    @property
    def other_states(self):
        """{code: name} of the states, A to Z, to which a compact carries it today."""
        if self.is_expired or self.compact is None or not self.compact.operates:
            return {}
        others = set(self.compact.states) - {self.state}
        return {code: name for code, name in STATES.items() if code in others}

    @property
    def by_compact(self):
        """`by PSYPACT, people in 42 other states`, or "" where no compact carries it."""
        number = len(self.other_states)
        states = "state" if number == 1 else "states"
        return f"by {self.compact}, people in {number} other {states}" if number else ""
