"""The history of an approach's page: who changed what and when, and the way back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from approaches import versions
from approaches.admin.preview import public_page
from approaches.models import Approach, Source

PER_PAGE = 20


class KeepsVersions:
    """For the admin of approaches. Not simple-history's own admin: its pages need inline styles,
    revert without the sources, and show no difference inside a text.
    """

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/history/<int:version>/",
                view(self.version_view),
                name="approaches_approach_version",
            ),
            path(
                "<int:pk>/history/<int:version>/return/",
                view(self.return_view),
                name="approaches_approach_return",
            ),
            *super().get_urls(),
        ]

    def history_view(self, request, object_id, extra_context=None):
        approach = self.get_object(request, object_id)
        if approach is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, approach):
            raise PermissionDenied
        page = Paginator(versions.of(approach), PER_PAGE).get_page(request.GET.get("p"))
        rows = list(page.object_list)
        # Of each, the one before it: the list goes back in time.
        before = [*versions.of(approach)[page.start_index() : page.end_index() + 1], None]
        context = {
            **self.admin_site.each_context(request),
            "title": f"Versions: {approach}",
            "opts": self.opts,
            "approach": approach,
            "page": page,
            "versions": [
                (version, versions.changes(version, older))
                for version, older in zip(rows, before, strict=False)
            ],
            "may_return": self.has_change_permission(request, approach),
            **(extra_context or {}),
        }
        return render(request, "admin/approaches/approach/history.html", context)

    def version_view(self, request, pk, version):
        """A version as its page looked, or would have."""
        version = self._version(request, pk, version, may="view")
        approach = Approach.objects.get(pk=pk)
        for name in versions.TEXTS:
            setattr(approach, name, getattr(version, name))
        beside = version.beside
        return public_page(
            request,
            approach,
            sources=[Source(**one) for one in beside.get("sources", [])],
            helps_with=versions.terms(beside.get("helps_with", []))[0],
            related=versions.pages(beside.get("related", []), approach)[0],
        )

    @method_decorator(require_POST)
    def return_view(self, request, pk, version):
        version = self._version(request, pk, version, may="change")
        try:
            approach, lost = versions.return_to(version, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(["Not returned.", *error.messages]))
            return HttpResponseRedirect(reverse("admin:approaches_approach_history", args=[pk]))
        when = versions.moment(version.history_date)
        messages.success(request, f"{approach} says again what it said on {when}.")
        if lost:
            messages.warning(request, f"There no more, and left out: {', '.join(lost)}.")
        return HttpResponseRedirect(reverse("admin:approaches_approach_change", args=[pk]))

    def _version(self, request, pk, version, *, may):
        approach = get_object_or_404(Approach, pk=pk)
        allowed = {"view": self.has_view_permission, "change": self.has_change_permission}[may]
        if not allowed(request, approach):
            raise PermissionDenied
        return get_object_or_404(versions.of(approach), pk=version)

    def save_model(self, request, obj, form, change):
        if change:
            versions.keep_what_stands(obj)
        obj.skip_history_when_saving = True  # one version, when all of it is saved
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        versions.keep(form.instance, by=request.user, reason="" if change else "Written.")
