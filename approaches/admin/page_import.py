"""Approach pages from plain text in /admin/: the command's report first, then all or nothing."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from approaches.admin.carrying import Carried, sent
from approaches.importer.reading import PageError, page_in
from approaches.importer.storing import store_page
from approaches.importer.telling import told

MAX_FILES = 20
MAX_CARRIED = 2_000_000
PASTED = "the pasted text"


class Files(forms.FileField):
    """Any number of files."""

    class Widget(forms.ClearableFileInput):
        allow_multiple_selected = True

    widget = Widget

    def clean(self, data, initial=None):
        return [super(Files, self).clean(one, initial) for one in data or [] if one]


class PageForm(forms.Form):
    files = Files(
        label="Text files", required=False, help_text=f"In UTF-8, at most {MAX_FILES} at a time."
    )
    pasted = forms.CharField(
        label="Or paste one page",
        required=False,
        strip=False,
        max_length=200_000,
        widget=forms.Textarea({"rows": 12}),
    )
    publish = forms.BooleanField(
        label="The people quoted agreed to be listed",
        required=False,
        help_text="Your word for it, and recorded as that. The page, the people and their words "
        "become public. Without it everything new is a draft.",
    )
    carried = Carried()


class ImportsPages:
    """For the admin of approaches."""

    change_list_template = "admin/approaches/approaches_change_list.html"

    def get_urls(self):
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="approaches_approach_import"), *super().get_urls()]

    def has_import_permission(self, request):
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_publish_permission(self, request):
        """It lists people, so it asks for the right to do that."""
        return request.user.has_perms(["therapists.add_therapist", "therapists.change_therapist"])

    def changelist_view(self, request, extra_context=None):
        extra = {"may_import": self.has_import_permission(request)}
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def import_view(self, request):
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = self._form(request, *sent(request))
        context = {}
        if request.method == "POST" and form.is_valid():
            try:
                done = self._import(request, form, context)
            except PageError as error:
                form.add_error(None, f"{error}. Nothing was imported.")
            else:
                if done:
                    return HttpResponseRedirect(reverse("admin:approaches_approach_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Import approach pages",
            "opts": self.opts,
            "form": form,
            **context,
        }
        return TemplateResponse(request, "admin/approaches/import_pages.html", context)

    def _form(self, request, *data, **options):
        form = PageForm(*data, **options)
        if not self.has_publish_permission(request):
            del form.fields["publish"]
        return form

    def _import(self, request, form, context):
        """Show what would be done, or do it. Returns whether it is done."""
        confirmed = "confirm" in request.POST
        texts = _texts(form, request.user, confirmed)
        publish = form.cleaned_data.get("publish", False)
        pages = [page_in(name, text.encode("utf-8", "surrogateescape")) for name, text in texts]
        with transaction.atomic():
            reports = [store_page(page, publish=publish) for page in pages]
            lines = [
                line
                for page, report in zip(pages, reports, strict=True)
                for line in told(page, report, dry_run=not confirmed)
            ]
            transaction.set_rollback(not confirmed)
        if confirmed:
            names = ", ".join(report.approach.name for report in reports)
            messages.success(request, f"Imported: {names}.")
            return True
        carried = Carried.packed("pages", texts, request.user)
        if len(carried) > MAX_CARRIED:
            raise PageError("All together", 0, "too large; take fewer at a time")
        context.update(
            lines=lines,
            carried=carried,
            publish=publish,
            form=self._form(request, initial={"publish": publish}),
        )
        return False


def _texts(form, user, confirmed):
    """[(name, text)]; bytes that are no text are kept, for the reader to refuse with their line."""
    if confirmed:
        texts = Carried.unpacked("pages", form.cleaned_data["carried"], user)
        if texts is None:
            raise PageError("This page", 0, "was left open too long; choose the files again")
        return texts
    files, pasted = form.cleaned_data["files"], form.cleaned_data["pasted"]
    if len(files) > MAX_FILES:
        raise PageError(f"{len(files)} files", 0, f"at most {MAX_FILES} at a time")
    texts = [
        (file.name, file.read(1024 * 1024 + 1).decode("utf-8", "surrogateescape")) for file in files
    ]
    if pasted.strip():
        texts.append((PASTED, pasted))
    if not texts:
        raise PageError("Nothing", 0, "is there to import: choose a file, or paste a page")
    return texts
