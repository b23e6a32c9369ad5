"""Rows of a spreadsheet become therapists: the import-export resource.

What a therapist keeps who has a sign-in is never overwritten: of such a profile only the columns
that staff keep change. Words (about, statements) wait for review unless staff publish.
"""

from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from django.utils import timezone
from import_export import resources
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import RowResult

from approaches.models import Approach
from approaches.transfer import held
from approaches.transfer.matching import Matches
from approaches.transfer.parts import Parts
from approaches.transfer.values import EMPTY
from therapists import publishing, review
from therapists.history import record
from therapists.models import Compact, Proposal, Therapist
from therapists.slugs import unique_slug

AHEAD = 200  # rows whose therapists are read at once
ABOUT = Proposal.Part.ABOUT


class Row(RowResult):
    """What became of one row: `notes` that staff should read, and the `columns` that changed."""

    def __init__(self):
        super().__init__()
        self.notes, self.columns = [], []


class TherapistResource(resources.Resource):
    """One import of one file.

    `columns` {name: column}; `numbers` those of the rows in the file; `publish` the staff's word
    that the words may be read, and that who has agreed is to be listed; `progress(done, of)`.
    """

    class Meta:
        model = Therapist
        import_id_fields = ()
        skip_diff = True
        report_skipped = True
        store_row_values = False
        use_transactions = True
        instance_loader_class = BaseInstanceLoader

    def __init__(self, columns, numbers, *, by=None, publish=False, progress=None):
        super().__init__()
        self.fields, self.numbers, self.by, self.publish = columns, numbers, by, publish
        self.progress = progress or (lambda done, of: None)

    @classmethod
    def get_row_result_class(cls):
        return Row

    def get_diff_headers(self):
        return []

    def before_import(self, dataset, **kwargs):
        self.matches = Matches(dataset, self.numbers)
        self.known = {}
        self.taken = set(Therapist.objects.values_list("slug", flat=True))
        self.names = _names_held(dataset)
        # Written at the end, many at once.
        self.stated, self.handed_in = [], []
        self.approaches = {one.slug: one for one in Approach.objects.all()}
        self.compacts = {one.slug: one for one in Compact.objects.all()}

    def before_import_row(self, row, row_number=None, **kwargs):
        self.index, self.therapist = row_number - 1, None
        self.progress(self.index, len(self.numbers))

    def after_import_row(self, row, row_result, **kwargs):
        row_result.notes = self.therapist.notes
        row_result.columns = [*self.therapist.changes]

    # --- Who it is

    def get_or_init_instance(self, instance_loader, row):
        match = self.matches.rows[self.index]
        if match.fault:
            raise ValidationError({match.column: match.fault})
        if match.key and match.key not in self.known:
            ahead = self.matches.rows[self.index : self.index + AHEAD]
            self.known = held.read([one.key for one in ahead if one.key])
        therapist = self.known[match.key] if match.key else Therapist()
        if not match.key:
            therapist.held = held.Held()
        therapist.held.align(row)
        therapist.changes, therapist.notes, therapist.words = {}, [], None
        self.therapist = therapist
        return therapist, not match.key

    # --- What it says

    def import_instance(self, instance, row, **kwargs):
        """Take over the cells that say something else than we hold; raise all errors at once."""
        errors, kept = {}, []
        for name, column in self.fields.items():
            if not row[name]:
                continue
            try:
                value = column.widget.clean("" if row[name] == EMPTY else row[name])
            except ValueError as error:
                errors[name] = str(error)
                continue
            if column.same(column.held(instance), value):
                continue
            if instance.owner_id and not column.staffs:
                kept.append(name)
            else:
                instance.changes[name] = value
        if kept:
            instance.notes.append(
                f"keeps this profile by a sign-in, so these stay as they are: {', '.join(kept)}."
            )
        self.parts = Parts(instance, self)
        errors |= {**self._own(instance, errors), **self.parts.faults()}
        if errors:
            raise ValidationError(errors)

    def _own(self, therapist, errors):
        """Set the columns of the therapist's own row; {column: sentence} where it may not be."""
        own = {name: value for name, value in therapist.changes.items()
               if self.fields[name].part is None and name != "about"}  # fmt: skip
        faults = {}
        if own.get("slug") in self.taken:
            faults["slug"] = "Another profile has this slug."
        for name, value in own.items():
            setattr(therapist, name, value)
        if therapist._state.adding and therapist.name and not therapist.slug:
            therapist.slug = unique_slug(therapist.name, self.taken)
        if not therapist.name and "name" not in errors:
            faults["name"] = "A therapist needs a name."
        untouched = {field.name for field in therapist._meta.fields} - own.keys()
        try:
            therapist.clean_fields(exclude=untouched)
        except ValidationError as error:
            faults |= {name: " ".join(said) for name, said in error.message_dict.items()}
        if not faults.keys() & own.keys():
            faults |= _refused_by_constraints(therapist)
        self.own = [*own]
        self._about(therapist)
        return faults

    def _about(self, therapist):
        """Words wait for staff, unless they publish."""
        words = therapist.changes.get("about")
        if words is None:
            return
        if self.publish:
            therapist.about = words
            self.own.append("about")
        elif not therapist._state.adding and _waits(therapist, words):
            del therapist.changes["about"]
        else:
            therapist.words = words

    # --- Whether there is anything to do

    def skip_row(self, instance, original, row, import_validation_errors=None):
        if import_validation_errors:
            return False
        self.parts.leave_out_what_waits()
        self.lists = self.publish and self._may_be_listed(instance)
        return not (instance._state.adding or instance.changes or self.lists)

    def _may_be_listed(self, therapist):
        """Whether this row's therapist is to be published; why not stands in the notes."""
        if therapist.status == Therapist.Status.PUBLISHED:
            return False
        if therapist.status == Therapist.Status.WITHDRAWN:
            therapist.notes.append("has withdrawn and stays so.")
            return False
        if not (therapist.consent_on and therapist.consent_basis):
            therapist.notes.append("stays a draft: consent_on or consent_basis is missing.")
            return False
        return True

    def validate_instance(self, instance, import_validation_errors=None, validate_unique=True):
        if import_validation_errors:
            raise ValidationError(import_validation_errors)

    # --- Writing

    def save_instance(self, instance, is_create, row, **kwargs):
        """Store the row. A dry run ends here: whatever can be refused has been asked for before."""
        if is_create and instance.name.casefold() in self.names:
            instance.notes.append(f"is new, and another {instance.name} is here already.")
        self.taken.add(instance.slug)
        self.names.add(instance.name.casefold())
        if self._is_dry_run(kwargs):
            return
        if self.lists and not instance.availability_confirmed_on:
            # What is true today is that they are listed; their room may be unknown.
            instance.availability_confirmed_on = timezone.localdate()
            self.own.append("availability_confirmed_on")
        if is_create:
            instance.save(force_insert=True)
        elif self.own:
            instance.save(update_fields=[*self.own, "updated_at"])
        self.parts.store()
        if instance.words:
            self.hand_in(ABOUT, instance.words, is_first=is_create)
        if self.lists:
            publishing.publish(instance, by=self.by)
        record(instance, "Imported from a spreadsheet.", by=self.by)

    def hand_in(self, part, words, *, is_first, specialist=None):
        """Let staff look at words; first ones have none before them to look for."""
        therapist = self.therapist
        if is_first:
            self.handed_in.append((therapist, part, words, specialist))
        else:
            review.propose(therapist, part, by=self.by, text=words, specialist=specialist)

    def save_m2m(self, instance, row, **kwargs):
        """Terms are stored with the rest."""

    def after_import(self, dataset, result, **kwargs):
        if not self._is_dry_run(kwargs) and not result.has_validation_errors():
            Therapist.terms.through.objects.bulk_create(self.stated, batch_size=5_000)
            review.propose_first(self.handed_in, by=self.by)


def _names_held(dataset):
    """The names in a file that somebody has already, folded."""
    names = {name.casefold() for name in (dataset["name"] if "name" in dataset.headers else [])}
    held = Therapist.objects.annotate(folded=Lower("name")).filter(folded__in=names)
    return set(held.values_list("folded", flat=True))


def _waits(therapist, words):
    waiting = review.waiting(therapist, ABOUT)
    return waiting is not None and waiting.text == words


# The sentences of the database's own constraints; asking it for each row would take twice as long.
SENTENCES = {one.name: one.violation_error_message for one in Therapist._meta.constraints}


def _refused_by_constraints(therapist):
    """{column: sentence} of what the table would refuse."""
    low, high = therapist.fee_from, therapist.fee_to
    faults = {}
    if high is not None and low is None:
        faults["fee_to"] = SENTENCES["therapist_fee_to_needs_from"]
    elif high is not None and low > high:
        faults["fee_to"] = SENTENCES["therapist_fee_from_below_to"]
    is_public = therapist.status == Therapist.Status.PUBLISHED
    if is_public and not (therapist.consent_on and therapist.consent_basis):
        faults["consent_on"] = SENTENCES["therapist_published_with_consent"]
    return faults
