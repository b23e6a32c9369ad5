"""The people who work here, as managers keep them: nobody gives rights that they don't have."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import PermissionDenied

from directory.roles import ROLES
from therapists.admin.accounts import is_within_reach

admin.site.unregister(User)
admin.site.unregister(Group)

# What only who has all rights may give: with one of these a manager would have them all, too.
RIGHTS = ("is_superuser", "user_permissions")


@admin.register(User)
class PeopleAdmin(UserAdmin):
    """Managers make staff of people by the roles; who may do more is out of their reach."""

    list_filter = ["is_staff", "is_active", "groups"]

    def get_readonly_fields(self, request, obj=None):
        given = super().get_readonly_fields(request, obj)
        return given if request.user.is_superuser else (*given, *RIGHTS)

    def has_change_permission(self, request, obj=None):
        if obj is not None and not is_within_reach(obj, of=request.user):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        if obj is not None and not is_within_reach(obj, of=request.user):
            return False
        return super().has_delete_permission(request, obj)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "groups" and not request.user.is_superuser:
            kwargs["queryset"] = Group.objects.filter(name__in=ROLES)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request, form, formsets, change):
        """Groups that the form did not offer are kept."""
        unseen = [] if request.user.is_superuser else form.instance.groups.exclude(name__in=ROLES)
        unseen = list(unseen)
        super().save_related(request, form, formsets, change)
        form.instance.groups.add(*unseen)


@admin.register(Group)
class RolesAdmin(GroupAdmin):
    """Groups of the place's own; what the roles hold is written in `directory.roles`."""

    def has_change_permission(self, request, obj=None):
        if obj is not None and obj.name in ROLES:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        if obj is not None and obj.name in ROLES:
            return False
        return super().has_delete_permission(request, obj)


def view_on_site(request, content_type_id, object_id):
    """The public page of a row, for staff who may look at it.

    Django's own redirects any staff to any row of any model, and so tells the address of a draft.
    """
    # Every address that Django's would take must come here: “+12” is a number to it, too.
    is_number = content_type_id.isascii() and content_type_id.isdigit() and len(content_type_id) < 9
    kind = is_number and ContentType.objects.filter(pk=content_type_id).first()
    model_admin = admin.site._registry.get(kind.model_class()) if kind else None
    if model_admin is None or not model_admin.has_view_permission(request):
        raise PermissionDenied
    return shortcut(request, content_type_id, object_id)
