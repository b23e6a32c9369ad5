"""The vocabularies and their terms as staff keep them: rename, order, retire, merge."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse

from therapists import vocabularies
from therapists.admin.names import NamedInList, NamedInTable
from therapists.models import Term, Vocabulary
from therapists.verbs import Verb, VerbsAdmin, WholeRowForm


class TermForm(WholeRowForm):
    def clean(self):
        cleaned = super().clean()
        vocabulary = getattr(cleaned.get("vocabulary"), "pk", None) or self.instance.vocabulary_id
        if vocabulary and cleaned.get("slug") and "slug" in self.changed_data:
            try:
                vocabularies.check_slug(vocabulary, cleaned["slug"], term=self.instance)
            except ValidationError as error:
                self.add_error("slug", error)
        return cleaned


def keep_old_slugs(term_forms, by):
    """Addresses with the slugs that these forms have changed lead on."""
    for form in term_forms:
        old = form.initial.get("slug")
        if old and "slug" in form.changed_data:
            vocabularies.keep_old_slug(form.instance, old, by=by)


class TermInline(NamedInTable, admin.TabularInline):
    model = Term
    form = TermForm
    extra = 1
    fields = ["name", "slug", "synonyms", "position", "listed_count", "retired_on"]
    readonly_fields = ["listed_count", "retired_on"]
    prepopulated_fields = {"slug": ["name"]}
    show_change_link = True
    # One tick would take a word from thousands of people: a term is merged, retired, or deleted on
    # its own page, which says what hangs on it.
    can_delete = False

    def get_queryset(self, request):
        return super().get_queryset(request).with_listed_count()

    @admin.display(description="listed therapists")
    def listed_count(self, term):
        return f"{getattr(term, 'listed_count', 0):,}"


@admin.register(Vocabulary)
class VocabularyAdmin(NamedInList, admin.ModelAdmin):
    list_display = ["name", "slug", "question", "term_count", "may_be_unstated", "position"]
    list_editable = ["position"]
    search_fields = ["name", "terms__name"]
    fields = ["name", "slug", "question", "explanation", "may_be_unstated", "position"]
    inlines = [TermInline]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(term_count=Count("terms"))

    def get_readonly_fields(self, request, obj=None):
        # Addresses, templates and the demo know a vocabulary by it: everything else may change.
        return ["slug"] if obj else []

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ["name"]}

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        keep_old_slugs(formset.forms, request.user)

    @admin.display(description="terms")
    def term_count(self, vocabulary):
        return vocabulary.term_count


class RetiredFilter(admin.SimpleListFilter):
    title = "offered"
    parameter_name = "retired"

    def lookups(self, request, model_admin):
        return [("no", "Offered"), ("yes", "Retired")]

    def queryset(self, request, queryset):
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(retired_on__isnull=self.value() == "no")


@admin.register(Term)
class TermAdmin(NamedInList, VerbsAdmin):
    form = TermForm
    change_form_template = "admin/therapists/term/change_form.html"
    list_display = [
        "name", "position", "listed_count", "approach_count", "retired_on", "vocabulary",
    ]  # fmt: skip
    list_editable = ["position"]
    list_filter = [RetiredFilter, "vocabulary"]
    list_select_related = ["vocabulary"]
    search_fields = ["name", "synonyms"]
    prepopulated_fields = {"slug": ["name"]}
    fields = [
        "vocabulary", "name", "slug", "synonyms", "position", "retired_on", "listed_count",
        "old_addresses",
    ]  # fmt: skip
    readonly_fields = ["retired_on", "listed_count", "old_addresses"]
    verbs = (
        Verb("retire", "Retire", "Retired", vocabularies.retire),
        Verb("bring_back", "Offer it again", "Brought back", vocabularies.bring_back),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).with_listed_count().with_approach_count()

    def get_readonly_fields(self, request, obj=None):
        # A term that changed its list would be stated in one where nobody said it.
        fixed = ["vocabulary"] if obj else []
        return [*self.readonly_fields, *fixed]

    def get_search_results(self, request, queryset, search_term):
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        is_choice = request.resolver_match.url_name == "autocomplete"
        return (found.offered() if is_choice else found), may_repeat

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "slug" in form.fields:  # not in the list, where only positions are written
            keep_old_slugs([form], request.user)

    @admin.display(description="listed therapists")
    def listed_count(self, term):
        return f"{getattr(term, 'listed_count', 0):,}"

    @admin.display(description="approaches", ordering="approach_count")
    def approach_count(self, term):
        return term.approach_count

    @admin.display(description="old addresses that lead here")
    def old_addresses(self, term):
        if not term.pk:
            return "None."
        slugs = term.aliases.order_by("slug").values_list("slug", flat=True)
        return ", ".join(f"?{term.vocabulary.slug}={slug}" for slug in slugs) or "None."

    # --- merge ---

    def get_urls(self):
        merge = path(
            "<int:pk>/merge/", self.admin_site.admin_view(self.merge), name="therapists_term_merge"
        )
        return [merge, *super().get_urls()]

    def merge(self, request, pk):
        """Choose the term that stays, read what moves, and confirm."""
        term = get_object_or_404(Term.objects.select_related("vocabulary"), pk=pk)
        if not (self.has_change_permission(request, term) and self.has_delete_permission(request)):
            raise PermissionDenied
        form = MergeForm(term, request.POST or request.GET or None)
        into = form.cleaned_data["into"] if form.is_valid() else None
        if into and request.method == "POST":
            try:
                vocabularies.merge(term, into, by=request.user)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
                return HttpResponseRedirect(request.path)
            messages.success(request, f"“{term}” was merged into “{into}”.")
            return HttpResponseRedirect(reverse("admin:therapists_term_change", args=[into.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Merge “{term}” into another term",
            "opts": self.opts,
            "term": term,
            "form": form,
            "into": into,
            "moving": vocabularies.moving(term, into) if into else [],
        }
        return render(request, "admin/therapists/term/merge.html", context)


class MergeForm(forms.Form):
    """Which term of the same vocabulary stays."""

    into = forms.ModelChoiceField(Term.objects.none(), label="Merge it into")

    def __init__(self, term, data):
        super().__init__(data)
        others = Term.objects.filter(vocabulary=term.vocabulary_id).exclude(pk=term.pk)
        self.fields["into"].queryset = others
