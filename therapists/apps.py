from django.apps import AppConfig


class Therapists(AppConfig):
    name = "therapists"
    verbose_name = "Therapists"

    def ready(self):
        from therapists.photos import holders

        holders.follow()
