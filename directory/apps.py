from django.apps import AppConfig


class Directory(AppConfig):
    """The wiring: settings, addresses, home, health. It has no tables of its own."""

    name = "directory"
    verbose_name = "Directory"
