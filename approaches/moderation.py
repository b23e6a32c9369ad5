"""The only place where the state of a statement changes.

draft -> submitted -> approved or sent back; an approved one can be withdrawn to draft, and any
change of its words by hand goes through `submit` again. Each verb takes `by`, leaves one line in
the admin's history, and raises ValidationError with a sentence when it may not be.
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
MAX_NOTE = Specialist._meta.get_field("decision_note").max_length


@transaction.atomic
def submit(specialist, *, by):
    """Hand a statement to staff for review."""
    specialist = _locked(specialist)
    if not specialist.statement.strip():
        raise ValidationError(f"{specialist}: there is no statement to review.")
    return _moved(specialist, State.SUBMITTED, "Submitted for review.", by, submitted=True)


@transaction.atomic
def approve(specialist, *, by):
    """Let the public read a statement."""
    specialist = _locked(specialist)
    if not specialist.statement.strip():
        raise ValidationError(f"{specialist}: there is no statement to approve.")
    return _moved(specialist, State.APPROVED, "Statement approved.", by)


@transaction.atomic
def send_back(specialist, *, by, note=""):
    """Ask the therapist to change a statement; the public does not see it meanwhile."""
    specialist = _locked(specialist, {State.SUBMITTED, State.APPROVED})
    if len(note) > MAX_NOTE:
        raise ValidationError(f"{specialist}: the note may have at most {MAX_NOTE} characters.")
    specialist.decision_note = note
    return _moved(specialist, State.SENT_BACK, f"Sent back. {note}".strip(), by)


@transaction.atomic
def withdraw(specialist, *, by):
    """Take a statement from the public; its words are kept as a draft."""
    specialist = _locked(specialist)
    return _moved(specialist, State.DRAFT, "Statement withdrawn.", by)


def _locked(specialist, allowed=frozenset(State)):
    """The row as it is now, held until the transaction ends, if it is in an allowed state."""
    take_turn()
    specialist = (
        Specialist.objects.select_for_update(of=("self",))
        .select_related("therapist", "approach")
        .get(pk=specialist.pk)
    )
    if specialist.state not in allowed:
        raise ValidationError(f"{specialist}: it is “{specialist.get_state_display()}” now.")
    return specialist


def _moved(specialist, state, sentence, by, *, submitted=False):
    now = timezone.now()
    specialist.state = state
    if submitted:
        specialist.submitted_at, specialist.decided_at = now, None
        specialist.decision_note = ""
    else:
        specialist.decided_at = now
    specialist.save(update_fields=["state", "submitted_at", "decided_at", "decision_note"])
    record(specialist, sentence, by=by)
    return specialist


def _public_words(proposal):
    return proposal.specialist.public_statement


def _publish_version(proposal):
    """Put an approved version of a statement in the place of the one that is published."""
    specialist = _locked(proposal.specialist)
    specialist.statement, specialist.state = proposal.text, State.APPROVED
    specialist.decided_at = timezone.now()
    specialist.save(update_fields=["statement", "state", "decided_at"])


review.kept_elsewhere(Proposal.Part.STATEMENT, _public_words, _publish_version)
