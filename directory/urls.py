"""Every address of the site, in the order in which a visitor meets them."""

from django.conf import settings
from django.contrib import admin
from django.contrib.sitemaps import views as sitemaps
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe

from directory import lists, views
from directory.admin import view_on_site
from directory.sitemaps import SITEMAPS
from therapists.accounts.views import join
from therapists.contact.erasing import erase_message
from therapists.match.views import match
from therapists.my import my_site
from therapists.photos.views import photo
from therapists.shortlist.views import shortlist

admin.site.site_header = admin.site.site_title = f"{settings.SITE_NAME}: staff"
admin.site.index_title = "The directory"
lists.quicken(admin.site, my_site)

urlpatterns = [
    path("", views.home, name="home"),
    path("approaches/", include("approaches.urls")),
    path("therapists/", include("therapists.urls")),
    path("match/", match, name="match"),
    path("shortlist/", shortlist, name="shortlist"),
    path("messages/erase/<str:token>/", erase_message, name="erase-message"),
    path("how-we-order/", views.how_we_order, name="how-we-order"),
    path("join/", join, name="join"),
    path("accounts/", include("therapists.accounts.urls")),
    path("my/", my_site.urls),
    # Before the admin's own, which asks for no permission.
    path("admin/r/<path:content_type_id>/<path:object_id>/", admin.site.admin_view(view_on_site)),
    path("admin/", admin.site.urls),
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", require_safe(sitemaps.index), {"sitemaps": SITEMAPS}, name="sitemap"),
    path(
        "sitemap-<section>.xml",
        require_safe(sitemaps.sitemap),
        {"sitemaps": SITEMAPS},
        name="django.contrib.sitemaps.views.sitemap",
    ),
    # Not for a server in front to take over: not every photo is for everybody.
    re_path(r"^media/(?P<path>photos/[a-zA-Z0-9_/.-]{1,150})$", photo),
]

if settings.DEBUG:
    import debug_toolbar

    urlpatterns.append(path("__debug__/", include(debug_toolbar.urls)))

handler500 = "directory.views.server_error"
