"""Rows that hang on a therapist's own profile: offices and licenses."""

from django import forms
from django.contrib import admin
from django.forms import BaseInlineFormSet

from therapists.forms import LINKS
from therapists.models import Licence, Office
from therapists.my.versions import AT_ONCE, ON_REQUEST, say_when

MAX_ROWS = 20
GONE = "This is no longer there. Tick “Remove” here; if you want it back, add it again below."


class OwnRows(BaseInlineFormSet):
    """Takes rows of this profile alone; any other key is refused alike, there or not."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        # Django knows every row of the table here, and passes foreign ones over in silence.
        key = form.fields[self._pk_field.name]
        key.queryset = self.get_queryset()
        key.error_messages["invalid_choice"] = GONE
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Remove"


class OwnInline(admin.StackedInline):
    """An inline of MyProfileAdmin, which looks after whose profile it is."""

    formset = OwnRows
    max_num = MAX_ROWS
    # After which part of the form it stands.
    stands_after = ""

    def get_extra(self, request, obj=None, **kwargs):
        """An empty row for those without scripts, who can't press “Add another”."""
        return 1 if "more" in request.GET else 0

    def get_formset(self, request, obj=None, **kwargs):
        limits = {"validate_max": True, "absolute_max": MAX_ROWS + 5}
        return super().get_formset(request, obj, **limits, **kwargs)

    def has_view_permission(self, request, obj=None):
        return True

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class OfficeForm(forms.ModelForm):
    class Meta:
        labels = {
            "street_is_public": "show the street to everybody",
            "position": "order",
        }
        help_texts = {
            "city": "City or state; best both.",
            "street_is_public": "Leave it empty if you work at home.",
            "position": "The lowest number stands first and signs for you: “in Portland, OR”.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        say_when(self, AT_ONCE, self.fields)


class MyOffices(OwnInline):
    model = Office
    form = OfficeForm
    stands_after = "where"
    fields = [("city", "state", "postal_code"), ("street", "street_is_public"), "position"]


class LicenceForm(forms.ModelForm):
    """Open until somebody of the staff has found the license in the register."""

    class Meta:
        labels = {"kind": "kind of license", "compact": "valid through a compact"}
        help_texts = {
            "kind": "As it is called on the license: Clinical Social Worker.",
            "compact": "Only for an authority that holds in all states of a compact, such as "
            "PSYPACT's APIT.",
            "board_url": "Where the board says that you are licensed. It helps us to check.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_checked = self.instance.checked_on is not None
        say_when(self, ON_REQUEST if self.is_checked else AT_ONCE, self.fields)
        for field in self.fields.values():
            field.disabled = self.is_checked


class OwnLicences(OwnRows):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        if form.is_checked and "DELETE" in form.fields:
            form.fields["DELETE"].disabled = True


class MyLicences(OwnInline):
    model = Licence
    form = LicenceForm
    formset = OwnLicences
    formfield_overrides = LINKS
    verbose_name, verbose_name_plural = "license", "licenses"
    stands_after = "license"
    readonly_fields = ["standing"]
    fields = ["standing", ("state", "kind", "number"), "compact", ("expires_on", "board_url")]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("compact")

    @admin.display(description="checked")
    def standing(self, licence):
        if licence.checked_on:
            return (
                f"We found it in the register on {licence.checked_on:%B} {licence.checked_on.day}, "
                f"{licence.checked_on.year}. If it changes, tell us under “Ask for a change”."
            )
        return "Not yet. You can change it until then."
