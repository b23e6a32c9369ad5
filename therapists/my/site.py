"""The admin site /my/ itself: who gets in, and which of the admin's views there are."""

from functools import update_wrapper

from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.functional import SimpleLazyObject

from therapists import joining
from therapists.accounts.sites import OneSignIn
from therapists.models import MyProfile

# Views of AdminSite that redirect to and complete objects of any kind. The admin's own pages link
# the others (`app_list`, `jsi18n`), which name nothing.
_NOT_FOR_THERAPISTS = {"view_on_site", "autocomplete"}


class MySite(OneSignIn):
    site_header = site_title = "My profile"
    index_title = "What people see of you"
    enable_nav_sidebar = False
    final_catch_all_view = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.pages = []

    def page(self, route, name):
        """Decorates a view that is a page of /my/ besides the profile's form."""

        def register(view):
            self.pages.append(path(route, self.admin_view(view), name=name))
            return view

        return register

    def has_permission(self, request):
        """Anyone active who owns a profile. Staff without one keep to /admin/."""
        user = request.user
        return user.is_active and MyProfile.objects.owned_by(user).exists()

    def each_context(self, request):
        """Every page of /my/ leads to the messages, and says how many are open."""
        from therapists.my.messages import count_open  # a page of this site

        context = super().each_context(request)
        if context["has_permission"]:
            context["messages_page"] = reverse("my:messages")
            context["open_messages"] = SimpleLazyObject(lambda: count_open(request))
        return context

    def way_in(self, request, onward):
        """Who owns no profile makes one; staff are told where their own room is."""
        if request.user.is_staff:
            # Within this site {% url "admin:index" %} would mean this site.
            room = {"staff_room": reverse("admin:index")}
            return render(request, "account/no_profile.html", room)
        return redirect("joining:profile")

    def admin_view(self, view, cacheable=False):
        """Before anything else, an owner is asked for their own consent to be listed."""
        inner = super().admin_view(view, cacheable)

        def consented(request, *args, **kwargs):
            if view != self.logout and joining.asks_consent(request.user).exists():
                return redirect("joining:consent")
            return inner(request, *args, **kwargs)

        return update_wrapper(consented, inner)

    def get_urls(self):
        urls = super().get_urls()
        return self.pages + [
            url for url in urls if getattr(url, "name", None) not in _NOT_FOR_THERAPISTS
        ]

    def index(self, request, extra_context=None):
        return HttpResponseRedirect(reverse("my:therapists_myprofile_changelist"))

    def app_index(self, request, app_label, extra_context=None):
        return self.index(request)


my_site = MySite(name="my")
