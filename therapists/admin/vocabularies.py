"""The vocabularies and their terms as staff keep them."""

from django.contrib import admin
from django.db.models import Count

from therapists.models import Term, Vocabulary


class TermInline(admin.TabularInline):
    model = Term
    extra = 1
    fields = ["name", "slug", "synonyms", "position"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Vocabulary)
class VocabularyAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "question", "term_count", "may_be_unstated", "position"]
    list_editable = ["position"]
    search_fields = ["name", "terms__name"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [TermInline]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(term_count=Count("terms"))

    @admin.display(description="terms")
    def term_count(self, vocabulary):
        return vocabulary.term_count


@admin.register(Term)
class TermAdmin(admin.ModelAdmin):
    list_display = ["name", "vocabulary", "therapist_count", "synonyms"]
    list_filter = ["vocabulary"]
    list_select_related = ["vocabulary"]
    search_fields = ["name", "synonyms"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(therapist_count=Count("therapists"))

    @admin.display(description="therapists")
    def therapist_count(self, term):
        return term.therapist_count
