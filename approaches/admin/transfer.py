"""Therapists as spreadsheets in /admin/: look at a file first, then all of it or nothing."""

import base64
from tempfile import TemporaryFile

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from approaches.admin.carrying import Carried, sent
from approaches.transfer import run
from approaches.transfer.columns import UnknownColumns, all_columns
from approaches.transfer.files import SheetError, read_sheet

# More rows take too long for a page, and more bytes do not fit into the form that asks.
MAX_ROWS, MAX_BYTES = 1_000, 2_000_000
MAX_CARRIED = 2_000_000
MAX_EXPORTED = 5_000
LINES_SHOWN = 200
KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class SheetForm(forms.Form):
    file = forms.FileField(
        label="CSV or Excel file (.xlsx)",
        required=False,
        help_text=f"At most {MAX_ROWS:,} rows and {MAX_BYTES // 1_000_000} MB at a time.",
    )
    publish = forms.BooleanField(
        label="List those who have agreed, with their words",
        required=False,
        help_text="Your word for it. Who has no day and basis of consent stays a draft. Without "
        "this everyone new is a draft, and words wait for review.",
    )
    carried = Carried()


class TransfersTherapists:
    """For the admin of therapists: import, export, and a file to fill in."""

    change_list_template = "admin/approaches/therapists_change_list.html"

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name="therapists_therapist_import"),
            path("export/<kind>/", view(self.export_view), name="therapists_therapist_export"),
            path(
                "template/<kind>/", view(self.template_view), name="therapists_therapist_template"
            ),
            *super().get_urls(),
        ]

    def has_import_permission(self, request):
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request):
        """E-mail addresses and drafts leave the house: not for who may only look."""
        return self.has_change_permission(request)

    def changelist_view(self, request, extra_context=None):
        extra = {
            "may_import": self.has_import_permission(request),
            "may_export": self.has_export_permission(request),
        }
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def import_view(self, request):
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = SheetForm(*sent(request))
        context = {"form": form, "max_rows": MAX_ROWS}
        if request.method == "POST" and form.is_valid():
            try:
                done = self._import(request, form, context)
            except SheetError as error:
                form.add_error("file", str(error))
            except UnknownColumns as error:
                for sentence in error.sentences[:20]:
                    form.add_error("file", sentence)
            else:
                if done:
                    return HttpResponseRedirect(reverse("admin:therapists_therapist_changelist"))
        context |= {
            **self.admin_site.each_context(request),
            "title": "Import therapists",
            "opts": self.opts,
            "guide": run.guide(all_columns()),
        }
        return TemplateResponse(request, "admin/approaches/import_therapists.html", context)

    def _import(self, request, form, context):
        """Look at the file, or store what was looked at. Returns whether it is stored."""
        confirmed = "confirm" in request.POST
        content = _content(form, request.user, confirmed)
        sheet = read_sheet(content, max_bytes=MAX_BYTES, max_rows=MAX_ROWS)
        publish = form.cleaned_data["publish"]
        outcome = run.import_sheet(sheet, by=request.user, publish=publish, dry_run=not confirmed)
        if confirmed and not outcome.faults:
            messages.success(request, f"Imported: {outcome.summary}.")
            return True
        carried = Carried.packed("sheet", base64.b64encode(content).decode(), request.user)
        if len(carried) > MAX_CARRIED:
            raise SheetError("The file is too large for this page. Split it.")
        rows = [(number, row) for number, row in outcome.rows if row.notes or not row.is_skip()]
        context.update(
            outcome=outcome,
            faults=outcome.faults[:LINES_SHOWN],
            more_faults=max(0, len(outcome.faults) - LINES_SHOWN),
            shown=rows[:LINES_SHOWN],
            more_shown=max(0, len(rows) - LINES_SHOWN),
            form=SheetForm(initial={"publish": publish}),
            carried=carried,
            publish=publish,
        )
        return False

    @method_decorator(require_safe)
    def export_view(self, request, kind):
        """All that the list shows with its filters."""
        if not self.has_export_permission(request) or kind not in KINDS:
            raise PermissionDenied
        back = reverse("admin:therapists_therapist_changelist")
        try:
            therapists = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{back}?e=1")
        return self._exported(request, kind, therapists, back)

    def _exported(self, request, kind, therapists, back):
        if len(therapists.values("pk")[: MAX_EXPORTED + 1]) > MAX_EXPORTED:
            messages.error(
                request,
                f"More than {MAX_EXPORTED:,} take too long for a page. Filter the list, or ask who "
                "runs the server: manage.py export_therapists FILE",
            )
            return HttpResponseRedirect(back)
        return _download(run.export, kind, "therapists", therapists)

    @method_decorator(require_safe)
    def template_view(self, request, kind):
        if not self.has_import_permission(request) or kind not in KINDS:
            raise PermissionDenied
        return _download(run.template, kind, "therapists-to-fill-in")

    @admin.action(description="Export the selected therapists as CSV", permissions=["change"])
    def export_selected(self, request, queryset):
        return self._exported(request, "csv", queryset, request.get_full_path())


def _content(form, user, confirmed):
    if not confirmed:
        upload = form.cleaned_data["file"]
        if upload is None:
            raise SheetError("Choose a file first.")
        if upload.size > MAX_BYTES:
            raise SheetError(
                f"The file has {upload.size / 1e6:.1f} MB; at most {MAX_BYTES // 1_000_000} MB are "
                "read here. Split it, or ask who runs the server: manage.py import_therapists FILE"
            )
        return upload.read()
    carried = Carried.unpacked("sheet", form.cleaned_data["carried"], user)
    if carried is None:
        raise SheetError("This page was left open too long. Choose the file again.")
    return base64.b64decode(carried)


def _download(write, kind, name, *arguments):
    """A file as an answer. Personal data: no cache may keep it."""
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    write(*arguments, file, kind=kind)
    file.seek(0)
    name = f"{name}-{timezone.localdate().isoformat()}.{kind}"
    answer = FileResponse(file, as_attachment=True, filename=name, content_type=KINDS[kind])
    answer.headers["Cache-Control"] = "no-store"
    return answer
