from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class Directory(AppConfig):
    """The wiring: settings, addresses, home, health. It has no tables of its own."""

    name = "directory"
    verbose_name = "Directory"

    def ready(self):
        from directory import roles

        post_migrate.connect(roles.keep_roles, dispatch_uid="directory.roles")


class Admin(AdminConfig):
    """Django's admin, with the staff's site as the one that models register with."""

    default_site = "therapists.accounts.sites.StaffSite"

    def ready(self):
        super().ready()
        from django.contrib import admin
        from procrastinate.contrib.django.models import ProcrastinateJob

        # Its pages name jobs by number. What staff need of them stands on the desk.
        admin.site.unregister(ProcrastinateJob)
