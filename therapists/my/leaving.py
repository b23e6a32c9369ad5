"""Pages on which therapists take their data along, hide their profile, or have it erased."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from therapists import leaving, publishing
from therapists.contact import answers
from therapists.models import Therapist
from therapists.my.site import my_site
from therapists.takeout import pack

# Somebody at a computer that was left open may guess so often, and is signed out then.
GUESSES = 5


class EraseForm(forms.Form):
    """Asks for the password, or where the sign-in has none, for the name on the profile."""

    def __init__(self, *args, user, therapist, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.therapist = user, therapist
        if user.has_usable_password():
            self.fields["password"] = forms.CharField(
                label="Your password",
                strip=False,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            )
        else:
            self.fields["name"] = forms.CharField(
                label=f"Type the name on the profile: {therapist.name}",
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def clean_password(self):
        if not self.user.check_password(self.cleaned_data["password"]):
            raise ValidationError("This is not your password. Nothing was erased.")

    def clean_name(self):
        typed = " ".join(self.cleaned_data["name"].split()).casefold()
        if typed != " ".join(self.therapist.name.split()).casefold():
            raise ValidationError("This is not the name on the profile. Nothing was erased.")


@my_site.page("download/", "download")
@require_safe
def download(request):
    """Everything about the sign-in and its profiles, as a ZIP."""
    day = timezone.localdate()
    name = f"{slugify(settings.SITE_NAME) or 'directory'}-{day}.zip"
    return FileResponse(pack(request.user), as_attachment=True, filename=name)


@my_site.page("leaving/<int:pk>/", "leaving")
@require_safe
def leave(request, pk):
    """What a therapist can do who wants to leave, for a while or for good."""
    therapist = _mine(request, pk)
    return _page(
        request,
        "my/leaving.html",
        therapist,
        title="Download, hide or delete",
        wait_for_answer=answers.waiting(therapist).count(),
    )


@my_site.page("leaving/<int:pk>/hide/", "hide")
@require_POST
def hide(request, pk):
    return _after(request, publishing.step_back, _mine(request, pk), "Hidden. Nobody sees it now.")


@my_site.page("leaving/<int:pk>/come-back/", "come-back")
@require_POST
def come_back(request, pk):
    return _after(request, publishing.come_back, _mine(request, pk), "Welcome back.")


@my_site.page("leaving/<int:pk>/erase/", "erase")
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request, pk):
    """Says what will be gone and what is kept; erases once the question is answered."""
    therapist = _mine(request, pk)
    form = EraseForm(request.POST or None, user=request.user, therapist=therapist)
    if request.method == "POST" and form.is_valid():
        return _erased(request, therapist)
    if form.errors and _guessed_too_often(request):
        logout(request)
        return HttpResponseRedirect(reverse("my:login"))
    return _page(
        request,
        "my/erase.html",
        therapist,
        title="Delete my profile",
        form=form,
        goes=leaving.will_go(therapist),
        wait_for_answer=answers.waiting(therapist).count(),
        sign_in_goes=leaving.sign_in_goes(therapist),
    )


def _erased(request, therapist):
    name = therapist.name
    try:
        sign_in_went = leaving.erase(therapist)
    except Therapist.DoesNotExist:  # pressed twice
        raise Http404 from None
    if not sign_in_went:
        messages.success(request, f"The profile of {name} is erased.")
        return HttpResponseRedirect(reverse("my:index"))
    request.session.flush()
    request.user = AnonymousUser()
    return render(request, "my/erased.html")


def _guessed_too_often(request):
    request.session["erase_guesses"] = request.session.get("erase_guesses", 0) + 1
    return request.session["erase_guesses"] >= GUESSES


def _mine(request, pk):
    return get_object_or_404(Therapist.objects.owned_by(request.user), pk=pk)


def _after(request, verb, therapist, done):
    """Do what a button says, say what came of it, and go back to its page."""
    try:
        therapist = verb(therapist, by=request.user)
    except Therapist.DoesNotExist:
        raise Http404 from None
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("my:leaving", args=[therapist.pk]))


def _page(request, template, therapist, **context):
    everywhere = my_site.each_context(request)
    return render(request, template, {**everywhere, "therapist": therapist, **context})
