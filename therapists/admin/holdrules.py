"""The rules that hold messages for staff: rows that staff keep, and a box to try them in."""

from collections import Counter

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from therapists.admin.lists import TitledList
from therapists.admin.names import NamedInList
from therapists.contact import holding, moderation
from therapists.models import HoldRule, Message
from therapists.validators import is_key

FEWEST_LETTERS = 4
MOST_TRIED = 20_000  # characters of a pasted text


class RuleForm(forms.ModelForm):
    def clean_phrase(self):
        """In small letters, so that no rule stands there twice, and enough to mean something."""
        phrase = " ".join(self.cleaned_data["phrase"].casefold().split())
        if phrase and sum(letter.isalnum() for letter in phrase) < FEWEST_LETTERS:
            raise ValidationError(
                f"Write at least {FEWEST_LETTERS} letters or digits: so short a phrase would hold "
                "nearly everything, or nothing."
            )
        return phrase


@admin.register(HoldRule)
class HoldRuleAdmin(TitledList, NamedInList, admin.ModelAdmin):
    form = RuleForm
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
        in_all, now = Counter(), Counter()
        for why, state, number in moderation.reasons():
            in_all[why] += number
            now[why] += number if state == Message.State.HELD else 0
        for rule in changelist.result_list:
            why = holding.reason_of(rule)
            rule.held_in_all, rule.held_now = in_all[why], now[why]
        return changelist

    @admin.display(description="messages held")
    def holds(self, rule):
        return f"{rule.held_in_all:,}; {rule.held_now:,} still wait" if rule.held_in_all else "none"

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
            "rules": list(holding.rules_that_hold(text)) if text.strip() else [],
        }
        return TemplateResponse(request, "admin/therapists/holdrule/try.html", context)
