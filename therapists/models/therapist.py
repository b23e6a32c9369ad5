"""Therapists: who they are, how they are reached, and whether they have room."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from therapists.bylines import Byline
from therapists.models.vocabularies import Term
from therapists.photos.field import PhotoField
from therapists.photos.pictures import ACCEPTED
from therapists.querysets import TherapistQuerySet, hidden_before
from therapists.validators import phone_number, plain_link, visible

# The basis of consent of those who do not exist, so that they can be told from those who do.
INVENTED = "Demonstration: an invented person"

YES_OR_NO = [(None, "Not stated"), (True, "Yes"), (False, "No")]


class Therapist(models.Model):
    """A person or a practice that people can come to. What the public sees is `listed`."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        PRACTICE = "practice", "Practice"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Availability(models.TextChoices):
        OPEN = "open", "Has room for new clients"
        WAITING_LIST = "waiting-list", "Keeps a waiting list"
        FULL = "full", "Has no room at present"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSON)
    name = models.CharField(max_length=120, validators=[visible])
    slug = models.SlugField(
        max_length=140, unique=True, help_text="The address of the profile: /therapists/…/"
    )
    post_nominals = models.CharField(
        max_length=80, blank=True, help_text="Letters after the name: PhD, LCSW."
    )
    title = models.CharField(
        max_length=120,
        blank=True,
        validators=[visible],
        help_text="The credential as it is signed: Licensed Clinical Social Worker.",
    )
    pronouns = models.CharField(max_length=40, blank=True)
    about = models.TextField(blank=True, help_text="In the therapist's own words. Plain text.")
    photo = PhotoField(blank=True, help_text=ACCEPTED)
    terms = models.ManyToManyField(Term, blank=True, related_name="therapists")

    in_person = models.BooleanField("sees people in person", default=False)
    online = models.BooleanField("sees people online", default=False)

    email = models.EmailField(
        blank=True, help_text="Never shown in public: for the directory's own letters."
    )
    phone = models.CharField(
        max_length=40,
        blank=True,
        validators=[phone_number],
    )
    website = models.URLField(blank=True, validators=[plain_link])
    booking_url = models.URLField("booking link", blank=True, validators=[plain_link])

    fee_from = models.PositiveIntegerField(
        null=True, blank=True, help_text="US dollars for one session, the lowest usual fee."
    )
    fee_to = models.PositiveIntegerField(
        null=True, blank=True, help_text="US dollars for one session, the highest usual fee."
    )
    sliding_scale = models.BooleanField(
        null=True, blank=True, choices=YES_OR_NO, help_text="Lower fees for people who have less."
    )
    free_first_call = models.BooleanField(null=True, blank=True, choices=YES_OR_NO)

    availability = models.CharField(
        max_length=12, choices=Availability, blank=True, help_text="Leave empty for “not stated”."
    )
    availability_confirmed_on = models.DateField(
        null=True,
        blank=True,
        help_text="The day on which the therapist last said that this is true.",
    )

    status = models.CharField(
        max_length=10, choices=Status, default=Status.DRAFT, editable=False, db_index=True
    )
    published_on = models.DateField(null=True, blank=True, editable=False)
    stepped_back_on = models.DateField(
        null=True,
        blank=True,
        editable=False,
        help_text="The day on which they withdrew it themselves: they may bring it back.",
    )
    consent_on = models.DateField(
        null=True, blank=True, help_text="The day on which they agreed to be listed."
    )
    consent_basis = models.CharField(
        max_length=200,
        blank=True,
        help_text="By whose word: “Signed form”, “E-mail to Ana, staff”.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="profiles",
        help_text="The sign-in that keeps this profile under /my/.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TherapistQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name"), "pk"]
        indexes = [
            # The order above, for lists of staff at any size.
            models.Index(Lower("name"), "id", name="therapist_by_name"),
            models.Index(fields=["photo"], condition=~Q(photo=""), name="therapist_photo"),
            # Whose availability grows old, longest ago first.
            models.Index(
                models.F("availability_confirmed_on").asc(nulls_first=True),
                models.F("id"),
                condition=Q(status="published"),
                name="therapist_confirmed",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="therapist_published_with_consent",
                condition=~Q(status="published")
                | Q(consent_on__isnull=False, published_on__isnull=False) & ~Q(consent_basis=""),
                violation_error_message=(
                    "Nobody is listed without having agreed: fill in the day of consent and by "
                    "whose word, or withdraw the profile first."
                ),
            ),
            models.CheckConstraint(
                name="therapist_stepped_back_is_withdrawn",
                condition=Q(stepped_back_on__isnull=True) | Q(status="withdrawn"),
                violation_error_message="Who has stepped back is not public.",
            ),
            models.CheckConstraint(
                name="therapist_fee_from_below_to",
                condition=Q(fee_from__isnull=True)
                | Q(fee_to__isnull=True)
                | Q(fee_from__lte=models.F("fee_to")),
                violation_error_message="The lowest fee is above the highest.",
            ),
            models.CheckConstraint(
                name="therapist_fee_to_needs_from",
                condition=Q(fee_to__isnull=True) | Q(fee_from__isnull=False),
                violation_error_message="Write the lowest fee too, or alone.",
            ),
            models.CheckConstraint(
                name="therapist_has_a_name",
                condition=~Q(name=""),
                violation_error_message="A therapist needs a name.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("therapists:profile", args=[self.slug])

    @property
    def main_office(self):
        """The office that stands first, or None. Reads prefetched offices where there are any."""
        return next(iter(self.offices.all()), None)

    @property
    def byline(self):
        """How this therapist signs: a `Byline`."""
        office = self.main_office
        return Byline(
            name=self.name,
            title=self.title,
            city=office.city if office else "",
            state=office.state if office else "",
        )

    @property
    def is_listed(self):
        """Whether the public sees this profile; agrees with `Therapist.objects.listed()`."""
        confirmed = self.availability_confirmed_on
        return (
            self.status == self.Status.PUBLISHED
            and confirmed is not None
            and confirmed >= hidden_before()
        )

    @property
    def letters_to(self):
        """The address for the directory's own letters: that of the sign-in, or the one we hold."""
        return (self.owner.email if self.owner else "") or self.email

    @property
    def is_invented(self):
        """Whether this is one of the demo's people."""
        return self.consent_basis == INVENTED

    @property
    def availability_is_old(self):
        """Whether the day of confirmation is so far back that the page should say so."""
        confirmed = self.availability_confirmed_on
        flagged_before = timezone.localdate() - timedelta(days=settings.AVAILABILITY_FLAGGED_AFTER)
        return confirmed is not None and confirmed < flagged_before

    def terms_by_vocabulary(self):
        """[(vocabulary, [terms])] for those vocabularies where this therapist has stated any."""
        groups = {}
        for term in self.terms.all():
            groups.setdefault(term.vocabulary, []).append(term)
        return sorted(groups.items(), key=lambda group: (group[0].position, group[0].name))


class MyProfile(Therapist):
    """A therapist as its owner keeps it under /my/: the same row, with fewer rights."""

    class Meta:
        proxy = True
        verbose_name = "profile"
        verbose_name_plural = "my profiles"
