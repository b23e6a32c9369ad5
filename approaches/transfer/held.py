"""Therapists with all that the spreadsheet tells of them, read many at a time."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from approaches.models import Specialist
from therapists.models import Licence, Office, Therapist
from therapists.states import state_code

BATCH = 500
_NUMBER = re.compile(r"licence_(\d+)_number")


@dataclass
class Held:
    """What hangs on one therapist: rows in the order of the columns, terms by key."""

    offices: list = field(default_factory=list)
    licences: list = field(default_factory=list)
    terms: frozenset = frozenset()
    specialists: dict = field(default_factory=dict)  # by the approach's slug
    aligned: dict | None = None

    def part(self, kind, which):
        """The row that a column tells of, or None."""
        if kind == "approach":
            return self.specialists.get(which)
        if kind == "licence" and self.aligned is not None:
            return self.aligned.get(which)
        rows = self.offices if kind == "office" else self.licences
        return rows[which - 1] if which <= len(rows) else None

    def align(self, row):
        """In a file a license is the one with its state, kind and number, wherever it stands."""
        ours = {licence_key(one.state, one.kind, one.number): one for one in self.licences}
        self.aligned = {which: ours.get(key) for which, key in licences_of(row).items()}


def licence_key(state, kind, number):
    """How a license is told from others; capitals and blanks part none."""
    return state, " ".join(kind.split()).casefold(), number.casefold()


def licences_of(row):
    """{which: key} of the licenses that the cells of a row name."""
    found = {}
    for name, number in row.items():
        match = _NUMBER.fullmatch(name) if number else None
        if match:
            cells = [row.get(f"licence_{match[1]}_{part}", "") for part in ("state", "kind")]
            found[int(match[1])] = licence_key(state_code(cells[0]), cells[1], number)
    return found


def read(keys):
    """{key: therapist} of these primary keys; each has its `held`."""
    therapists = Therapist.objects.in_bulk(keys)
    parts = defaultdict(Held)
    for office in Office.objects.filter(therapist__in=keys).order_by("position", "pk"):
        parts[office.therapist_id].offices.append(office)
    licences = Licence.objects.filter(therapist__in=keys).select_related("compact")
    for licence in licences.order_by("state", "kind", "pk"):
        licence.compact_slug = licence.compact.slug if licence.compact else ""
        parts[licence.therapist_id].licences.append(licence)
    stated = defaultdict(set)
    pairs = Therapist.terms.through.objects.filter(therapist__in=keys)
    for therapist, term in pairs.values_list("therapist", "term"):
        stated[therapist].add(term)
    specialists = Specialist.objects.filter(therapist__in=keys).select_related("approach")
    for specialist in specialists:
        parts[specialist.therapist_id].specialists[specialist.approach.slug] = specialist
    for key, therapist in therapists.items():
        therapist.held = parts[key]
        therapist.held.terms = frozenset(stated[key])
    return therapists


def in_batches(keys):
    """The therapists of many primary keys, in their order."""
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        known = read(batch)
        yield from (known[key] for key in batch if key in known)
