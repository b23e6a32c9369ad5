"""/accounts/: what we use of allauth, by allauth's names, and the pages of joining.

Sign-in codes, phone numbers, sign-up by passkey and other people's accounts (social sign-in) are
left out.
"""

from allauth.account import views as account
from django.urls import include, path, re_path

from therapists.accounts import views

joining = [
    path("profile/", views.make_profile, name="profile"),
    path("consent/", views.consent, name="consent"),
    path("claim/", views.claim, name="claim"),
    path("claim/<str:token>/", views.invitation, name="invitation"),
    path("second-factor/", views.second_factor, name="second_factor"),
]

urlpatterns = [
    path("", include((joining, "joining"))),
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("email/", account.email, name="account_email"),
    path("confirm-email/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]{1,300})/$",
        account.confirm_email,
        name="account_confirm_email",
    ),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]{1,20})-(?P<key>.{1,200})/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", include("allauth.mfa.urls")),
]
