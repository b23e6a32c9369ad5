"""The only place where a proposal moves: waiting -> approved, sent back, replaced, taken back.

A proposal is a new version of words or of a photo, or another wish that staff decide on. What the
public reads stays as it is until `approve` puts the version in its place.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from therapists import letters, publishing
from therapists.history import record
from therapists.models import Proposal

Part, State = Proposal.Part, Proposal.State

# The columns of a therapist that a part becomes.
COLUMNS = {
    Part.ABOUT: "about",
    Part.PHOTO: "photo",
    Part.NAME: "name",
    Part.TITLE: "title",
    Part.POST_NOMINALS: "post_nominals",
}

# {part: (published(proposal) -> value, publish(proposal))} for parts that are kept elsewhere.
_kept_elsewhere = {}


def kept_elsewhere(part, published, publish):
    """Say where a part is kept that is no column of a therapist: for apps above this one."""
    _kept_elsewhere[part] = published, publish


def published(proposal):
    """What the public reads today in the place of this version: text, or a photo, or ""."""
    if proposal.part in COLUMNS:
        return getattr(proposal.therapist, COLUMNS[proposal.part])
    if proposal.part in _kept_elsewhere:
        return _kept_elsewhere[proposal.part][0](proposal)
    return ""


def waiting(therapist, part, specialist=None):
    """The version of a part that waits for review, or None."""
    return therapist.proposals.waiting().filter(part=part, specialist=specialist).first()


def all_on_hand(therapist):
    """{(part, specialist's key or None): version} of what the therapist works on.

    That is the last version of each part, if it waits or was sent back.
    """
    last = therapist.proposals.order_by("part", "specialist_id", "-submitted_at", "-pk")
    last = last.distinct("part", "specialist_id").select_related("specialist__approach")
    held = {State.WAITING, State.SENT_BACK}
    return {(one.part, one.specialist_id): one for one in last if one.state in held}


def on_hand(therapist, part, specialist=None):
    """The version of one part that the therapist works on, or None."""
    return all_on_hand(therapist).get((part, specialist and specialist.pk))


@transaction.atomic
def propose(therapist, part, *, by, text="", photo="", specialist=None):
    """Hand a new version to staff; one that waits is replaced. Returns what waits now, or None.

    `text` as the therapist wrote it; `photo` the stored name of a taken-in photo; `specialist`
    whose statement it is. A version that says what the public reads already takes back the one
    that waits, and nothing waits.
    """
    therapist = publishing.locked(therapist)
    proposal = Proposal(
        therapist=therapist, part=part, specialist=specialist, text=text, photo=photo,
        submitted_by=by,
    )  # fmt: skip
    before = waiting(therapist, part, specialist)
    is_published = part in {*COLUMNS, *_kept_elsewhere} and (text or photo) == published(proposal)
    if before and not is_published and (before.text, before.photo.name) == (text, photo):
        return before
    if before:
        _move(before, State.REPLACED, by)
    if is_published:
        return None
    proposal.full_clean()
    proposal.save()
    record(therapist, f"{proposal.get_part_display()} handed in for review.", by=by)
    return proposal


@transaction.atomic
def propose_first(versions, *, by):
    """Hand in many versions of which none has one before it, published or waiting: an import's.

    `versions` are (therapist, part, text, specialist or None).
    """
    Proposal.objects.bulk_create(
        [
            Proposal(
                therapist=therapist, part=part, text=text, specialist=specialist, submitted_by=by
            )
            for therapist, part, text, specialist in versions
        ],
        batch_size=1_000,
    )


@transaction.atomic
def approve(proposal, *, by, along_with=()):
    """Put a version in the place of the published one.

    With a wish to be listed, `along_with` are the versions that were looked at with it: they are
    approved first, and then the profile is published. The therapist is told by letter.
    """
    proposal = _waiting(proposal)
    for other in along_with:
        _publish(_waiting(other), by)
    _publish(proposal, by)
    _tell(proposal, "approved", by)
    return proposal


@transaction.atomic
def send_back(proposal, *, by, reason):
    """Ask the therapist for another version, and say why. What is published stays."""
    if not reason.strip():
        raise ValidationError("Say why: the therapist will read it.")
    proposal = _waiting(proposal)
    proposal.reason = reason.strip()
    _move(proposal, State.SENT_BACK, by)
    record(proposal.therapist, f"{proposal.get_part_display()} sent back. {proposal.reason}", by=by)
    _tell(proposal, "sent_back", by)
    return proposal


@transaction.atomic
def take_back(proposal, *, by):
    """The therapist no longer wants this version: one that waits, or one that was sent back."""
    proposal = _waiting(proposal, or_sent_back=True)
    _move(proposal, State.TAKEN_BACK, by)
    record(proposal.therapist, f"{proposal.get_part_display()} taken back.", by=by)
    return proposal


@transaction.atomic
def remove(therapist, part, *, by, specialist=None):
    """Take words or a photo from the public at once, and whatever waits in their place.

    What is gone needs nobody's approval: they are the therapist's own.
    """
    therapist = publishing.locked(therapist)
    if proposal := on_hand(therapist, part, specialist):
        take_back(proposal, by=by)
    nothing = Proposal(therapist=therapist, part=part, specialist=specialist)
    _put_in_place(nothing)
    record(therapist, f"{nothing.get_part_display()} removed.", by=by)


def _publish(proposal, by):
    """Write an approved version where the public reads it."""
    _put_in_place(proposal)
    if proposal.part == Part.LISTING:
        publishing.publish(proposal.therapist, by=by)
    _move(proposal, State.APPROVED, by)
    record(proposal.therapist, f"{proposal.get_part_display()} approved.", by=by)


def _put_in_place(proposal):
    therapist = proposal.therapist
    if proposal.part in COLUMNS:
        column = COLUMNS[proposal.part]
        setattr(therapist, column, proposal.photo.name or proposal.text)
        therapist.full_clean(exclude={"slug"})
        therapist.save(update_fields=[column, "updated_at"])
    elif proposal.part in _kept_elsewhere:
        _kept_elsewhere[proposal.part][1](proposal)


def _move(proposal, state, by):
    proposal.state, proposal.decided_at, proposal.decided_by = state, timezone.now(), by
    proposal.save(update_fields=["state", "decided_at", "decided_by", "reason"])


def _waiting(proposal, *, or_sent_back=False):
    """The proposal as it is now, its therapist held, if it waits still."""
    therapist = publishing.locked(proposal.therapist)
    proposal = Proposal.objects.select_related("specialist").get(pk=proposal.pk)
    proposal.therapist = therapist
    allowed = {State.WAITING, State.SENT_BACK} if or_sent_back else {State.WAITING}
    if proposal.state not in allowed:
        raise ValidationError(f"{proposal}: it is “{proposal.get_state_display()}” now.")
    return proposal


def _tell(proposal, template, by):
    therapist = proposal.therapist
    if to := therapist.letters_to:
        letters.send(
            template,
            to,
            about=therapist,
            by=by,
            unsent="It is written down all the same, and they see it when they next sign in.",
            proposal=proposal,
            therapist=therapist,
        )
