"""Offices, licenses, terms and specialisms of one row: checked first, then stored."""

from django.core.exceptions import ValidationError

from approaches import moderation
from approaches.models import Specialist
from approaches.transfer.columns import PRACTICES
from approaches.transfer.held import licence_key
from therapists import review
from therapists.models import Licence, Office, Proposal, Therapist

STATEMENT = Proposal.Part.STATEMENT
SOMEWHERE = "An office needs a city or a state."
INCOMPLETE = "A license needs state, kind and number."
TAKEN = "Another therapist has this license."


class Parts:
    """What the changes of one therapist's row ask of the rows that hang on them."""

    def __init__(self, therapist, resource):
        self.therapist, self.resource = therapist, resource
        self.columns = resource.fields
        # {(kind, which): row that is new or has changed}
        self.rows = {part: self._row(*part) for part in self._changed()}

    def _changed(self):
        """(kind, which) of what changes, in the order of the columns."""
        parts = [self.columns[name].part for name in self.therapist.changes]
        return dict.fromkeys(part for part in parts if part and part[0] != "terms")

    def _changes(self, part):
        """{field: (column name, value)}."""
        return {
            self.columns[name].field: (name, value)
            for name, value in self.therapist.changes.items()
            if self.columns[name].part == part
        }

    def _row(self, kind, which):
        row = self.therapist.held.part(kind, which) or self._new(kind, which)
        for field, (_, value) in self._changes((kind, which)).items():
            if field == "compact_slug":
                row.compact = self.resource.compacts.get(value)
            elif field != "statement":
                setattr(row, field, value)
        return row

    def _new(self, kind, which):
        if kind == "office":
            return Office(position=which)
        return Licence() if kind == "licence" else Specialist(
            approach=self.resource.approaches[which]
        )  # fmt: skip

    def faults(self):
        """{column: sentence} of what may not be stored."""
        faults = {}
        for part, row in self.rows.items():
            changes = self._changes(part)
            names = {field: name for field, (name, _) in changes.items()}
            first = next(iter(names.values()))
            if part[0] == "office" and not (row.city or row.state):
                faults[first] = SOMEWHERE
            if part[0] == "licence" and (fault := self._licence_fault(row)):
                faults[names.get("number", first)] = fault
            untouched = {field.name for field in row._meta.fields} - names.keys()
            try:
                row.clean_fields(exclude=untouched)
            except ValidationError as error:
                faults |= {names[f]: " ".join(said) for f, said in error.message_dict.items()}
        return faults

    def _licence_fault(self, row):
        if not (row.state and row.kind and row.number):
            return INCOMPLETE
        key = licence_key(row.state, row.kind, row.number)
        others = self.resource.matches.licences[key] - {self.therapist.pk}
        return TAKEN if others else ""

    def leave_out_what_waits(self):
        """Drop the words that wait for staff already, and those that somebody has taken down."""
        for part, row in list(self.rows.items()):
            name, words = self._changes(part).get("statement", ("", ""))
            if part[0] != "approach" or not name or not row.pk:
                continue
            if row.state == Specialist.State.DRAFT and row.decided_at:
                self.therapist.notes.append(f"{name}: the statement was withdrawn and stays so.")
            elif self.resource.publish or not self._waits(row, words):
                continue
            del self.therapist.changes[name]
            if not self._changes(part):
                del self.rows[part]

    def _waits(self, specialist, words):
        waiting = review.waiting(self.therapist, STATEMENT, specialist)
        return waiting is not None and waiting.text == words

    # --- Writing

    def store(self):
        for part, row in self.rows.items():
            is_first = row.pk is None
            row.therapist = self.therapist
            row.save()
            _, words = self._changes(part).get("statement", ("", PRACTICES))
            if words.casefold() != PRACTICES:
                self._statement(row, words, is_first)
        self._terms()

    def _statement(self, specialist, words, is_first):
        by = self.resource.by
        if not self.resource.publish:
            self.resource.hand_in(STATEMENT, words, is_first=is_first, specialist=specialist)
            return
        specialist.statement = words
        specialist.save(update_fields=["statement"])
        if specialist.state != Specialist.State.APPROVED:
            specialist = moderation.approve(specialist, by=by)
        # It is what is published now, or has been replaced by it.
        if waiting := review.waiting(self.therapist, STATEMENT, specialist):
            review.take_back(waiting, by=by)

    def _terms(self):
        through = Therapist.terms.through
        for name, value in self.therapist.changes.items():
            column = self.columns[name]
            if not column.part or column.part[0] != "terms":
                continue
            before = column.held(self.therapist)
            gone = before - value
            if gone:
                through.objects.filter(therapist=self.therapist, term__in=gone).delete()
            new = sorted(value - before)
            self.resource.stated += [
                through(therapist_id=self.therapist.pk, term_id=term) for term in new
            ]
