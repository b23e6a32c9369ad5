"""The only place where the state of a statement changes: draft -> approved -> draft.

What waits for staff is a version of its own (`therapists.review`), which takes its place here once
it is approved. Each verb takes `by`, leaves one line in the admin's history, and raises
ValidationError with a sentence when it may not be.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from approaches.models import Specialist
from therapists import review
from therapists.history import record
from therapists.models import Proposal
from therapists.search.turns import take_turn

State = Specialist.State


@transaction.atomic
def approve(specialist, *, by):
    """Let the public read the words in place: entered by staff, imported, or withdrawn before."""
    specialist = _locked(specialist)
    if not specialist.statement.strip():
        raise ValidationError(f"{specialist}: there is no statement to approve.")
    return _moved(specialist, State.APPROVED, "Statement approved.", by)


@transaction.atomic
def withdraw(specialist, *, by):
    """Take a statement from the public; its words are kept as a draft."""
    return _moved(_locked(specialist), State.DRAFT, "Statement withdrawn.", by)


@transaction.atomic
def propose(specialist, words, *, by):
    """Hand in another version of a statement. Returns what waits now, or None."""
    return review.propose(
        specialist.therapist, Proposal.Part.STATEMENT, by=by, text=words, specialist=specialist
    )


def _locked(specialist):
    """The row as it is now, held until the transaction ends."""
    take_turn()
    held = Specialist.objects.select_for_update(of=("self",))
    return held.select_related("therapist", "approach").get(pk=specialist.pk)


def _moved(specialist, state, sentence, by):
    specialist.state, specialist.decided_at = state, timezone.now()
    specialist.save(update_fields=["state", "decided_at"])
    record(specialist, sentence, by=by)
    return specialist


def _public_words(proposal):
    return proposal.specialist.public_statement


def _publish_version(proposal):
    """Put a version of a statement in the place of the one that is published; "" removes it."""
    specialist = _locked(proposal.specialist)
    specialist.statement = proposal.text
    specialist.state = State.APPROVED if proposal.text else State.DRAFT
    specialist.decided_at = timezone.now()
    specialist.save(update_fields=["statement", "state", "decided_at"])


review.kept_elsewhere(Proposal.Part.STATEMENT, _public_words, _publish_version)
