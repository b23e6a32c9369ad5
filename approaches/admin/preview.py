"""The public page as it would be, from a form that is not saved. Nothing is written."""

import copy

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from approaches.markdown import render_markdown
from approaches.models import Approach, Source
from approaches.views import page_context
from therapists.listing import Listing


def public_page(request, approach, *, sources, helps_with, related):
    """The page of an approach that need not be stored, as its visitors would see it."""
    approach.pk = approach.pk or 0  # nobody's: no therapist practises it
    approach._prefetched_objects_cache = {
        "sources": sources, "helps_with": helps_with, "related": related,
    }  # fmt: skip
    visitor = copy.copy(request)
    visitor.method, visitor.path = "GET", approach.get_absolute_url()
    visitor.GET = QueryDict()
    listing = Listing(visitor.GET, path=visitor.path, practising=approach.pk)
    context = page_context(approach, listing)
    return render(visitor, "approaches/approach.html", {**context, "is_preview": True})


class Previews:
    """For the admin of approaches: the whole page in a new tab, and Markdown while it is typed."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("preview/", view(self.preview), name="approaches_approach_preview_new"),
            path("<int:pk>/preview/", view(self.preview), name="approaches_approach_preview"),
            path("markdown/", view(self.markdown), name="approaches_approach_markdown"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def preview(self, request, pk=None):
        """What the posted form of the change page would make of the public page."""
        stored = get_object_or_404(Approach, pk=pk) if pk else None
        may = (
            self.has_change_permission(request, stored) if pk else self.has_add_permission(request)
        )
        if not may:
            raise PermissionDenied
        form_class = self.get_form(request, stored, change=pk is not None)
        form = form_class(request.POST, instance=stored or Approach())
        form.checks_faults = False  # they are there to be looked at
        sources = self._source_forms(request, stored)
        if not (form.is_valid() and sources.is_valid()):
            context = {
                **self.admin_site.each_context(request),
                "title": "There is no preview yet",
                "opts": self.opts,
                "errors": _sentences(form, sources),
            }
            return render(request, "admin/approaches/approach/no_preview.html", context)
        kept = [one.instance for one in sources.forms if _is_kept(one)]
        kept.sort(key=lambda source: (source.position, source.pk is None, source.pk or 0))
        return public_page(
            request,
            form.instance,
            sources=kept,
            helps_with=form.cleaned_data["helps_with"].select_related("vocabulary"),
            related=form.cleaned_data["related"],
        )

    def _source_forms(self, request, stored):
        (inline,) = [one for one in self.get_inline_instances(request) if one.model is Source]
        formset = inline.get_formset(request, stored)
        return formset(
            request.POST, instance=stored or Approach(), queryset=inline.get_queryset(request),
            prefix="sources",
        )  # fmt: skip

    @method_decorator(require_POST)
    def markdown(self, request):
        """A text as the public page would show it: a piece of HTML for the pane beside it."""
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        return HttpResponse(render_markdown(request.POST.get("text", "")))


def _is_kept(source_form):
    is_written = source_form.has_changed() or source_form.instance.pk
    return is_written and not source_form.cleaned_data.get("DELETE")


def _sentences(form, formset):
    """Every error, with the name of its field."""
    for one in [form, *formset.forms]:
        for name, errors in one.errors.items():
            label = one.fields[name].label if name in one.fields else ""
            for error in errors:
                yield f"{label}: {error}" if label else error
    yield from formset.non_form_errors()
