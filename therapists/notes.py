"""The only place where notes for staff open and close: reports, conflicts of imports, faults."""

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import Truncator

from therapists.history import record
from therapists.models import ImportConflict, Report

# So that nobody can bury a profile, or the desk.
MOST_OPEN, MOST_A_DAY, MOST_A_DAY_OF_ALL = 20, 5, 500

MAX_WORDS = 600  # of a conflict: an index keeps them apart


@transaction.atomic
def report(therapist, reason, words=""):
    """Keep what a reader says is wrong. Returns the row, or None where staff know enough already.

    Kept is the day and no hour, and nothing of who said it.
    """
    with connection.cursor() as cursor:  # two at once count each other
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('therapists_report'))")
    today = Report.objects.filter(noted_on=timezone.localdate())
    about = Report.objects.filter(therapist=therapist)
    if (
        about.filter(done_on=None).count() >= MOST_OPEN
        or about.filter(noted_on=timezone.localdate()).count() >= MOST_A_DAY
        or today.count() >= MOST_A_DAY_OF_ALL
    ):
        return None
    return Report.objects.create(therapist=therapist, reason=reason, words=words)


def conflict(therapist, words):
    """Note what an import could not decide, once: also what is done is not noted again."""
    words = Truncator(words).chars(MAX_WORDS)
    ImportConflict.objects.get_or_create(therapist=therapist, words=words)


@transaction.atomic
def done(note, *, by, answer=None):
    """Close a note, with a word to other staff on what was done."""
    held = type(note)._base_manager.select_for_update(of=("self",)).get(pk=note.pk)
    if held.done_on:
        who = f" by {held.done_by}" if held.done_by else ""
        raise ValidationError(f"{held}: this was done{who} on {held.done_on:%B %-d, %Y} already.")
    held.done_on, held.done_by = timezone.localdate(), by
    if answer is not None:
        held.answer = answer.replace("\0", "").strip()  # no database keeps a NUL
    held.full_clean(exclude=["therapist"])
    held.save(update_fields=["done_on", "done_by", "answer"])
    record(held.therapist, f"{held.what}: done. {held.answer}".strip(), by=by)
    return held


@transaction.atomic
def reopen(note, *, by):
    """Put a note back among those that wait."""
    held = type(note)._base_manager.select_for_update(of=("self",)).get(pk=note.pk)
    if not held.done_on:
        raise ValidationError(f"{held}: this waits already.")
    held.done_on = held.done_by = None
    held.save(update_fields=["done_on", "done_by"])
    record(held.therapist, f"{held.what}: opened again.", by=by)
    return held
