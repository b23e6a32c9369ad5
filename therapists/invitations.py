"""The link in a letter that invites a therapist to keep their own profile.

It is signed, and names the profile and, hashed, the address that it was sent to. So it ends by
itself: after `INVITATION_DAYS`, when the profile is claimed, and when staff change the address.
"""

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare, salted_hmac

from therapists.models import Therapist

SALT = "therapists.invitations"

OLD = "This invitation is too old. Please ask the people who run this directory for a new one."
BROKEN = "This link is not complete. Please open it from the letter once more, or copy all of it."
OVER = (
    "This invitation does not hold any more. Please ask the people who run this directory for a "
    "new one."
)
CLAIMED = "This profile is kept by somebody already. If that was you, sign in."


def days():
    return settings.INVITATION_DAYS


def token_for(therapist):
    return signing.dumps([therapist.pk, _fingerprint(therapist.email)], salt=SALT)


def therapist_of(token):
    """The therapist whom a token invites; ValidationError with a sentence if it holds no more."""
    pk, _ = _read(token)
    therapist = Therapist.objects.filter(pk=pk).first()
    if therapist is None:
        raise ValidationError(OVER)
    check(token, therapist)
    return therapist


def check(token, therapist):
    """Refuse a token that `therapist`, as the row is now, does not answer to."""
    pk, fingerprint = _read(token)
    if therapist.owner_id:
        raise ValidationError(CLAIMED)
    known = therapist.email and _fingerprint(therapist.email)
    if pk != therapist.pk or not known or not constant_time_compare(fingerprint, known):
        raise ValidationError(OVER)


def _read(token):
    try:
        pk, fingerprint = signing.loads(token, salt=SALT, max_age=days() * 86_400)
    except signing.SignatureExpired:
        raise ValidationError(OLD) from None
    except (signing.BadSignature, ValueError, TypeError):
        raise ValidationError(BROKEN) from None
    if not (isinstance(pk, int) and isinstance(fingerprint, str)):
        raise ValidationError(BROKEN)
    return pk, fingerprint


def _fingerprint(address):
    return salted_hmac(SALT, address.strip().lower(), algorithm="sha256").hexdigest()[:32]
