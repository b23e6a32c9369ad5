"""What a therapist agreed to, for staff to read and nobody to change."""

from django.contrib import admin

from therapists.models import Consent


class ConsentInline(admin.TabularInline):
    """Where there is none, staff's own entry under "Consent and status" is all there is."""

    model = Consent
    extra = 0
    max_num = 0
    can_delete = False
    fields = readonly_fields = ["given_on", "text_version", "basis", "given_by", "withdrawn_at"]
    verbose_name_plural = "consent given, as it was recorded"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("given_by")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


def fields_of_own_consent(therapist):
    """The fields that are no longer staff's to change, once somebody agreed themselves."""
    own = therapist and therapist.consents.standing().exclude(text_version="").exists()
    return ["consent_on", "consent_basis"] if own else []
