"""Specialists and their statements as staff keep them."""

from django.contrib import admin
from django.db.models import Case, When
from django.utils.text import Truncator

from approaches import moderation
from approaches.models import Specialist
from therapists.admin.therapist import TherapistAdmin
from therapists.models import Therapist
from therapists.verbs import Verb, VerbsAdmin, WholeRowForm


def reviewed_anew(forms, by):
    """Approved words that were changed by hand wait for review again, whoever changed them."""
    for form in forms:
        specialist = form.instance
        if "statement" in form.changed_data and specialist.state == Specialist.State.APPROVED:
            moderation.submit(specialist, by=by)


class ReviewsStatements:
    """For an admin page whose inlines hold statements."""

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        if formset.model is Specialist:
            kept = [one for one in formset.forms if one not in formset.deleted_forms]
            reviewed_anew(kept, request.user)


class SpecialistFields:
    """What staff write of a specialist in an inline; the state moves by verbs alone."""

    model = Specialist
    form = WholeRowForm
    extra = 0
    readonly_fields = ["state"]
    show_change_link = True


class SpecialistsOfTherapist(SpecialistFields, admin.StackedInline):
    fields = [
        "approach",
        ("training", "training_body", "training_year"),
        "statement",
        ("state", "position"),
    ]
    autocomplete_fields = ["approach"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("therapist", "approach")


@admin.register(Specialist)
class SpecialistAdmin(VerbsAdmin):
    list_display = ["opening", "therapist", "approach", "state"]
    list_filter = ["state", "training", "approach"]
    list_select_related = ["therapist", "approach"]
    search_fields = ["therapist__name", "approach__name", "statement"]
    autocomplete_fields = ["therapist", "approach"]
    readonly_fields = ["state", "submitted_at", "decided_at", "decision_note"]
    list_per_page = 50
    # What waits for review stands first, the oldest at the top.
    ordering = [
        Case(When(state=Specialist.State.SUBMITTED, then=0), default=1),
        "submitted_at",
        "pk",
    ]
    verbs_lead_to_list = True
    verbs = (
        Verb("approve", "Approve the statement", "Approved", moderation.approve),
        Verb("send_back", "Send the statement back", "Sent back", moderation.send_back),
        Verb("withdraw", "Take the statement from the public", "Withdrawn", moderation.withdraw),
    )

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        reviewed_anew([form], request.user)

    @admin.display(description="statement")
    def opening(self, specialist):
        return Truncator(specialist.statement).words(24)


@admin.register(Therapist)
class TherapistWithSpecialismsAdmin(ReviewsStatements, TherapistAdmin):
    """A therapist's page with what they practise, which `therapists` itself knows nothing of."""

    inlines = [*TherapistAdmin.inlines, SpecialistsOfTherapist]
