from django.apps import AppConfig


class Approaches(AppConfig):
    name = "approaches"
    verbose_name = "Approaches"

    def ready(self):
        # It says where statements are kept to the review that `therapists` has of all words.
        from approaches import desk, moderation  # noqa: F401
