"""allauth's forms in this house's words: a label says it once, and nothing is said in grey."""

from allauth.account import forms as account
from allauth.mfa.base import forms as codes
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.contrib.auth.models import User


class Plain:
    """Takes placeholders away, which repeat the label, and gives fields the labels in `labels`."""

    labels: dict[str, str] = {}
    help_texts: dict[str, str] = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.help_texts.get(name, field.help_text)


GOOD_ENOUGH = "At least 8 characters. Not a common word, not only digits, and not your own name."


class SignIn(Plain, account.LoginForm):
    labels = {
        "login": "E-mail address, or user name",
        "remember": "Keep me signed in on this device",
    }
    help_texts = {"password": ""}  # the page leads to a new one


class SignUp(Plain, account.SignupForm):
    labels = {"email": "E-mail address", "password1": "Choose a password"}
    help_texts = {
        "email": "Never shown in public. The directory writes to you here.",
        "password1": GOOD_ENOUGH,
    }

    def try_save(self, request):
        """For an address that is known, too, a password is hashed: else the clock tells it."""
        if self.account_already_exists:
            User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ResetPassword(Plain, account.ResetPasswordForm):
    labels = {"email": "E-mail address"}


class NewPassword(Plain, account.ResetPasswordKeyForm):
    labels = {"password1": "New password", "password2": "New password, once more"}
    help_texts = {"password1": GOOD_ENOUGH}


class ChangePassword(Plain, account.ChangePasswordForm):
    labels = {
        "oldpassword": "Your password until now",
        "password1": "New password",
        "password2": "New password, once more",
    }
    help_texts = {"password1": GOOD_ENOUGH, "oldpassword": ""}


class SetPassword(Plain, account.SetPasswordForm):
    labels, help_texts = NewPassword.labels, NewPassword.help_texts


class ChangeAddress(Plain, account.AddEmailForm):
    labels = {"email": "New e-mail address"}


class ConfirmPassword(Plain, account.ReauthenticateForm):
    labels = {"password": "Your password"}
    help_texts = {"password": ""}


class Code(Plain, codes.AuthenticateForm):
    labels = {"code": "Code"}
    help_texts = {"code": "Six digits from your authenticator app, or one of your recovery codes."}


class CodeAgain(Plain, codes.ReauthenticateForm):
    labels, help_texts = Code.labels, Code.help_texts


class FirstCode(Plain, ActivateTOTPForm):
    labels = {"code": "Code"}
    help_texts = {"code": "The six digits that the app shows now."}


class AddPasskey(Plain, AddWebAuthnForm):
    labels = {"name": "A name for it", "passwordless": "Sign in with it alone, without a password"}
    help_texts = {
        "name": "“My phone”, “Key at work”: to tell it from others.",
        "passwordless": "It then asks for your fingerprint, face or PIN.",
    }
