from django.apps import AppConfig


class Approaches(AppConfig):
    name = "approaches"
    verbose_name = "Approaches"
