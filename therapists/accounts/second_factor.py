"""Whether this very session was opened with a second factor, and how to come by that.

It is the session that counts: a person may have an authenticator app, and yet have signed in
before it was set up. allauth notes in the session by which methods it was opened.
"""

from allauth.account.adapter import get_adapter
from allauth.account.authentication import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.dispatch import receiver
from django.urls import reverse
from django.utils.http import urlencode

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def is_satisfied(request):
    """Whether `request` may see what only staff with a second factor see. Asks no database."""
    return not settings.STAFF_SECOND_FACTOR or any(
        record.get("method") == "mfa"
        for record in get_authentication_records(request, request.user)
    )


def way_to_it(request, onward):
    """The page that asks for the second factor, or that sets one up; then on to `onward`."""
    if not is_mfa_enabled(request.user, FACTORS):
        return reverse("joining:second_factor")
    ask = get_adapter(request).get_reauthentication_methods(request.user)[0]["url"]
    return f"{ask}?{urlencode({'next': onward})}"


@receiver(authenticator_added, dispatch_uid="first factor")
def the_first_one_counts_at_once(request, user, authenticator, **_):
    """Who sets up a first factor has just shown that they hold it.

    Not so a further one: who has a factor must use it to sign in.
    """
    others = Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=authenticator.pk)
    if authenticator.type in FACTORS and not others.exists():
        record_authentication(
            request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True
        )


@receiver(authenticator_removed, dispatch_uid="last factor")
def the_last_one_takes_it_away(request, user, **_):
    """Without any factor this session is one by password again."""
    if not is_mfa_enabled(user, FACTORS):
        records = get_authentication_records(request, user)
        left = [record for record in records if record.get("method") != "mfa"]
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = left
