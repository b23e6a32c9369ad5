"""Where a person belongs who is signed in."""

from django.urls import reverse

from therapists.models import Therapist


def way_home(user):
    """Own profile, else the staff's room, else the page that makes a profile."""
    if Therapist.objects.owned_by(user).exists():
        return reverse("my:index")
    return reverse("admin:index" if user.is_staff else "joining:profile")
