"""Approach pages as staff curate them."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.db.models import Case, Count, When
from django.db.models.functions import Lower
from django.forms.widgets import Script
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from approaches import publishing
from approaches.admin.page_import import ImportsPages
from approaches.admin.pins import Pins
from approaches.admin.preview import Previews
from approaches.admin.specialist import ReviewsStatements, SpecialistFields
from approaches.admin.versions import KeepsVersions
from approaches.faults import faults_of
from approaches.models import Approach, Source
from therapists.admin.names import NamedInTable
from therapists.forms import LINKS, OffersTerms
from therapists.lost_updates import TellsOfLostUpdates
from therapists.verbs import Verb, VerbsAdmin, WholeRowForm

LAST = 30_000  # behind all the numbers that people write


class SourceForm(WholeRowForm):
    """The number may be left out: the source then stands last."""

    position = forms.IntegerField(
        required=False, min_value=0, max_value=LAST, label="place", widget=forms.NumberInput
    )

    def clean_position(self):
        number = self.cleaned_data["position"]
        return LAST if number is None else number


class SourceInline(NamedInTable, admin.TabularInline):
    model = Source
    form = SourceForm
    extra = 1
    formfield_overrides = LINKS
    fields = ["position", "citation", "url", "year"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        # A citation fills lines, and a link that can be followed from here fills two rows.
        widgets = {"citation": forms.Textarea(attrs={"rows": 2}), "url": forms.URLInput()}
        if db_field.name in widgets:
            kwargs["widget"] = widgets[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **kwargs)


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


class RelatedField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, approach):
        is_public = approach.status == Approach.Status.PUBLISHED
        return str(approach) if is_public else f"{approach} (not public)"


class DayAndTime(AdminSplitDateTime):
    """Each of the two says which it is: the label is for both."""

    def __init__(self, attrs=None):
        super().__init__(attrs)
        for widget, name in zip(self.widgets, ("Day", "Time"), strict=True):
            widget.attrs["aria-label"] = f"{name} of publishing by itself"


class ApproachForm(OffersTerms, WholeRowForm):
    """Checks what the page says before the public reads it, all but the sources."""

    publish_by_itself = forms.SplitDateTimeField(
        required=False,
        widget=DayAndTime,
        label="Publish by itself on",
        help_text="Leave it empty to publish by hand.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "publish_by_itself" in self.fields:
            self.initial["publish_by_itself"] = self.instance.publish_at
        if "related" in self.fields and self.instance.pk:
            related = self.fields["related"]
            related.queryset = related.queryset.exclude(pk=self.instance.pk)
        is_public = self.instance.status == Approach.Status.PUBLISHED or self.instance.publish_at
        self.checks_faults = bool(self.instance.pk and is_public)

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        publishing.check_address(slug, self.instance if self.instance.pk else None)
        return slug

    def clean_publish_by_itself(self):
        at = self.cleaned_data["publish_by_itself"]
        if at and at != self.instance.publish_at and at <= timezone.now():
            raise ValidationError("This moment has passed: choose a later one, or publish it now.")
        return at

    def _post_clean(self):
        # As the page stands before the form writes into the row in memory.
        before = faults_of(self.instance) if self.checks_faults else []
        super()._post_clean()
        if not self.checks_faults or self.errors:
            return
        for fault in faults_of(self.instance, related=self.cleaned_data["related"], sources=()):
            # What was wrong before may be mended later: a typing error must not wait for it.
            if fault not in before:
                self.add_error(None, fault)


class ReviewDueFilter(admin.SimpleListFilter):
    title = "review"
    parameter_name = "review"

    def lookups(self, request, model_admin):
        return [("due", "Due for review")]

    def queryset(self, request, queryset):
        if self.value() != "due":
            return queryset
        return queryset.filter(pk__in=Approach.objects.due_for_review().values("pk"))


class Unpublish(Verb):
    """Says which public pages name the one that is taken away."""

    def do(self, row, request):
        super().do(row, request)
        if others := list(Approach.objects.relating_to(row)):
            names = ", ".join(f"“{one}”" for one in others)
            messages.warning(
                request, f"{names} had it among the related approaches, and leave it out for now."
            )


@admin.register(Approach)
class ApproachAdmin(
    ImportsPages, TellsOfLostUpdates, Previews, Pins, KeepsVersions, ReviewsStatements, VerbsAdmin
):
    form = ApproachForm
    change_form_template = "admin/approaches/approach/change_form.html"
    list_display = ["name", "shown", "specialist_count", "reviewed_on", "review"]
    list_filter = ["status", ReviewDueFilter, "reviewed_on"]
    search_fields = ["name", "synonyms", "summary"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["helps_with", "related"]
    readonly_fields = ["shown", "published_on", "review", "all_specialists", "old_addresses"]
    save_on_top = True
    inlines = [SourceInline, SpecialistsOfApproach]
    verbs = (
        Verb("publish", "Publish", "Published", publishing.publish),
        Unpublish(
            "unpublish", "Take from the public", "Taken from the public", publishing.unpublish
        ),
        Verb("mark_reviewed", "Reviewed today", "Reviewed", publishing.mark_reviewed),
    )
    fieldsets = [
        (None, {"fields": ["name", "slug", "old_addresses", "synonyms", "summary", "overview"]}),
        ("What it helps with", {"fields": ["helps_with"]}),
        ("Evidence and limits", {"fields": ["evidence", "limits"]}),
        ("Related approaches", {"fields": ["related"]}),
        ("Review", {"fields": [("reviewed_by", "reviewed_on"), "review"]}),
        ("Before the public", {"fields": [("shown", "published_on"), "publish_by_itself"]}),
        ("Specialists", {"fields": ["all_specialists"]}),
    ]

    class Media:
        css = {"all": ["css/curating.css"]}
        js = [Script("js/markdown.js", defer=True)]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(specialist_count=Count("specialists"))

    def get_fieldsets(self, request, obj=None):
        """Who may only look, and a page that is public, have no day to choose."""
        may_change = self.has_change_permission(request, obj) if obj else True
        if may_change and not (obj and obj.status == Approach.Status.PUBLISHED):
            return self.fieldsets
        without = {"publish_by_itself"}
        return [
            (name, {"fields": [one for one in options["fields"] if one not in without]})
            for name, options in self.fieldsets
        ]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "related":
            is_public = Case(When(status=Approach.Status.PUBLISHED, then=0), default=1)
            kwargs["queryset"] = Approach.objects.order_by(is_public, Lower("name"), "pk")
            kwargs["form_class"] = RelatedField
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    # --- saving ---

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        old = form.initial.get("slug")
        if change and "slug" in form.changed_data and obj.published_on:
            publishing.keep_old_address(obj, old, by=request.user)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if "publish_by_itself" in form.cleaned_data and "_verb_publish" not in request.POST:
            self._schedule(request, form.instance, form.cleaned_data["publish_by_itself"])

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        if formset.model is Source:
            number_sources(form.instance)

    def _schedule(self, request, approach, at):
        if at == approach.publish_at:
            return
        try:
            if at:
                publishing.schedule(approach, at, by=request.user)
                when = publishing.moment(at)
                messages.success(request, f"{approach} will be published on {when}.")
            else:
                publishing.unschedule(approach, by=request.user)
        except ValidationError as error:
            again = f"Mend that, then write {publishing.moment(at)} down once more." if at else ""
            said = ["It has no day yet.", *error.messages, again]
            messages.error(request, " ".join(filter(None, said)))

    # --- columns ---

    @admin.display(description="status", ordering="status")
    def shown(self, approach):
        if not approach.publish_at:
            return approach.get_status_display()
        when = publishing.moment(approach.publish_at)
        if approach.is_overdue:
            return f"Draft: was to be published on {when}. Press “Publish” to see what is missing."
        return f"Draft, to be published on {when}"

    @admin.display(description="review", ordering="reviewed_on")
    def review(self, approach):
        if approach.status != Approach.Status.PUBLISHED:
            return "Not public yet"
        return "Due for review" if approach.is_due_for_review else "Not due"

    @admin.display(description="specialists")
    def specialist_count(self, approach):
        return approach.specialist_count

    @admin.display(description="old addresses that lead here")
    def old_addresses(self, approach):
        if not approach.pk:
            return "None."
        slugs = approach.aliases.order_by("slug").values_list("slug", flat=True)
        return ", ".join(f"/approaches/{slug}/" for slug in slugs) or "None."

    @admin.display(description="all of them")
    def all_specialists(self, approach):
        if not approach.pk:
            return "After saving."
        return format_html(
            '<a href="{}?approach__id__exact={}">{} specialists</a> · '
            '<a href="{}">Choose who stands first</a>',
            reverse("admin:approaches_specialist_changelist"),
            approach.pk,
            approach.specialist_count,
            reverse("admin:approaches_approach_pins", args=[approach.pk]),
        )


def number_sources(approach):
    """10, 20, 30, so that another one finds a place between two."""
    for place, source in enumerate(approach.sources.order_by("position", "pk"), 1):
        if source.position != place * 10:
            Source.objects.filter(pk=source.pk).update(position=place * 10)
