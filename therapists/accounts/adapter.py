"""How django-allauth behaves here: letters, redirects, who is asked for what."""

import logging
from smtplib import SMTPException
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.internal.httpkit import clean_client_ip
from allauth.core.ratelimit import clear
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse

from therapists import letters
from therapists.accounts.ways import way_home

# allauth's ways to ask for a second factor again, and what the links to them are called.
BY_FACTOR = {
    "mfa_reauthenticate": "Use a code instead",
    "mfa_reauthenticate:webauthn": "Use a passkey instead",
}

EMAIL_MAX_LENGTH = EmailAddress._meta.get_field("email").max_length

log = logging.getLogger(__name__)

UNSENT = (
    "The letter could not be sent: our mail server does not answer. What you entered is kept. "
    "Please try again in a few minutes."
)

# What a letter says after "this was changed", by allauth's name of the letter.
CHANGES = {
    "password_changed": "Your password was changed.",
    "password_reset": "Your password was reset by a link that we had sent to this address.",
    "password_set": "A password was set.",
    "email_changed": "Your e-mail address was changed.",
    "email_confirm": "Your e-mail address was confirmed.",
    "email_deleted": "An e-mail address was removed.",
    "totp_activated": "An authenticator app was set up as second factor.",
    "totp_deactivated": "The authenticator app was removed as second factor.",
    "webauthn_added": "A passkey was added.",
    "webauthn_removed": "A passkey was removed.",
    "recovery_codes_generated": "New recovery codes were made. Older ones do not work any more.",
}


class Accounts(DefaultAccountAdapter):
    """Accounts as they are kept here."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This e-mail address and this password do not fit together.",
        "username_password_mismatch": "This name and this password do not fit together.",
        "too_many_login_attempts": "Too many tries. Please wait a few minutes, then try again.",
        "incorrect_password": "That is not your password.",
        "incorrect_code": "That code is not right. Codes change every half minute: try the next.",
        "rate_limited": "Too many tries. Please wait a few minutes, then try again.",
    }

    def clean_email(self, email):
        if len(email) > EMAIL_MAX_LENGTH:
            raise ValidationError("This address is too long to be written to.")
        return email

    def unstash_verified_email(self, request):
        """An invitation vouches for the address that it was sent to (`is_email_verified`).

        allauth would add that address to whatever somebody signs up with, and so let them in by
        another that nobody has verified.
        """

    def get_login_redirect_url(self, request):
        return way_home(request.user)

    def get_signup_redirect_url(self, request):
        return way_home(request.user)

    def get_email_verification_redirect_url(self, email_address):
        user = self.request.user
        return way_home(user) if user.is_authenticated else reverse("account_login")

    def get_login_stages(self):
        """Those whom the operator made hold no address with us that could be verified."""
        theirs = "allauth.account.stages.EmailVerificationStage"
        ours = "therapists.accounts.stages.VerifyAddress"
        return [ours if stage == theirs else stage for stage in super().get_login_stages()]

    def get_reauthentication_methods(self, user):
        """With a second factor, a password alone opens nothing that guards the sign-in."""
        methods = super().get_reauthentication_methods(user)
        stronger = [
            one | {"description": BY_FACTOR[one["id"]]} for one in methods if one["id"] in BY_FACTOR
        ]
        if not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            stronger.reverse()  # the passkey before recovery codes, which are for a bad day
        return stronger or methods

    def get_client_ip(self, request):
        """The visitor's address for throttling, which is kept only as part of a keyed hash.

        Each of the operator's own proxies adds the address it was asked from. A header that is too
        short did not come through them, and says nothing.
        """
        proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
        told = request.headers.get("X-Forwarded-For", "").split(",")
        address = told[-proxies] if 0 < proxies <= len(told) else ""
        return clean_client_ip(address) or request.META.get("REMOTE_ADDR") or "unknown"

    def _get_login_attempts_cache_key(self, request, **credentials):
        """By the name alone. allauth counts for each host anew, and that is what a visitor writes:
        `Host: ours:1`, `Host: ours:2` and so on are all allowed.
        """
        return credentials.get("email", credentials.get("username", "")).lower()

    # --- letters ---------------------------------------------------------------------------------

    def send_mail(self, template_prefix, email, context):
        """By `letters`, at once: what follows on the page depends on whether it went out."""
        name = template_prefix.rpartition("/")[2]
        # allauth writes links to the host that was asked for, which anybody may make up.
        links = {key: _on_our_site(url) for key, url in context.items() if key.endswith("_url")}
        context = {**context, **links, "email": email, "change": CHANGES.get(name)}
        template = "account/changed" if name in CHANGES else f"account/{name}"
        try:
            letters.written(template, email, **context).send()
        except (OSError, SMTPException):
            log.exception("A letter about an account could not be sent")
            self.request.letter_unsent = True
            # Else the next try within three minutes would send nothing, and say nothing.
            clear(self.request, action="confirm_email", key=email.lower())
            if name not in CHANGES:
                messages.error(self.request, UNSENT)

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        sent = "account/messages/email_confirmation_sent.txt"
        if message_template == sent and getattr(request, "letter_unsent", False):
            return
        super().add_message(request, level, message_template, *args, **kwargs)

    def respond_email_verification_sent(self, request, user):
        page = reverse("account_email_verification_sent")
        unsent = getattr(request, "letter_unsent", False)
        return HttpResponseRedirect(f"{page}?unsent=1" if unsent else page)


def _on_our_site(url):
    return letters.whole_address(urlsplit(url)._replace(scheme="", netloc="").geturl())


class SecondFactors(DefaultMFAAdapter):
    """Second factors as they are kept here."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": Accounts.error_messages["incorrect_code"],
        "unverified_email": "Please confirm your e-mail address first: follow the link that we "
        "sent you.",
    }

    def generate_authenticator_name(self, user, type):
        return "Passkey" if not is_mfa_enabled(user, [type]) else "Another passkey"
