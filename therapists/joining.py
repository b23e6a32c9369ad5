"""How a profile comes to its therapist: joining, invitation, claim, and consent.

The only place that writes `Consent`, and a profile's owner by its own consent. Verbs take `by`, the
person who acts, and raise `django.core.exceptions.ValidationError` with a sentence.
"""

from datetime import datetime, time

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from therapists import invitations, letters, publishing
from therapists.history import record
from therapists.models import Consent, Therapist
from therapists.search.turns import take_turn
from therapists.slugs import unique_slug

# The text that people agree to: templates/consent/<version>.html. Another wording is another
# version, is kept beside the older ones, and is asked of everybody once.
CONSENT_VERSION = "2026-11-28"
OWN_WORD = "Agreed themselves, signed in on this site"


@transaction.atomic
def join(*, by, kind, name, title="", post_nominals=""):
    """A new draft, owned by the user `by`, who agrees to be listed.

    Who has a profile already gets that one: a form may be sent twice.
    """
    take_turn()  # of two that were sent, the second sees what the first made
    if mine := Therapist.objects.owned_by(by).order_by("pk").first():
        return mine
    alike = Therapist.objects.filter(slug__startswith=unique_slug(name, ()))
    therapist = Therapist(
        kind=kind,
        name=name,
        title=title,
        post_nominals=post_nominals,
        slug=unique_slug(name, set(alike.values_list("slug", flat=True))),
        owner=by,
        email=_verified_address(by),
    )
    therapist.full_clean(exclude=["owner"])
    therapist.save()
    record(therapist, "Joined.", by=by)
    return agree(therapist, by=by)


@transaction.atomic
def agree(therapist, *, by):
    """The owner agrees to the text as it stands today; once is enough."""
    therapist = _owned(therapist, by)
    standing = therapist.consents.standing()
    if standing.filter(text_version=CONSENT_VERSION).exists():
        return therapist
    _keep_the_earlier_word(therapist)
    now = timezone.now()
    # The demo's people stay marked as invented, whoever tries out their profile.
    basis = therapist.consent_basis if therapist.is_invented else OWN_WORD
    therapist.consents.create(given_on=now, text_version=CONSENT_VERSION, basis=basis, given_by=by)
    therapist.consent_on, therapist.consent_basis = timezone.localdate(now), basis
    therapist.save(update_fields=["consent_on", "consent_basis", "updated_at"])
    record(therapist, f"Agreed to be listed (text of {CONSENT_VERSION}).", by=by)
    return therapist


@transaction.atomic
def take_back(therapist, *, by):
    """The owner does not agree, or no more: hidden at once, and nobody can publish it again.

    What was agreed to before stays on record, with the moment at which it ended.
    """
    therapist = _owned(therapist, by)
    _keep_the_earlier_word(therapist)
    therapist.consents.standing().update(withdrawn_at=timezone.now())
    therapist = publishing.withdraw(therapist, by=by)
    therapist.consent_on, therapist.consent_basis = None, ""
    therapist.save(update_fields=["consent_on", "consent_basis", "updated_at"])
    record(therapist, "Took the consent back.", by=by)
    return therapist


def asks_consent(user):
    """The profiles of `user` that lack a standing consent of their own to today's text."""
    agreed = Consent.objects.standing().filter(
        therapist=OuterRef("pk"), text_version=CONSENT_VERSION
    )
    return Therapist.objects.owned_by(user).filter(~Exists(agreed)).order_by("pk")


@transaction.atomic
def invite(therapist, *, by):
    """Write to the address that staff hold: "keep this profile yourself"."""
    therapist = publishing.locked(therapist)
    if therapist.owner_id:
        raise ValidationError(f"{therapist.name} has a sign-in already.")
    if not therapist.email:
        raise ValidationError(
            f"We hold no e-mail address of {therapist.name}: write it down under Contact first."
        )
    path = reverse("joining:invitation", args=[invitations.token_for(therapist)])
    letters.send(
        "invitation",
        therapist.email,
        about=therapist,
        by=by,
        unsent="Invite them again in a while.",
        therapist=therapist,
        link=letters.whole_address(path),
        days=invitations.days(),
    )
    record(therapist, "Invited to keep this profile.", by=by)
    return therapist


@transaction.atomic
def claim(token, *, by):
    """The profile of an invitation becomes that of `by`, whoever they are: they hold the letter."""
    therapist = publishing.locked(invitations.therapist_of(token))
    # Again under the lock: somebody else may have followed the same link meanwhile.
    invitations.check(token, therapist)
    therapist.owner = by
    therapist.save(update_fields=["owner", "updated_at"])
    # The letter reached this address, so it needs no second one.
    for address in EmailAddress.objects.filter(user=by, email__iexact=therapist.email):
        address.set_verified()
    record(therapist, "Claimed by an invitation.", by=by)
    return therapist


def _verified_address(user):
    """Where `user` has shown that mail reaches them; empty where they have not."""
    verified = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    return verified.values_list("email", flat=True).first() or ""


def _keep_the_earlier_word(therapist):
    """Consent that staff or an import wrote down, before it gives way to the therapist's own."""
    if not therapist.consent_on or therapist.consents.standing().exists():
        return
    day = timezone.make_aware(datetime.combine(therapist.consent_on, time.min))
    # A day may have been written down that is yet to come.
    given_on = min(day, timezone.now())
    basis = therapist.consent_basis or "Not written down"
    therapist.consents.create(given_on=given_on, basis=basis)


def _owned(therapist, user):
    therapist = publishing.locked(therapist)
    if therapist.owner_id != user.pk:
        raise ValidationError("This profile is not yours.")
    return therapist
