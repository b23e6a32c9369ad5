"""Joining, claiming a profile by invitation, and consent, as pages.

`/join/` is public. All others stand under /accounts/, for people who are signed in or about to be.
"""

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from therapists import invitations, joining
from therapists.accounts.ways import way_home
from therapists.models import Therapist

INVITATION = "invitation"
AGREE = "Please tick this if you agree. Without it we may not list you."


class AgreeForm(forms.Form):
    agree = forms.BooleanField(
        label="I have read this, and I agree to be listed.", error_messages={"required": AGREE}
    )


class JoinForm(forms.ModelForm):
    """What a profile begins with."""

    agree = forms.BooleanField(
        label="I have read this, and I agree to be listed.", error_messages={"required": AGREE}
    )

    class Meta:
        model = Therapist
        fields = ["kind", "name", "title", "post_nominals"]
        labels = {
            "kind": "This profile is for",
            "name": "Name",
            "title": "Title",
            "post_nominals": "Letters after the name",
        }
        help_texts = {
            "name": "As clients should see it. Letters such as PhD have a line of their own.",
            "title": "The credential as you sign it: Licensed Clinical Social Worker. A practice "
            "may leave it empty.",
            "post_nominals": "If you have any: PhD, LCSW.",
        }
        widgets = {"kind": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kind = Therapist.Kind
        self.fields["kind"].choices = [
            (kind.PERSON, "One person"),
            (kind.PRACTICE, "A practice or group, under its own name"),
        ]

    def clean(self):
        """Later it changes on request alone, and nobody is listed without it: asked for now."""
        words = super().clean()
        is_person = words.get("kind") == Therapist.Kind.PERSON
        if is_person and not words.get("title") and "title" not in self.errors:
            self.add_error("title", "Please write your title, as you sign it.")
        return words


@require_safe
def join(request):
    """What joining means, before anybody signs up."""
    return render(request, "join.html", {"days": invitations.days()})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def make_profile(request):
    """Name, kind, consent: the first page after signing up."""
    if Therapist.objects.owned_by(request.user).exists():
        return redirect("my:index")
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        try:
            joining.join(by=request.user, **{name: words[name] for name in form.Meta.fields})
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, "Your draft is made. Nobody sees it until it is published.")
            return redirect("my:index")
    return render(request, "account/profile.html", {"form": form, **_text()})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request):
    """Asks for the therapist's own consent, one profile after the other, before all else.

    Who has been asked for all of them sees what they agreed to, and can take it back.
    """
    if request.method == "POST" and "take_back" in request.POST:
        return _taken_back(request)
    profile = joining.asks_consent(request.user).first()
    if profile is None:
        return _consent_given(request)
    form = AgreeForm(request.POST or None)
    # Another tab may have answered for this one, and then the next must be read before it is.
    same = request.POST.get("profile") == str(profile.pk)
    if request.method == "POST" and same and form.is_valid():
        joining.agree(profile, by=request.user)
        if joining.asks_consent(request.user).exists():
            return redirect("joining:consent")
        return HttpResponseRedirect(way_home(request.user))
    context = {
        "form": form if same else AgreeForm(),
        "profile": profile,
        "earlier": profile.consents.exclude(text_version="").exists(),
    }
    return render(request, "account/consent.html", {**context, **_text()})


def _consent_given(request):
    profiles = Therapist.objects.owned_by(request.user).order_by("pk")
    if not profiles or request.method == "POST":
        return HttpResponseRedirect(way_home(request.user))
    return render(request, "account/consent_given.html", {"profiles": profiles, **_text()})


def _taken_back(request):
    mine = Therapist.objects.owned_by(request.user)
    for profile in mine:
        if request.POST.get("profile") == str(profile.pk):
            joining.take_back(profile, by=request.user)
            messages.success(request, f"{profile.name} is not shown to the public.")
    return redirect("joining:consent")


def _text():
    return {
        "consent_text": f"consent/{joining.CONSENT_VERSION}.html",
        "consent_version": joining.CONSENT_VERSION,
    }


@require_safe
@sensitive_variables("token")
def invitation(request, token):
    """The link in the letter. It acts on nothing: programs that read mail follow links, too.

    The token goes into the session, so that the pages that follow do not have it in their address.
    """
    request.session[INVITATION] = token
    return redirect("joining:claim")


@require_http_methods(["GET", "HEAD", "POST"])
def claim(request):
    """Shows whose profile the invitation is for; by POST it becomes that of who is signed in."""
    token = request.session.get(INVITATION, "")
    try:
        if not token:
            raise ValidationError("Please open the link in your invitation once more.")
        therapist = invitations.therapist_of(token)
        if request.method == "POST" and request.user.is_authenticated:
            joining.claim(token, by=request.user)
            _forget(request)
            return redirect("my:index")
    except ValidationError as error:
        _forget(request)
        refused = {"why": " ".join(error.messages)}
        return render(request, "account/claim_refused.html", refused, status=410)
    if not request.user.is_authenticated:
        # Who holds the letter can read mail at that address: no second letter to prove it.
        get_adapter(request).stash_verified_email(request, therapist.email)
    onward = urlencode({"next": reverse("joining:claim")})
    return render(request, "account/claim.html", {"therapist": therapist, "onward": onward})


def _forget(request):
    for name in (INVITATION, "account_verified_email"):
        request.session.pop(name, None)


@login_required
@require_safe
def second_factor(request):
    """Tells staff why they need a second factor, and leads to the two ways."""
    return render(request, "account/second_factor.html")
