"""Admin buttons and list actions that call a workflow's verb: publish, withdraw, approve.

Everything that changes state is a POST. A verb is a function `verb(row, *, by)` that raises
ValidationError with a sentence when it may not be done.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponseRedirect

MOST_AT_ONCE = 1000  # rows of a list, so that a page answers in time
MOST_FAULTS = 5  # sentences on what could not be done


@dataclass(frozen=True)
class Verb:
    """One thing that staff can do with a row. `done` is said afterwards: "Published"."""

    name: str
    label: str
    done: str
    act: Any

    def do(self, row, request):
        """Act on one row; raises ValidationError with the sentence for staff."""
        self.act(row, by=request.user)

    def on(self, row, request):
        """Act on one row, and say so, or why it may not be. Returns whether it was done."""
        try:
            self.do(row, request)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return False
        messages.success(request, f"{self.done}: {row}.")
        return True

    def on_each(self, queryset, request):
        """Act on many rows, and say how many, and the first reasons why others may not be.

        In one transaction, or a burst would take minutes.
        """
        done, faults = 0, []
        with transaction.atomic():
            rows = list(queryset[: MOST_AT_ONCE + 1])
            for row in rows[:MOST_AT_ONCE]:
                try:
                    self.do(row, request)
                except ValidationError as error:
                    faults += error.messages
                else:
                    done += 1
        if done:
            messages.success(request, f"{self.done}: {done:,}.")
        for fault in faults[:MOST_FAULTS]:
            messages.error(request, fault)
        if len(faults) > MOST_FAULTS:
            messages.error(request, f"And {len(faults) - MOST_FAULTS:,} more that may not be.")
        if len(rows) > MOST_AT_ONCE:
            messages.warning(request, f"{MOST_AT_ONCE:,} go at once. The others are as they were.")


class WholeRowForm(forms.ModelForm):
    """Checks constraints with the columns that verbs alone write, too.

    Django skips a constraint that names a column outside the form, and then the database would
    refuse the row with an error page instead of the constraint's sentence.
    """

    def _get_validation_exclusions(self):
        written_by_verbs = {
            field.name for field in self._meta.model._meta.fields if not field.editable
        }
        return super()._get_validation_exclusions() - written_by_verbs


class OffersVerbs:
    """For a ModelAdmin: its list offers `verbs` as actions."""

    verbs: tuple[Verb, ...] = ()

    def get_actions(self, request):
        actions = super().get_actions(request)
        if self.has_change_permission(request):
            for verb in self.verbs:
                actions[verb.name] = (_over_many(verb), verb.name, verb.label)
        return actions


def _over_many(verb):
    @admin.action(description=verb.label, permissions=["change"])
    def action(modeladmin, request, queryset):
        verb.on_each(queryset, request)

    action.__name__ = verb.name
    return action


class VerbsAdmin(OffersVerbs, admin.ModelAdmin):
    """A ModelAdmin whose list and change page offer `verbs`."""

    form = WholeRowForm
    # Where a button leads: back to the page, or to the list with what was filtered there.
    verbs_lead_to_list = False
    change_form_template = "admin/verbs_change_form.html"

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        extra = {**(extra_context or {}), "verbs": self.verbs if object_id else ()}
        return super().changeform_view(request, object_id, form_url, extra)

    def response_change(self, request, obj):
        """After the form is saved: do what the pressed button says, and go on."""
        for verb in self.verbs:
            if f"_verb_{verb.name}" in request.POST:
                if verb.on(obj, request) and self.verbs_lead_to_list:
                    return self.response_post_save_change(request, obj)
                return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)
