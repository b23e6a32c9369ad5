from django.apps import AppConfig


class Therapists(AppConfig):
    name = "therapists"
    verbose_name = "Therapists"
