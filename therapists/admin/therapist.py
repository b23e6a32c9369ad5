"""Therapists as staff keep them, with their offices and licences."""

from django.contrib import admin
from django.db import transaction

from therapists import joining, publishing
from therapists.admin.consent import ConsentInline, fields_of_own_consent
from therapists.admin.deciding import DeletedWhole
from therapists.admin.finding import narrowed, therapists_called
from therapists.admin.licences import keep_check
from therapists.contact import messages
from therapists.forms import LINKS, OffersTerms, TermsField
from therapists.lost_updates import TellsOfLostUpdates
from therapists.models import Licence, Office, Term, Therapist
from therapists.querysets import listed_q
from therapists.verbs import Verb, VerbsAdmin, WholeRowForm


class OfficeInline(admin.StackedInline):
    model = Office
    extra = 0
    fields = [("city", "state", "postal_code"), ("street", "street_is_public"), "position"]


class LicenceInline(admin.StackedInline):
    model = Licence
    formfield_overrides = LINKS
    extra = 0
    fields = [
        ("state", "kind", "number"),
        "compact",
        ("expires_on", "board_url"),
        ("checked_on", "checked_by"),
    ]
    readonly_fields = ["checked_by"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("compact")


class ListedFilter(admin.SimpleListFilter):
    """Whether the public sees a therapist: published, and confirmed recently enough."""

    title = "shown to the public"
    parameter_name = "listed"

    def lookups(self, request, model_admin):
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.filter(listed_q())
        return queryset.exclude(listed_q()) if self.value() == "no" else queryset


class ConfirmedFilter(admin.SimpleListFilter):
    """Whose availability nobody has confirmed for long: hidden from the public, or soon to be."""

    title = "confirmed"
    parameter_name = "confirmed"

    def lookups(self, request, model_admin):
        return [("long-ago", "Long ago")]

    def queryset(self, request, queryset):
        if self.value() != "long-ago":
            return queryset
        return queryset.filter(pk__in=Therapist.objects.growing_stale().values("pk"))


class TherapistForm(OffersTerms, WholeRowForm):
    """What staff write of a therapist."""


class TherapistAdmin(TellsOfLostUpdates, DeletedWhole, VerbsAdmin):
    """Registered in `approaches.admin.specialist`, with the inline of what they practise."""

    form = TherapistForm
    formfield_overrides = LINKS
    list_display = [
        "name", "title", "place", "status", "shown", "availability", "availability_confirmed_on",
    ]  # fmt: skip
    list_filter = [
        "status",
        ListedFilter,
        ConfirmedFilter,
        "availability",
        "kind",
        "online",
        "in_person",
    ]
    search_fields = ["name", "email", "offices__city"]  # how: see get_search_results
    list_per_page = 50
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["owner"]
    readonly_fields = ["status", "published_on"]
    save_on_top = True
    inlines = [OfficeInline, LicenceInline, ConsentInline]
    verbs = (
        Verb("publish", "Publish", "Published", publishing.publish),
        Verb("withdraw", "Withdraw from the public", "Withdrawn", publishing.withdraw),
        Verb(
            "confirm_availability",
            "Availability is true today",
            "Confirmed",
            publishing.confirm_availability,
        ),
        Verb("invite", "Invite to keep this profile", "Invited", joining.invite),
    )
    fieldsets = [
        (None, {"fields": ["kind", "name", "slug", "post_nominals", "title", "pronouns", "photo"]}),
        ("In their own words", {"fields": ["about"]}),
        ("Seeing people", {"fields": [("in_person", "online")]}),
        (
            "Availability and fees",
            {
                "fields": [
                    ("availability", "availability_confirmed_on"),
                    ("fee_from", "fee_to"),
                    ("sliding_scale", "free_first_call"),
                ]
            },
        ),
        ("Contact", {"fields": ["phone", "website", "booking_url", "email"]}),
        ("Consent and status", {"fields": [("consent_on", "consent_basis"), "owner", "status",
                                           "published_on"]}),
        ("What they are found by", {"fields": ["terms"]}),
    ]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("offices")

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *fields_of_own_consent(obj)]

    def get_search_results(self, request, queryset, search_term):
        if not search_term.split():
            return queryset, False
        return narrowed(queryset, therapists_called(search_term)), False

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        return TermsField(Term.objects.all(), required=False)

    def save_formset(self, request, form, formset, change):
        if formset.model is Licence:
            for licence_form in formset.forms:
                keep_check(request, licence_form.instance, licence_form.changed_data)
        super().save_formset(request, form, formset, change)

    @transaction.atomic
    def delete_model(self, request, obj):
        # The therapist's row first, as everywhere; then messages, with what history says of them.
        publishing.locked(obj)
        messages.erase_all(obj.messages.all())
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request, queryset):
        for therapist in queryset.order_by("pk"):
            self.delete_model(request, therapist)

    @admin.display(description="place")
    def place(self, therapist):
        return therapist.byline.place

    @admin.display(boolean=True)
    def shown(self, therapist):
        return therapist.is_listed
