"""Rows that hang on a therapist's own profile: offices and licenses."""

import re

from django import forms
from django.contrib import admin
from django.db import models
from django.forms import BaseInlineFormSet

from therapists.forms import LINKS
from therapists.models import Licence, Office
from therapists.my.versions import AT_ONCE, ON_REQUEST, say_when

MAX_ROWS = 20
# A phone's own calendar; the admin's speaks of server time.
NATIVE_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OwnRows(BaseInlineFormSet):
    """Takes rows of this profile alone.

    Django passes over a key that is somebody else's, and the admin's page loses a row that went
    meanwhile. Here either is a new row: nothing typed is lost, and nothing is told of anybody's.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self._send_unknown_rows_as_new()

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "Remove"

    def _send_unknown_rows_as_new(self):
        total, initial = (self._number(name) for name in ("TOTAL_FORMS", "INITIAL_FORMS"))
        if total is None or initial is None or total > self.absolute_max:
            return  # refused by Django, with a sentence
        places = {}
        for place in range(min(initial, total)):
            places.setdefault(self.data.get(f"{self.add_prefix(place)}-id", ""), place)
        mine = {str(pk): pk for pk in self.queryset.values_list("pk", flat=True)}
        self.queryset = self.queryset.filter(
            pk__in=[pk for key, pk in mine.items() if key in places]
        )
        known = [places[str(row.pk)] for row in self.get_queryset()]
        self._reorder([*known, *(place for place in range(total) if place not in known)], known)

    def _number(self, name):
        text = self.data.get(f"{self.prefix}-{name}", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None

    def _reorder(self, places, known):
        """Send the rows in the order of these places; all but the known ones are new."""
        data = self.data.copy()
        rows = re.compile(rf"{re.escape(self.prefix)}-(\d+)-(.+)")
        sent = {}
        for name in self.data:
            if found := rows.fullmatch(name):
                sent.setdefault(int(found[1]), {})[found[2]] = data.pop(name)
        for place, old in enumerate(places):
            for name, values in sent.get(old, {}).items():
                key = f"{self.add_prefix(place)}-{name}"
                data.setlist(key, [""] if name == "id" and old not in known else values)
        data[f"{self.prefix}-INITIAL_FORMS"] = str(len(known))
        self.data = data


class OwnInline(admin.StackedInline):
    """An inline of MyProfileAdmin, which looks after whose profile it is."""

    formset = OwnRows
    template = "my/rows.html"
    max_num = MAX_ROWS
    # After which part of the form it stands, and what is said below its heading.
    stands_after = ""
    note = ""

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
    formfield_overrides = {**LINKS, models.DateField: {"widget": NATIVE_DATE}}
    verbose_name, verbose_name_plural = "license", "licenses"
    stands_after = "license"
    note = "We look each one up in the board's register, and say so on your page."
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
        if licence.check_failed_on:
            return f"We could not find it: {licence.check_failed_because} Correct it here."
        return "Not yet. You can change it until then."
