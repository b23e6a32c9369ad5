"""The rules that hold messages for staff: rows that staff keep, and a box to try them in."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from therapists.contact import judging
from therapists.models import HoldRule, Message
from therapists.validators import is_key

MOST_TRIED = 20_000  # characters of a pasted text


@admin.register(HoldRule)
class HoldRuleAdmin(admin.ModelAdmin):
    list_display = ["__str__", "note", "is_active", "holds"]
    list_editable = ["is_active"]
    list_filter = ["is_active", "kind"]
    search_fields = ["phrase", "note"]
    fields = ["kind", "phrase", "note", "is_active"]
    list_per_page = 200

    class Media:
        css = {"all": ["css/desk.css"]}

    def get_urls(self):
        tried = self.admin_site.admin_view(self.try_view)
        return [path("try/", tried, name="therapists_holdrule_try"), *super().get_urls()]

    def get_changelist_instance(self, request):
        """The list, where each rule knows how many messages it held: one question for all."""
        changelist = super().get_changelist_instance(request)
        reasons = judging.reasons()
        for rule in changelist.result_list:
            named = [one for one in reasons if str(rule) in one[0]]
            rule.held_in_all = sum(number for _, _, number in named)
            rule.held_now = sum(number for _, state, number in named if state == Message.State.HELD)
        return changelist

    @admin.display(description="messages held")
    def holds(self, rule):
        return f"{rule.held_in_all:,}, {rule.held_now:,} of them still" if rule.held_in_all else ""

    def response_add(self, request, obj, post_url_continue=None):
        """A rule that was made beside a message leads back to it."""
        number = request.POST.get("message", "")
        if not is_key(number):
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, f"From now on messages with {obj} wait for staff.")
        return HttpResponseRedirect(reverse("admin:therapists_message_change", args=[number]))

    def try_view(self, request):
        """Which rule would hold a pasted text. Nothing of it is kept."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        text = request.POST.get("text", "")[:MOST_TRIED].replace("\0", "")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Try the rules on a text",
            "text": text,
            "most": MOST_TRIED,
            "tried": bool(text.strip()),
            "reason": reason_to_hold(text) if text.strip() else "",
        }
        return TemplateResponse(request, "admin/therapists/holdrule/try.html", context)


def reason_to_hold(text):
    from therapists.contact import holding

    return holding.reason_to_hold(text)
