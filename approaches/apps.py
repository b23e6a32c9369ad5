from django.apps import AppConfig


class Approaches(AppConfig):
    name = "approaches"
    verbose_name = "Approaches"

    def ready(self):
        # Each tells `therapists` what it knows: where statements are kept, what a merge concerns,
        # which faults to look for.
        from approaches import desk, moderation, versions  # noqa: F401
