"""Approach pages as staff curate them."""

from django.contrib import admin
from django.db.models import Count
from django.urls import reverse
from django.utils.html import format_html

from approaches import publishing
from approaches.admin.specialist import ReviewsStatements, SpecialistFields
from approaches.models import Approach, Source
from therapists.forms import LINKS
from therapists.lost_updates import TellsOfLostUpdates
from therapists.verbs import Verb, VerbsAdmin


class SourceInline(admin.TabularInline):
    model = Source
    extra = 1
    formfield_overrides = LINKS
    fields = ["citation", "url", "year", "position"]


class SpecialistsOfApproach(SpecialistFields, admin.StackedInline):
    """Those pinned and those waiting: an approach may have thousands, and a page has no room."""

    fields = [
        "therapist",
        ("training", "training_body", "training_year"),
        "statement",
        ("state", "position"),
        "new_version",
    ]
    autocomplete_fields = ["therapist"]
    verbose_name_plural = "specialists who are pinned or wait for review (and new ones)"

    def get_queryset(self, request):
        return super().get_queryset(request).for_desk()


@admin.register(Approach)
class ApproachAdmin(TellsOfLostUpdates, ReviewsStatements, VerbsAdmin):
    list_display = ["name", "status", "specialist_count", "reviewed_on"]
    list_filter = ["status", "reviewed_on"]
    search_fields = ["name", "synonyms", "summary"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["helps_with", "related"]
    readonly_fields = ["status", "published_on", "all_specialists"]
    save_on_top = True
    inlines = [SourceInline, SpecialistsOfApproach]
    verbs = (
        Verb("publish", "Publish", "Published", publishing.publish),
        Verb("unpublish", "Take from the public", "Taken from the public", publishing.unpublish),
    )
    fieldsets = [
        (None, {"fields": ["name", "slug", "synonyms", "summary", "overview"]}),
        ("What it helps with", {"fields": ["helps_with"]}),
        ("Evidence and limits", {"fields": ["evidence", "limits"]}),
        ("Related approaches", {"fields": ["related"]}),
        ("Review", {"fields": [("reviewed_by", "reviewed_on"), ("status", "published_on")]}),
        ("Specialists", {"fields": ["all_specialists"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(specialist_count=Count("specialists"))

    @admin.display(description="specialists")
    def specialist_count(self, approach):
        return approach.specialist_count

    @admin.display(description="all of them")
    def all_specialists(self, approach):
        if not approach.pk:
            return "After saving."
        url = reverse("admin:approaches_specialist_changelist")
        return format_html(
            '<a href="{}?approach__id__exact={}">{} specialists</a>',
            url,
            approach.pk,
            approach.specialist_count,
        )
