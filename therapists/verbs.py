"""Admin buttons and list actions that call a workflow's verb: publish, withdraw, approve.

Everything that changes state is a POST. A verb is a function `verb(row, *, by)` that raises
ValidationError with a sentence when it may not be done.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect


@dataclass(frozen=True)
class Verb:
    """One thing that staff can do with a row. `done` is said afterwards: "Published"."""

    name: str
    label: str
    done: str
    act: Any

    def as_action(self):
        """The verb as an action over the ticked rows of a list."""

        @admin.action(description=self.label, permissions=["change"])
        def action(modeladmin, request, queryset):
            done = 0
            for row in queryset:
                done += self.on(row, request)
            if done:
                modeladmin.message_user(request, f"{self.done}: {done}.", messages.SUCCESS)

        action.__name__ = self.name
        return action

    def on(self, row, request):
        """Act on one row; say why where it may not be. Returns whether it was done."""
        try:
            self.act(row, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return False
        return True


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


class VerbsAdmin(admin.ModelAdmin):
    """A ModelAdmin whose list and change page offer `verbs`."""

    form = WholeRowForm
    verbs: tuple[Verb, ...] = ()
    # Where a button leads: back to the page, or to the list with what was filtered there.
    verbs_lead_to_list = False
    change_form_template = "admin/verbs_change_form.html"

    def get_actions(self, request):
        actions = super().get_actions(request)
        if self.has_change_permission(request):
            for verb in self.verbs:
                actions[verb.name] = (verb.as_action(), verb.name, verb.label)
        return actions

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        extra = {**(extra_context or {}), "verbs": self.verbs if object_id else ()}
        return super().changeform_view(request, object_id, form_url, extra)

    def response_change(self, request, obj):
        """After the form is saved: do what the pressed button says, and go on."""
        for verb in self.verbs:
            if f"_verb_{verb.name}" in request.POST:
                if verb.on(obj, request):
                    messages.success(request, f"{verb.done}: {obj}.")
                if self.verbs_lead_to_list:
                    return self.response_post_save_change(request, obj)
                return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)
