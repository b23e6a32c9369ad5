"""Rows that staff look at and decide on by a button, and never edit in a form."""

from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from therapists.admin.desk import back_to_list
from therapists.admin.lists import TitledList
from therapists.verbs import OffersVerbs


class DecidesAdmin(TitledList, OffersVerbs, admin.ModelAdmin):
    """Each verb is a button on the page of a row, and an action of the list.

    `page` is the template of one row. Each verb has an address of its own, which wants a POST.
    """

    page = ""
    list_per_page = 50

    class Media:
        css = {"all": ["css/desk.css"]}

    def has_add_permission(self, request):
        return False

    def get_urls(self):
        opts = self.opts
        return [
            *(
                path(
                    f"<int:pk>/{verb.name.replace('_', '-')}/",
                    self.admin_site.admin_view(require_POST(partial(self.verb_view, verb=verb))),
                    name=f"{opts.app_label}_{opts.model_name}_{verb.name}",
                )
                for verb in self.verbs
            ),
            *super().get_urls(),
        ]

    def address(self, view, *keys):
        """The address of one of this model's views."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{view}", args=keys)

    def verb_view(self, request, pk, verb):
        """The pressed button."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        row = self.get_object(request, str(pk))
        if row is None:
            messages.error(request, f"This {self.opts.verbose_name} has been erased meanwhile.")
            return HttpResponseRedirect(self.address("changelist"))
        verb.on(row, request)
        return HttpResponseRedirect(self.leads_to(request, row))

    def leads_to(self, request, row):
        """Where a button leads: to the list as it was filtered."""
        return back_to_list(self, request)

    def button(self, verb, row):
        """A button for the list, whose form is the list's own."""
        return format_html(
            '<button class="button" formaction="{}" aria-label="{}: {}">{}</button>',
            self.address(verb.name, row.pk),
            verb.label,
            row,
            verb.label,
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(row),
            "may_decide": self.has_change_permission(request),
            "may_delete": self.has_delete_permission(request, row),
            "row": row,
            **self.shown_of(request, row),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.page, context)

    def shown_of(self, request, row):
        """{name: value} for the page of one row."""
        return {}


class DeletedWhole:
    """For a ModelAdmin: what hangs on a row goes with it, whatever its own page allows."""

    def get_deleted_objects(self, objs, request):
        listed, counts, _, protected = super().get_deleted_objects(objs, request)
        return listed, counts, set(), protected
