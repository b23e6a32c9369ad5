"""Everything that the directory keeps about a therapist, for them to take along: a ZIP.

In it one `profile.json` for each profile, its photos as they are kept, and `account.json`. What is
exported and what is left out stands here by name, so that nothing that is added later is forgotten
or given away by accident: a test asks for it.
"""

import json
import tempfile
import zipfile

from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from therapists.history import lines_about
from therapists.models import Therapist
from therapists.photos.holders import holders
from therapists.photos.storing import files_of

# {model that points to a therapist: its name in the file}
EXPORTED = {
    "approaches.Specialist": "specialisms",
    "therapists.AvailabilityLetter": "letters about your availability",
    "therapists.Consent": "consents",
    "therapists.ImportConflict": "conflicts of imports",
    "therapists.Licence": "licenses",
    "therapists.Office": "offices",
    "therapists.ProfileDay": "days with counts",
    "therapists.Proposal": "proposals",
}
# {model that points to a therapist: why it is no use to them}
LEFT_OUT = {
    "therapists.Finding": "worked out from the rest, each night, for staff",
    "therapists.Message": "a client's words, which came to you by mail and are erased in time",
    "therapists.Report": "told to staff by a reader, whom the words may give away",
    "therapists.SearchEntry": "worked out from the rest, by the search index, for itself",
}

IN_MEMORY = 5 * 1024 * 1024

READ_ME = """Everything that this directory keeps about you.

profiles/…/profile.json   a profile, with offices, licenses, specialisms, what you proposed, how
                          often you were seen, our letters, and the history of changes
profiles/…/photos/        its photos, in the sizes in which they are kept
account.json              your sign-in

The files ending in .json are plain text. Any text editor opens them.
"""


def models_that_point_to_a_therapist():
    """All models with a foreign key to `Therapist`, but for the bare tables of many-to-many."""
    pointing = {
        relation.related_model
        for relation in Therapist._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete
    }
    return {one for one in pointing if not one._meta.auto_created and not one._meta.proxy}


def pack(user):
    """A ZIP, open at its beginning, of all that is kept about this sign-in and its profiles."""
    packed = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - handed on, open
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("READ-ME.txt", READ_ME)
        archive.writestr("account.json", _json(_account(user)))
        for therapist in Therapist.objects.owned_by(user).order_by("pk"):
            folder = f"profiles/{therapist.slug}"
            rows = [therapist, *_rows_of(therapist)]
            archive.writestr(f"{folder}/profile.json", _json(_profile(therapist, user)))
            for name in _photos(rows):
                _add_photo(archive, folder, name)
    packed.seek(0)
    return packed


def _profile(therapist, user):
    profile = _row(therapist, user)
    for name, rows in _hanging(therapist):
        profile[name] = [_row(row, user) for row in rows]
    profile["history"] = _history(therapist, user)
    return profile


def _hanging(therapist):
    """(name in the file, rows) of each model that is exported."""
    for model in sorted(models_that_point_to_a_therapist(), key=lambda one: one._meta.label):
        if model._meta.label in EXPORTED:
            yield EXPORTED[model._meta.label], _pointing_to(therapist, model)


def _pointing_to(therapist, model):
    [name] = [
        field.name
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model._meta.concrete_model is Therapist
    ]
    return model._base_manager.filter(**{name: therapist}).order_by("pk")


def _rows_of(therapist):
    return [row for _, rows in _hanging(therapist) for row in rows]


def _row(row, user):
    """{field: value} of one row; what points to others says them in words."""
    fields = [*row._meta.concrete_fields, *row._meta.many_to_many]
    return {field.name: _value(row, field, user) for field in fields}


def _value(row, field, user):
    if field.many_to_many:
        return sorted(_words(one) for one in getattr(row, field.name).all())
    if isinstance(field, models.FileField):
        return getattr(row, field.name).name
    if not field.is_relation:
        return field.value_from_object(row)
    pointed = getattr(row, field.name)
    if isinstance(pointed, get_user_model()):
        return _who(pointed, user)
    return None if pointed is None else str(pointed)


def _words(term):
    vocabulary = getattr(term, "vocabulary", None)
    return f"{vocabulary}: {term}" if vocabulary else str(term)


def _who(person, user):
    """Staff are not named: they act for the directory."""
    return "you" if person.pk == user.pk else "staff"


def _history(therapist, user):
    """What was done with the profile and all that hangs on it, oldest first."""
    lines = LogEntry.objects.none()
    rows = [therapist, *_rows_of(therapist)]
    for model in {type(row) for row in rows}:
        lines |= lines_about(model, [row.pk for row in rows if type(row) is model])
    return [
        {
            "when": line.action_time,
            "what": line.object_repr,
            "done": line.get_change_message(),
            "by": _who(line.user, user),
        }
        for line in lines.select_related("user").order_by("action_time", "pk")
    ]


def _account(user):
    names = ["username", "email", "first_name", "last_name", "date_joined", "last_login"]
    return {name: getattr(user, name) for name in names}


def _photos(rows):
    """Names of all photos that these rows hold, each once."""
    held = dict(holders())
    names = [getattr(row, held[type(row)]).name for row in rows if type(row) in held]
    return sorted(set(filter(None, names)))


def _add_photo(archive, folder, name):
    for file in files_of(name):
        try:
            with default_storage.open(file) as photo:
                # Pictures are packed as tightly as they can be.
                archive.writestr(f"{folder}/{file}", photo.read(), zipfile.ZIP_STORED)
        except FileNotFoundError:
            continue


def _json(value):
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
