"""The only place where terms are renamed in addresses, retired, brought back and merged.

Each verb takes `by`, the person who acts (None for a command), and leaves one line in the admin's
history. It raises `django.core.exceptions.ValidationError` with a sentence when it may not be.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.dispatch import Signal
from django.utils import timezone

from therapists.history import record
from therapists.models import Term, TermAlias, Therapist
from therapists.search.turns import followed_once, take_turn

# Sent in the transaction of a merge, before `gone` is deleted and after all has moved: with `term`,
# what stays; `holders`, {model: [primary keys of rows that held what is gone]}; and `by`.
merged = Signal()

LONGEST_SYNONYM = Term._meta.get_field("synonyms").base_field.max_length


@dataclass(frozen=True)
class Moving:
    """What a merge moves from one term to the other, of one kind of rows."""

    words: str  # "12 therapists"
    count: int  # how many hold the term that goes
    both: int  # how many of them hold the other one already


def check_slug(vocabulary, slug, *, term=None):
    """Refuse a slug that leads to another term since that one was renamed or merged."""
    aliases = TermAlias.objects.filter(vocabulary=vocabulary, slug=slug).select_related("term")
    taken = aliases.exclude(term=term).first() if term and term.pk else aliases.first()
    if taken:
        raise ValidationError(
            f"“{slug}” leads to “{taken.term}”, which was called so before. Choose another slug."
        )


@transaction.atomic
def keep_old_slug(term, old_slug, *, by):
    """After a term was given another slug: addresses with the old one lead to the new one."""
    take_turn()
    TermAlias.objects.filter(vocabulary=term.vocabulary_id, slug=term.slug, term=term).delete()
    TermAlias.objects.get_or_create(
        vocabulary_id=term.vocabulary_id, slug=old_slug, defaults={"term": term}
    )
    record(term, f"Addresses with “{old_slug}” lead to “{term.slug}” now.", by=by)


@transaction.atomic
def retire(term, *, by):
    """Offer a term no longer. Those who stated it keep it, and old addresses still find them."""
    term = _locked(term)
    if term.retired_on:
        raise ValidationError(f"“{term}” is retired already.")
    term.retired_on = timezone.localdate()
    term.save(update_fields=["retired_on"])
    record(term, "Retired.", by=by)
    return term


@transaction.atomic
def bring_back(term, *, by):
    """Offer a retired term again."""
    term = _locked(term)
    if not term.retired_on:
        raise ValidationError(f"“{term}” is offered already.")
    term.retired_on = None
    term.save(update_fields=["retired_on"])
    record(term, "Brought back.", by=by)
    return term


def moving(term, into):
    """A `Moving` for each kind of rows that hold `term`: therapists first, then approaches."""
    found = []
    for relation, holder, held in _holdings():
        rows = relation.through.objects.filter(**{held: term.pk})
        has_both = relation.through.objects.filter(**{held: into.pk}).values(holder)
        meta, count = relation.related_model._meta, rows.count()
        words = f"{count:,} {meta.verbose_name if count == 1 else meta.verbose_name_plural}"
        found.append(Moving(words, count, rows.filter(**{f"{holder}__in": has_both}).count()))
    return found


@followed_once()
def merge(term, into, *, by):
    """Make two terms one: everything that holds `term` holds `into`, and `term` is no more.

    Its name and synonyms become synonyms, its addresses lead on. Nobody can take this back: who
    held which of the two is not known afterwards.
    """
    with connection.cursor() as cursor:
        # A great many may hold it, and the index follows all of them. Half of it is not to be had.
        cursor.execute("SET LOCAL statement_timeout = 0")
    take_turn()
    locked = Term.objects.select_for_update().in_bulk(sorted({term.pk, into.pk}))
    if term.pk == into.pk:
        raise ValidationError("Choose another term: this is the same one.")
    if len(locked) < 2:
        raise ValidationError("One of the two terms is gone already.")
    term, into = locked[term.pk], locked[into.pk]
    if term.vocabulary_id != into.vocabulary_id:
        raise ValidationError(f"“{term}” and “{into}” stand in different vocabularies.")
    counts = ", ".join(one.words for one in moving(term, into))
    holders = {}
    for relation, holder, held in _holdings():
        holders[relation.related_model] = _moved(relation.through.objects, holder, held, term, into)
    _join_synonyms(term, into)
    TermAlias.objects.filter(term=term).update(term=into)
    merged.send(sender=Term, gone=term, term=into, holders=holders, by=by)
    gone, slug = str(term), term.slug
    term.delete()
    TermAlias.objects.create(vocabulary_id=into.vocabulary_id, slug=slug, term=into)
    record(into, f"“{gone}” was merged into it: {counts}.", by=by)
    return into


def _holdings():
    """[(relation, column of the holder, column of the term)] of all that may hold terms."""
    # By reverse relations: approaches hold terms, too, and are not known here.
    relations = [one for one in Term._meta.related_objects if one.many_to_many]
    relations.sort(key=lambda one: one.related_model is not Therapist)
    return [(one, one.field.m2m_column_name(), one.field.m2m_reverse_name()) for one in relations]


def _moved(rows, holder, held, term, into):
    """Let those who hold one term hold the other, each once; returns who they are."""
    old = rows.filter(**{held: term.pk})
    everyone = list(old.values_list(holder, flat=True))
    has_both = rows.filter(**{held: into.pk}).values(holder)
    old.exclude(**{f"{holder}__in": has_both}).update(**{held: into.pk})
    old.delete()
    return everyone


def _join_synonyms(term, into):
    known = {into.name.casefold()}
    joined = []
    for word in [*into.synonyms, term.name, *term.synonyms]:
        if word.casefold() not in known and len(word) <= LONGEST_SYNONYM:
            known.add(word.casefold())
            joined.append(word)
    into.synonyms = joined
    into.save(update_fields=["synonyms"])


def _locked(term):
    take_turn()
    return Term.objects.select_for_update().get(pk=term.pk)
