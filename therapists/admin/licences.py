"""Licences as staff check them: those that are due first, and one click for each that was found."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.html import format_html

from therapists import licences
from therapists.admin.lists import TitledList, WorkFilter
from therapists.admin.paginator import FirstOfMany
from therapists.forms import LINKS
from therapists.models import Licence
from therapists.validators import is_key
from therapists.verbs import Verb, VerbsAdmin


class WithReason(Verb):
    """Takes the reason from the form around its button."""

    def do(self, row, request):
        self.act(row, by=request.user, reason=request.POST.get("reason", ""))


FOUND = Verb("check", "Found in the register today", "Checked", licences.check)
NOT_FOUND = WithReason("could_not_check", "Could not be checked", "Noted", licences.could_not_check)


class DueFilter(WorkFilter):
    title = parameter_name = "check"
    waits = "Due for a check"

    def lookups(self, request, model_admin):
        return [("all", "All licenses")]

    def queryset(self, request, queryset):
        return queryset if self.value() == "all" else queryset.due_for_check()


class LicenceForm(forms.ModelForm):
    reason = forms.CharField(
        required=False,
        max_length=300,
        label="Not found, because",
        help_text="For “Could not be checked”: what you looked for and what the register said. The "
        "profile then says that we have not checked it.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


@admin.register(Licence)
class LicenceAdmin(TitledList, VerbsAdmin):
    form = LicenceForm
    formfield_overrides = LINKS
    list_display = ["__str__", "found", "therapist", "standing"]
    list_filter = [DueFilter, "state"]
    list_select_related = ["therapist", "compact"]
    list_per_page = 50
    paginator = FirstOfMany
    search_fields = ["number", "therapist__name"]
    autocomplete_fields = ["therapist"]
    ordering = [F("checked_on").asc(nulls_first=True), "pk"]
    readonly_fields = ["register", "checked_by", "check_failed_on", "check_failed_because"]
    fieldsets = [
        (None, {"fields": ["therapist", ("state", "kind", "number"), "compact", "expires_on",
                           "board_url", "register"]}),
        ("Check", {"fields": [("checked_on", "checked_by"),
                              ("check_failed_on", "check_failed_because"), "reason"],
                   "description": "Changing state, kind, number or compact ends an earlier check, "
                   "unless you enter the day of a new one."}),
    ]  # fmt: skip
    verbs_lead_to_list = True
    verbs = (FOUND, NOT_FOUND)

    class Media:
        css = {"all": ["css/desk.css"]}

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop(NOT_FOUND.name, None)  # it wants a reason for each
        return actions

    def changelist_view(self, request, extra_context=None):
        if request.method == "POST" and "_found" in request.POST:
            return self.found_in_list(request)
        return super().changelist_view(request, extra_context)

    def found_in_list(self, request):
        """The button of a row. It leads back to the list as it was filtered."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        number = request.POST["_found"]
        licence = Licence.objects.filter(pk=number).first() if is_key(number) else None
        if licence is None:
            messages.error(request, "This license is not here any more.")
        else:
            FOUND.on(licence, request)
        return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request, obj, form, change):
        keep_check(request, obj, form.changed_data)
        super().save_model(request, obj, form, change)

    @admin.display(description="register")
    def register(self, licence):
        if not licence.board_url:
            return "no link"
        return format_html(
            '<a href="{}" rel="noopener noreferrer" target="_blank">The board’s entry</a>',
            licence.board_url,
        )

    @admin.display(description="check", ordering=F("checked_on").asc(nulls_first=True))
    def standing(self, licence):
        if licence.check_failed_on:
            return f"Not found on {day(licence.check_failed_on)}: {licence.check_failed_because}"
        checked = f"Checked on {day(licence.checked_on)}" if licence.checked_on else "Never checked"
        if licence.expires_on is None:
            return checked
        ends = "ended" if licence.is_expired else "ends"
        return f"{checked}; {ends} on {day(licence.expires_on)}"

    @admin.display(description="found today?")
    def found(self, licence):
        return format_html(
            '<button class="button" name="_found" value="{}" aria-label="Found in the register '
            'today: {}">Found</button><br>{}',
            licence.pk,
            licence.number,
            self.register(licence),
        )


def day(date):
    return date_format(date, "M j, Y")


def keep_check(request, licence, changed):
    """For the admin's forms: see `licences.after_edit`; says so where a check was ended."""
    if licences.after_edit(licence, changed, by=request.user):
        messages.warning(
            request, f"{licence}: what was checked has changed, so it is not checked any more."
        )
