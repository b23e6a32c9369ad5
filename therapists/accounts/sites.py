"""What both admin sites share: one page to sign in, and a kind word for who stands at a wrong door.

Not in `therapists.admin`, whose modules register with the site that is made here.
"""

from allauth.account.internal.flows.logout import logout
from django.contrib.admin import AdminSite
from django.http import HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from therapists.accounts import second_factor


class OneSignIn(AdminSite):
    """An admin site without sign-in pages of its own."""

    def way_in(self, request, onward):
        """The answer to somebody who is signed in and may not enter; None sends them on."""
        raise NotImplementedError

    def login(self, request, extra_context=None):
        index = reverse("admin:index", current_app=self.name)
        onward = request.POST.get("next") or request.GET.get("next") or index
        if not url_has_allowed_host_and_scheme(onward, {request.get_host()}, request.is_secure()):
            onward = index
        if not request.user.is_authenticated:
            return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': onward})}")
        if self.has_permission(request):
            return HttpResponseRedirect(onward)
        return self.way_in(request, onward)

    def logout(self, request, extra_context=None):
        if request.method == "POST":
            logout(request)
        return HttpResponseRedirect(resolve_url("account_login"))

    def password_change(self, request, extra_context=None):
        return HttpResponseRedirect(reverse("account_change_password"))

    password_change_done = password_change


class StaffSite(OneSignIn):
    """/admin/: staff, and only in a session that was opened with a second factor."""

    def has_permission(self, request):
        return super().has_permission(request) and second_factor.is_satisfied(request)

    def way_in(self, request, onward):
        if request.user.is_staff:
            return HttpResponseRedirect(second_factor.way_to_it(request, onward))
        return render(request, "account/staff_only.html", status=403)
