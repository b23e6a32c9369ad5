"""The form in which therapists keep their own profile."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse

from therapists import publishing
from therapists.forms import LINKS
from therapists.models import MyProfile
from therapists.my.site import my_site


@admin.register(MyProfile, site=my_site)
class MyProfileAdmin(admin.ModelAdmin):
    """What goes live at once. Words, photo, name and licences are staff's to change for now."""

    actions = None
    formfield_overrides = LINKS
    list_display = ["name", "availability", "availability_confirmed_on"]
    readonly_fields = ["signed_as", "availability_confirmed_on"]
    fieldsets = [
        (
            None,
            {
                "fields": ["signed_as"],
                "description": "Everything below goes live when you save it. To change your name, "
                "title, license, photo or words, write to the people who run this directory.",
            },
        ),
        (
            "Availability",
            {
                "fields": ["availability", "availability_confirmed_on"],
                "description": "Saving this page says that your availability is true today. "
                "Profiles that nobody confirms are flagged, and hidden later.",
            },
        ),
        ("How you see people", {"fields": [("in_person", "online")]}),
        ("Fees", {"fields": [("fee_from", "fee_to"), ("sliding_scale", "free_first_call")]}),
        ("Contact", {"fields": ["phone", "website", "booking_url"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).owned_by(request.user)

    def _is_mine(self, request, obj):
        return obj is None or obj.owner_id == request.user.pk

    def has_module_permission(self, request):
        return True

    def has_view_permission(self, request, obj=None):
        return self._is_mine(request, obj)

    def has_change_permission(self, request, obj=None):
        return self._is_mine(request, obj)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def lookup_allowed(self, lookup, value, request=None):
        """No filter by address: `?email__startswith=` would tell what is not shown."""
        return False

    def view_on_site(self, obj):
        """The public page itself, where there is one: never by way of a content type."""
        return obj.get_absolute_url() if obj.is_listed else None

    def history_view(self, request, object_id, extra_context=None):
        """The history names staff."""
        raise PermissionDenied

    def changelist_view(self, request, extra_context=None):
        """Straight to the profile where there is only one, as there nearly always is."""
        mine = list(self.get_queryset(request)[:2])
        if len(mine) == 1 and request.method == "GET":
            url = reverse("my:therapists_myprofile_change", args=[mine[0].pk])
            return HttpResponseRedirect(url)
        return super().changelist_view(request, extra_context)

    @admin.display(description="You are signed as")
    def signed_as(self, profile):
        return str(profile.byline)

    def response_change(self, request, obj):
        messages.success(request, "Saved. Your availability counts as confirmed today.")
        return HttpResponseRedirect(request.path)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        publishing.confirm_availability(obj, by=request.user)
