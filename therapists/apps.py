from django.apps import AppConfig
from django.core.signals import request_finished


class Therapists(AppConfig):
    name = "therapists"
    verbose_name = "Therapists"

    def ready(self):
        from therapists.accounts import second_factor  # noqa: F401 - listens to what allauth tells
        from therapists.counters import counts
        from therapists.photos import holders

        request_finished.connect(counts.write_if_due, dispatch_uid="therapists.counters")
        holders.follow()
