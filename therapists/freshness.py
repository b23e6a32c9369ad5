"""Keeps availability fresh: asks by letter, and takes the answer by the letter's own link.

A letter is noted down before it leaves, so a command that is killed in between may lose one letter,
and the next run sends none twice. What the mail server refuses is crossed out again, and tried by
the next run.
"""

from datetime import date, timedelta
from smtplib import SMTPDataError, SMTPNotSupportedError, SMTPRecipientsRefused

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Value, When
from django.urls import reverse
from django.utils import timezone

from therapists import letters, publishing
from therapists.models import AvailabilityLetter, Therapist
from therapists.search.turns import take_turn

Stage = AvailabilityLetter.Stage

# What a mail server says of one letter; anything else is said of the server or the sender.
_OF_THIS_LETTER = (SMTPRecipientsRefused, SMTPDataError, SMTPNotSupportedError)

_signer = signing.TimestampSigner(salt="therapists.freshness", sep=".")


def stage_of(therapist):
    """The letter that is due by the age of the last confirmation; None where none is."""
    confirmed = therapist.availability_confirmed_on
    if therapist.status != Therapist.Status.PUBLISHED or confirmed is None:
        return None
    return next((stage for stage, before in _stages() if confirmed < before), None)


def due():
    """The numbers of those who are to get a letter today, or would if they had an address."""
    stage = Case(
        *(When(availability_confirmed_on__lt=day, then=Value(name)) for name, day in _stages())
    )
    written = AvailabilityLetter.objects.filter(
        therapist=OuterRef("pk"),
        confirmed_on=OuterRef("availability_confirmed_on"),
        stage=OuterRef("stage"),
    )
    return (
        Therapist.objects.filter(status=Therapist.Status.PUBLISHED)
        .alias(stage=stage)
        .filter(stage__isnull=False)
        .exclude(Exists(written))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def unclear():
    """Letters of which nobody knows whether they left: the command was killed over them."""
    an_hour_ago = timezone.now() - timedelta(hours=1)  # a run may be under way
    return (
        AvailabilityLetter.objects.filter(sent_at=None, begun_at__lt=an_hour_ago)
        .filter(confirmed_on=F("therapist__availability_confirmed_on"))
        .select_related("therapist")
    )


def _stages():
    """[(stage, the day before which a confirmation is that old)], the oldest first."""
    today = timezone.localdate()
    ages = [
        (Stage.HIDDEN, settings.AVAILABILITY_HIDDEN_AFTER),
        (Stage.FLAGGED, settings.AVAILABILITY_FLAGGED_AFTER),
        (Stage.ASKED, settings.AVAILABILITY_ASKED_AFTER),
    ]
    return [(stage, today - timedelta(days=days)) for stage, days in ages]


class LetterError(Exception):
    """A letter could not be sent. It is noted down nowhere, so the next run tries again."""


class RefusedError(LetterError):
    """The mail server, or the rules of mail, refused this one letter."""


def ask(therapist, stage):
    """Send the letter of a stage, once. Returns whether it was sent; raises what stopped it."""
    note = _noted(therapist, stage)
    if note is None:
        return False
    try:
        _letter(therapist, stage).send()
    except Exception as error:  # not Ctrl-C: by then the letter may have left
        note.delete()
        if isinstance(error, (*_OF_THIS_LETTER, ValueError)):
            raise RefusedError from error
        if isinstance(error, OSError):  # smtplib's own are of this kind
            raise LetterError from error
        raise
    note.sent_at = timezone.now()
    note.save(update_fields=["sent_at"])
    return True


def _noted(therapist, stage):
    """The note of a letter that is to leave now; None where another run has it already."""
    note, is_new = AvailabilityLetter.objects.get_or_create(
        therapist=therapist, confirmed_on=therapist.availability_confirmed_on, stage=stage
    )
    return note if is_new else None


def _letter(therapist, stage):
    address = reverse("therapists:still-true", args=[token_for(therapist)])
    letter = letters.written(
        "still_true",
        therapist.letters_to,
        therapist=therapist,
        stage=stage.value,
        hidden_on=therapist.availability_confirmed_on
        + timedelta(days=settings.AVAILABILITY_HIDDEN_AFTER + 1),
        link=letters.whole_address(address),
        works_for=settings.AVAILABILITY_LINK_WORKS_FOR,
    )
    # Nobody's "I am on holiday" shall answer a machine (RFC 3834).
    letter.extra_headers["Auto-Submitted"] = "auto-generated"
    return letter


# --- The link ------------------------------------------------------------------------------------


def token_for(therapist):
    """What the link in a letter carries: whose it is, and which confirmation it renews."""
    confirmed = therapist.availability_confirmed_on
    return _signer.sign_object([therapist.pk, confirmed.isoformat()])


def read(token):
    """(number of the therapist, day of the confirmation that the letter was about).

    Raises `signing.SignatureExpired`, or `signing.BadSignature` for what we have not signed.
    """
    works_for = timedelta(days=settings.AVAILABILITY_LINK_WORKS_FOR)
    number, confirmed = _signer.unsign_object(token, max_age=works_for)
    return number, date.fromisoformat(confirmed)


def is_answered(therapist, confirmed_on):
    """Whether somebody has confirmed since the letter about `confirmed_on`."""
    return therapist.availability_confirmed_on != confirmed_on


@transaction.atomic
def renew(token, availability):
    """Confirm by a letter's link; `availability` "" leaves it unstated. Returns the therapist."""
    number, confirmed_on = read(token)
    take_turn()
    therapist = Therapist.objects.select_for_update().filter(pk=number).first()
    if therapist is None or therapist.status != Therapist.Status.PUBLISHED:
        raise ValidationError("This profile is not public at present.")
    if is_answered(therapist, confirmed_on):
        raise ValidationError("This was confirmed already.")
    return publishing.confirm_availability(
        therapist, by=therapist.owner, availability=availability or None
    )
