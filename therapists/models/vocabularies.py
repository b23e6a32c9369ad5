"""The controlled lists that staff keep, and the words in them."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from therapists.querysets import TermQuerySet

# Parameters of the listing that a vocabulary may not take for itself.
RESERVED_PARAMETERS = {
    "approach", "availability", "city", "day", "fee", "format", "free-call", "licence", "near",
    "order", "page", "q", "sliding", "state", "training", "unstated", "within",
}  # fmt: skip


def not_reserved(slug):
    """Refuse a vocabulary whose slug is a parameter of the listing already."""
    if slug in RESERVED_PARAMETERS:
        raise ValidationError(f"“{slug}” is used in addresses already. Choose another slug.")


class Vocabulary(models.Model):
    """A controlled list that staff keep without a migration: issues, languages, access needs..."""

    slug = models.SlugField(
        unique=True,
        validators=[not_reserved],
        help_text="The name in addresses, in the singular: “issue” gives ?issue=grief.",
    )
    name = models.CharField(max_length=80, help_text="As staff see it: “Issues”.")
    question = models.CharField(
        max_length=120, help_text="The heading over its choices, in a client's words."
    )
    explanation = models.CharField(
        max_length=300, blank=True, help_text="One plain sentence where the words are jargon."
    )
    may_be_unstated = models.BooleanField(
        default=False,
        help_text="Therapists may well leave it out: “not stated” is then offered beside it.",
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="Low numbers stand first.")

    class Meta:
        ordering = ["position", Lower("name"), "pk"]
        verbose_name_plural = "vocabularies"

    def __str__(self):
        return self.name


class Term(models.Model):
    """One word of a vocabulary: grief, Aetna, Spanish."""

    vocabulary = models.ForeignKey(Vocabulary, on_delete=models.PROTECT, related_name="terms")
    slug = models.SlugField(help_text="The value in addresses: “grief” gives ?issue=grief.")
    name = models.CharField(max_length=100)
    synonyms = ArrayField(
        # As long as a name: that of a term that is merged into this one becomes a synonym.
        models.CharField(max_length=100),
        blank=True,
        default=list,
        help_text="Other words that people search by, with commas between them.",
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="Low numbers stand first.")
    retired_on = models.DateField(
        "retired on",
        null=True,
        blank=True,
        editable=False,
        help_text="Since then it is not offered any more; those who stated it keep it.",
    )

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = ["vocabulary", "position", Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["vocabulary", "slug"],
                name="term_slug_once_per_vocabulary",
                violation_error_message="This vocabulary has a term with this slug already.",
            )
        ]

    def __str__(self):
        return self.name


class TermAlias(models.Model):
    """An old slug of a term that was renamed, or of one that was merged into it."""

    vocabulary = models.ForeignKey(Vocabulary, on_delete=models.CASCADE, related_name="+")
    slug = models.SlugField()
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vocabulary", "slug"],
                name="term_alias_once_per_vocabulary",
                violation_error_message="This old address leads somewhere already.",
            )
        ]

    def __str__(self):
        return self.slug
