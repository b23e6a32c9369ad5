"""Specialists and their statements as staff keep them."""

from django.contrib import admin, messages
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator

from approaches import moderation
from approaches.admin.transfer import TransfersTherapists
from approaches.models import Specialist
from therapists.admin.finding import keys_of_therapists, narrowed
from therapists.admin.therapist import TherapistAdmin
from therapists.models import Therapist
from therapists.verbs import Verb, VerbsAdmin, WholeRowForm


def keep_what_is_published(form):
    """Take changed words off a statement that the public reads; returns them, or "".

    The published version stays until somebody approves the new one, whoever wrote it.
    """
    specialist = form.instance
    if "statement" not in form.changed_data or specialist.state != Specialist.State.APPROVED:
        return ""
    words, specialist.statement = specialist.statement, form.initial["statement"]
    return words


def hand_in(request, specialist, words):
    """Have the new version wait, and say so to who wrote it."""
    if words and moderation.propose(specialist, words, by=request.user):
        messages.info(
            request,
            f"{specialist}: the new words wait for review, and the published ones stay meanwhile.",
        )


class ReviewsStatements:
    """For an admin page whose inlines hold statements."""

    def save_formset(self, request, form, formset, change):
        written = []
        if formset.model is Specialist:
            kept = [one for one in formset.forms if one not in formset.deleted_forms]
            written = [(one.instance, keep_what_is_published(one)) for one in kept]
        super().save_formset(request, form, formset, change)
        for specialist, words in written:
            hand_in(request, specialist, words)


class SpecialistFields:
    """What staff write of a specialist in an inline; the state moves by verbs alone."""

    model = Specialist
    form = WholeRowForm
    extra = 0
    readonly_fields = ["state", "new_version"]
    show_change_link = True

    def get_queryset(self, request):
        queryset = super().get_queryset(request)
        return queryset.select_related("therapist", "approach").with_waiting()

    @admin.display(description="new version", empty_value="None waits.")
    def new_version(self, specialist):
        return waits_since(specialist)


def waits_since(specialist):
    """Since when a new version waits, as a link to where it is looked at; or None."""
    waiting = getattr(specialist, "waiting", None)
    if not waiting:
        return None
    address = reverse("admin:therapists_proposal_change", args=[waiting[0].pk])
    return format_html(
        '<a href="{}">Waits since {}</a>', address, date_format(waiting[0].submitted_at, "M j, Y")
    )


class SpecialistsOfTherapist(SpecialistFields, admin.StackedInline):
    fields = [
        "approach",
        ("training", "training_body", "training_year"),
        "statement",
        ("state", "position"),
        "new_version",
    ]
    autocomplete_fields = ["approach"]


class WaitsFilter(admin.SimpleListFilter):
    """Whether a new version of the statement waits for staff."""

    title = "new version"
    parameter_name = "waits"

    def lookups(self, request, model_admin):
        return [("yes", "Waits for review")]

    def queryset(self, request, queryset):
        return queryset.awaiting_review() if self.value() == "yes" else queryset


@admin.register(Specialist)
class SpecialistAdmin(VerbsAdmin):
    list_display = ["opening", "therapist", "approach", "state", "new_version"]
    list_filter = ["state", WaitsFilter, "training", "approach"]
    list_select_related = ["therapist", "approach"]
    search_fields = ["therapist__name"]  # how: see get_search_results
    ordering = ["-pk"]
    autocomplete_fields = ["therapist", "approach"]
    readonly_fields = ["state", "decided_at", "new_version"]
    list_per_page = 50
    verbs_lead_to_list = True
    verbs = (
        Verb("approve", "Approve the statement", "Approved", moderation.approve),
        Verb("withdraw", "Take the statement from the public", "Withdrawn", moderation.withdraw),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).with_waiting()

    def get_search_results(self, request, queryset, search_term):
        if not search_term.split():
            return queryset, False
        found = Q(therapist__in=keys_of_therapists(search_term))
        return narrowed(queryset, found), False

    def save_model(self, request, obj, form, change):
        words = keep_what_is_published(form)
        super().save_model(request, obj, form, change)
        hand_in(request, obj, words)

    @admin.display(description="statement")
    def opening(self, specialist):
        return Truncator(specialist.statement).words(24) or "(no words in place)"

    @admin.display(description="new version", empty_value="")
    def new_version(self, specialist):
        return waits_since(specialist)


@admin.register(Therapist)
class TherapistWithSpecialismsAdmin(TransfersTherapists, ReviewsStatements, TherapistAdmin):
    """A therapist's page with what they practise, which `therapists` itself knows nothing of."""

    actions = ["export_selected"]
    inlines = [*TherapistAdmin.inlines, SpecialistsOfTherapist]
