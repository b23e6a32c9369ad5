"""Approaches, their sources, and the specialists who practise them."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from approaches.querysets import ApproachQuerySet, SpecialistQuerySet, review_due_before
from therapists.match.ways import WAYS
from therapists.models import Term, Therapist


class Version(models.Model):
    """What a version of an approach's page keeps beside the page's own columns."""

    # {"sources": [{citation, url, year}], "helps_with": [[vocabulary, slug, name]],
    #  "related": [[slug, name]]}, in the order of the page: by slug and name, so that a version
    # can be read, and returned to, after a term was merged or a page renamed.
    beside = models.JSONField(default=dict, editable=False)

    class Meta:
        abstract = True


class Approach(models.Model):
    """A way of working, such as relational therapy, and what its page says of it."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True, help_text="The address: /approaches/…/")
    synonyms = ArrayField(
        models.CharField(max_length=80),
        blank=True,
        default=list,
        help_text="Other names that people know it by, with commas between them.",
    )
    summary = models.CharField(
        max_length=300, blank=True, help_text="What it is, in one or two plain sentences."
    )
    overview = models.TextField(blank=True, help_text="Markdown, 150 to 300 words.")
    helps_with = models.ManyToManyField(
        Term,
        blank=True,
        related_name="helped_by",
        limit_choices_to={"vocabulary__slug": "issue"},
        help_text="The issues that it is used for.",
    )
    evidence = models.TextField(
        blank=True, help_text="Markdown: what was found, how strong, where it is thin."
    )
    limits = models.TextField(
        blank=True, help_text="Markdown: whom it suits less, what it asks, when to seek other help."
    )
    ways = ArrayField(
        models.CharField(max_length=12, choices=WAYS),
        blank=True,
        default=list,
        verbose_name="how one works in it",
        help_text="“Find your match” asks how somebody likes to work: which answers lead here?",
    )
    related = models.ManyToManyField("self", blank=True, symmetrical=False, related_name="+")
    reviewed_by = models.CharField(max_length=120, blank=True)
    reviewed_on = models.DateField(null=True, blank=True)
    status = models.CharField(
        max_length=10, choices=Status, default=Status.DRAFT, editable=False, db_index=True
    )
    published_on = models.DateField(null=True, blank=True, editable=False)
    publish_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ApproachQuerySet.as_manager()
    # One row for each time that the page was saved: see `approaches.versions`.
    history = HistoricalRecords(
        bases=[Version],
        excluded_fields=["created_at", "updated_at"],
        custom_model_name="ApproachVersion",
    )

    class Meta:
        ordering = [Lower("name"), "pk"]
        verbose_name_plural = "approaches"
        constraints = [
            models.CheckConstraint(
                name="approach_scheduled_is_draft",
                condition=Q(publish_at__isnull=True) | Q(status="draft"),
                violation_error_message="What is published already waits for no day.",
            ),
            models.CheckConstraint(
                name="approach_published_is_complete",
                condition=~Q(status="published")
                | ~Q(summary="") & ~Q(overview="") & Q(published_on__isnull=False),
                violation_error_message="A published page keeps its summary and its overview.",
            ),
            models.CheckConstraint(
                name="approach_has_a_name",
                condition=~Q(name=""),
                violation_error_message="An approach needs a name.",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("approaches:approach", args=[self.slug])

    @property
    def published_related(self):
        """Of the related pages those that are public; read beforehand by `for_page`."""
        return [one for one in self.related.all() if one.status == self.Status.PUBLISHED]

    @property
    def summary_opens_overview(self):
        """Whether the page would say the same sentence twice, as an imported one does."""
        return self.overview.startswith(self.summary)

    @property
    def is_due_for_review(self):
        """Agrees with `Approach.objects.due_for_review()`."""
        return self.status == self.Status.PUBLISHED and (
            self.reviewed_on is None or self.reviewed_on < review_due_before()
        )

    @property
    def is_overdue(self):
        """Whether the moment at which it should have become public has passed."""
        return self.publish_at is not None and self.publish_at <= timezone.now()


class ApproachAlias(models.Model):
    """An old address of an approach that was renamed; it leads to the new one."""

    slug = models.SlugField(
        max_length=140,
        unique=True,
        error_messages={"unique": "This old address leads somewhere already."},
    )
    approach = models.ForeignKey(Approach, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        verbose_name_plural = "approach aliases"

    def __str__(self):
        return self.slug


class Source(models.Model):
    """One published work that an approach's page rests on."""

    approach = models.ForeignKey(Approach, on_delete=models.CASCADE, related_name="sources")
    citation = models.CharField(max_length=500)
    url = models.URLField(
        "link", blank=True, max_length=300, validators=[URLValidator(schemes=["http", "https"])]
    )
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="source_has_a_citation",
                condition=~Q(citation=""),
                violation_error_message="A source needs its citation.",
            )
        ]

    def __str__(self):
        return self.citation[:80]


class Specialist(models.Model):
    """One therapist in the light of one approach: training, and a statement in their own words.

    A new version of the statement that waits for staff is a `therapists.models.Proposal`.
    """

    class Training(models.TextChoices):
        CERTIFIED = "certified", "Certified"
        FORMAL = "formal", "Took a training"
        SUPERVISED = "supervised", "Practices it under supervision"
        SELF_STUDY = "self-study", "Learned by self-study"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        APPROVED = "approved", "Approved"

    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="specialisms")
    approach = models.ForeignKey(Approach, on_delete=models.PROTECT, related_name="specialists")
    training = models.CharField(
        max_length=10, choices=Training, blank=True, help_text="Leave empty for “not stated”."
    )
    training_body = models.CharField("trained by", max_length=120, blank=True)
    training_year = models.PositiveSmallIntegerField("in the year", null=True, blank=True)
    statement = models.TextField(
        blank=True, help_text="How they work with this approach, in their own words. Plain text."
    )
    state = models.CharField(
        "statement is", max_length=10, choices=State, default=State.DRAFT, editable=False
    )
    # A draft with a day was withdrawn by somebody, and no import brings it back.
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    position = models.PositiveSmallIntegerField(
        "pinned place",
        null=True,
        blank=True,
        help_text="A number pins this statement above the day's order; the page says so.",
    )

    objects = SpecialistQuerySet.as_manager()

    class Meta:
        ordering = ["approach", "therapist", "pk"]
        indexes = [
            models.Index(fields=["approach", "state"]),
            models.Index(
                fields=["approach"],
                condition=Q(position__isnull=False),
                name="specialist_pinned",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["therapist", "approach"],
                name="specialist_once_per_approach",
                violation_error_message="This therapist is a specialist of this approach already.",
            ),
            models.CheckConstraint(
                name="specialist_approved_says_something",
                condition=~Q(state="approved") | ~Q(statement=""),
                violation_error_message="There is no statement to approve.",
            ),
        ]

    def __str__(self):
        return f"{self.therapist} on {self.approach}"

    @property
    def public_statement(self):
        """The words that the public may read, or ""."""
        return self.statement if self.state == self.State.APPROVED else ""
