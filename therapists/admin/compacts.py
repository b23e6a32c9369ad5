"""Compacts as staff keep them."""

from django import forms
from django.contrib import admin

from therapists.forms import LINKS
from therapists.models import STATE_CHOICES, Compact


@admin.register(Compact)
class CompactAdmin(admin.ModelAdmin):
    formfield_overrides = LINKS
    list_display = ["name", "operates", "state_count", "url"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "operates", "url", "states"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "states":
            return forms.MultipleChoiceField(
                choices=STATE_CHOICES,
                widget=forms.CheckboxSelectMultiple,
                help_text=db_field.help_text,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="states")
    def state_count(self, compact):
        return len(compact.states)
