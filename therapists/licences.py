"""The only place where the check of a licence changes: found in the register, or not.

Each verb takes `by`, the member of staff who looked, leaves one line in the admin's history of the
licence, and raises ValidationError with a sentence when it may not be.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from therapists.history import record
from therapists.models import Licence
from therapists.search.turns import take_turn

# What the register says of somebody. When one of these changes, a check says nothing any more.
CHECKED_FIELDS = frozenset({"state", "kind", "number", "compact"})

_CHECK = ["checked_on", "checked_by", "check_failed_on", "check_failed_because"]
_MOST = Licence._meta.get_field("check_failed_because").max_length


@transaction.atomic
def check(licence, *, by):
    """It was found in the board's register today, and is valid."""
    licence = _locked(licence)
    if licence.is_expired:
        raise ValidationError(
            f"{licence} ended on {date_format(licence.expires_on, 'F j, Y')}. If the register says "
            "that it was renewed, write down the new end first."
        )
    return _kept(licence, "Found in the register.", by, checked_on=timezone.localdate())


@transaction.atomic
def could_not_check(licence, *, by, reason):
    """It was looked for in vain. An earlier check does not count any more."""
    licence, reason = _locked(licence), " ".join(reason.split())
    if not reason:
        raise ValidationError(f"{licence}: say why it could not be checked.")
    if len(reason) > _MOST:
        raise ValidationError(f"{licence}: the reason may have at most {_MOST} characters.")
    today = timezone.localdate()
    return _kept(
        licence, f"Could not be checked: {reason}", by,
        check_failed_on=today, check_failed_because=reason,
    )  # fmt: skip


def after_edit(licence, changed, *, by):
    """Before a licence that was edited by hand is saved: what its check is worth now.

    `changed` are the names of the edited fields. Who enters the day of a check has checked. Who
    changes what was checked, and enters no day, ends the check. Returns whether it was ended.
    """
    if "checked_on" in changed:
        licence.checked_by = by if licence.checked_on else None
        _forget_failure(licence)
        return False
    if not CHECKED_FIELDS & set(changed):
        return False
    was_checked = licence.checked_on is not None
    licence.checked_on = licence.checked_by = None
    _forget_failure(licence)
    return was_checked


def _forget_failure(licence):
    licence.check_failed_on, licence.check_failed_because = None, ""


def _locked(licence):
    """The row as it is now, held until the transaction ends: two people may act at once."""
    take_turn()
    return Licence.objects.select_for_update(of=("self",)).select_related("compact").get(
        pk=licence.pk
    )  # fmt: skip


def _kept(licence, sentence, by, *, checked_on=None, check_failed_on=None, check_failed_because=""):
    licence.checked_on, licence.checked_by = checked_on, by if checked_on else None
    licence.check_failed_on, licence.check_failed_because = check_failed_on, check_failed_because
    licence.save(update_fields=_CHECK)
    record(licence, sentence, by=by)
    return licence
