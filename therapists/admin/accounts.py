"""Sign-ins in /admin/: second factors and addresses, never above the rights of who looks.

By an address a new password is asked for, and what is left of a sign-in without its second factor
is a password: so both are as much as the sign-in itself.
"""

from allauth.account.admin import EmailAddress, EmailAddressAdmin
from allauth.mfa.admin import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Permission, User

admin.site.unregister(Authenticator)
admin.site.unregister(EmailAddress)


def within_reach(user):
    """The people whose sign-ins `user` may keep: nobody who may do what they may not."""
    if user.is_superuser:
        return User.objects.all()
    # As given, not as in force: a closed sign-in can be opened.
    own = Permission.objects.filter(user=user) | Permission.objects.filter(group__user=user)
    others = Permission.objects.exclude(pk__in=own.values("pk"))
    return (
        User.objects.filter(is_superuser=False)
        .exclude(user_permissions__in=others)
        .exclude(groups__permissions__in=others)
    )


def is_within_reach(user, *, of):
    return of.is_superuser or within_reach(of).filter(pk=user.pk).exists()


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):
    """To be deleted when a phone and all recovery codes are lost; then it can be set up anew.

    Whether somebody has one, never what it is: allauth's own page shows the secret.
    """

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__email"]
    fields = readonly_fields = ["user", "type", "created_at", "last_used_at"]

    def lookup_allowed(self, lookup, value, request=None):
        """No filter by the secret: `?data__secret__startswith=A` would tell it."""
        return lookup.partition("__")[0] != "data" and super().lookup_allowed(
            lookup, value, request
        )

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        if obj is not None and not is_within_reach(obj.user, of=request.user):
            return False
        return super().has_delete_permission(request, obj)


@admin.register(EmailAddress)
class AddressAdmin(EmailAddressAdmin):
    """Addresses of those whose sign-ins one may keep; of others none is seen, nor given."""

    actions = ["make_verified"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(user__in=within_reach(request.user))

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "user":
            kwargs["queryset"] = within_reach(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.action(description="Mark selected e-mail addresses as verified", permissions=["change"])
    def make_verified(self, request, queryset):
        super().make_verified(request, queryset)
