"""The admin site /my/ itself: who gets in, and which of the admin's views there are."""

from django.contrib import admin
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpResponseRedirect
from django.urls import path, reverse

from therapists.models import MyProfile

# Views of AdminSite that redirect to and complete objects of any kind. The admin's own pages link
# the others (`app_list`, `jsi18n`), which name nothing.
_NOT_FOR_THERAPISTS = {"view_on_site", "autocomplete"}


class MySite(admin.AdminSite):
    site_header = site_title = "My profile"
    index_title = "What people see of you"
    login_form = AuthenticationForm
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
