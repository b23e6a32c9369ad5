"""Two sign-ins for a look around the demo: one of the staff, one of the therapists."""

import secrets

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import transaction

from approaches.demo.messages import load_messages
from therapists import joining
from therapists.models import Therapist


@transaction.atomic
def make():
    """Make the two, or give them new passwords; returns what to print of them."""
    staff, staff_password = _user("staff", is_staff=True, is_superuser=True)
    owner, owner_password = _user("therapist", is_staff=False, is_superuser=False)
    if not owner.profiles.exists():
        mine = Therapist.objects.listed().exclude(photo="").order_by("name", "pk").first()
        mine.owner = owner
        mine.save(update_fields=["owner"])
        joining.agree(mine, by=owner)
        load_messages(mine)
    return (
        f"Staff:      /admin/   name: {staff.username}       password: {staff_password}\n"
        f"Therapist:  /my/      name: {owner.username}   password: {owner_password}\n"
    )


def _user(username, **rights):
    user, _ = get_user_model().objects.get_or_create(username=username, defaults=rights)
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.email = user.email or f"{username}@demo.invalid"
    user.save(update_fields=["password", "email"])
    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    return user, password
