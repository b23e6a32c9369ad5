"""The pages around the profile form: preview, changes to ask for, and the wish to be listed."""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from therapists import completeness, preview, review
from therapists.models import Proposal, Therapist
from therapists.my.versions import WordsField
from therapists.validators import is_key
from therapists.writing import cleaned

Part = Proposal.Part
NAMED = {"name": Part.NAME, "title": Part.TITLE, "post_nominals": Part.POST_NOMINALS}


class ChangesForm(forms.Form):
    """What staff change for a therapist. Each that differs from what is held is handed in."""

    name = forms.CharField(max_length=120, required=False)
    title = forms.CharField(
        max_length=120,
        required=False,
        help_text="The credential as you sign it: Licensed Clinical Social Worker.",
    )
    post_nominals = forms.CharField(
        label="Letters after the name", max_length=80, required=False, help_text="PhD, LCSW"
    )
    request = WordsField(
        label="Anything else",
        limit=1_000,
        rows=5,
        help_text="A license that changed, a title to take out, a question: it reaches the people "
        "who run this directory.",
    )

    def __init__(self, *args, therapist, **kwargs):
        self.therapist = therapist
        self.on_hand = review.all_on_hand(therapist)
        parts = {**NAMED, "request": Part.REQUEST}
        held = {name: self._held(name, part) for name, part in parts.items()}
        super().__init__(*args, initial=held, **kwargs)
        for name in NAMED:
            self.fields[name].validators += Therapist._meta.get_field(name).validators

    def _held(self, name, part):
        version = self.on_hand.get((part, None))
        return version.text if version else getattr(self.therapist, name, "")

    def clean(self):
        for name in NAMED:
            text = self.cleaned_data[name] = cleaned(self.cleaned_data.get(name, ""))
            if not text and getattr(self.therapist, name) and name not in self.errors:
                self.add_error(name, "To take it out, say so below under “Anything else”.")
        return self.cleaned_data

    def save(self, *, by):
        """Hand in what changed. Returns how many things staff have now to look at."""
        parts = {**NAMED, "request": Part.REQUEST}
        changed = [name for name in parts if name in self.changed_data and self.cleaned_data[name]]
        for name in changed:
            review.propose(self.therapist, parts[name], by=by, text=self.cleaned_data[name])
        return len(changed)


class ProfilePages:
    """For MyProfileAdmin. Whoever asks for a row that is not their own gets Django's usual answer
    for rows that do not exist."""

    def get_urls(self):
        pages = {
            "preview": require_safe(self.preview_view),
            "requests": require_http_methods(["GET", "HEAD", "POST"])(self.requests_view),
            "take-back": require_POST(self.take_back_view),
            "ask-to-be-listed": require_POST(self.listing_view),
        }
        urls = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(self._of_own_row(view)),
                name=f"therapists_myprofile_{name}",
            )
            for name, view in pages.items()
        ]
        return urls + super().get_urls()

    def _of_own_row(self, view):
        def own(request, object_id):
            profile = self.get_object(request, unquote(object_id))
            if profile is None:
                return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return view(request, profile)

        return own

    def _form_of(self, profile):
        return reverse("my:therapists_myprofile_change", args=[profile.pk])

    def panel(self, profile):
        """What the panel beside the form says of this profile."""
        on_hand = review.all_on_hand(profile)
        return {
            "sent_back": [
                version
                for version in sorted(on_hand.values(), key=lambda one: one.pk)
                if version.state == Proposal.State.SENT_BACK and version.part != Part.LISTING
            ],
            "missing": completeness.missing(profile),
            "could_be_better": completeness.could_be_better(profile),
            "wish": on_hand.get((Part.LISTING, None)),
        }

    def preview_view(self, request, profile):
        """The public page with what waits, for its owner alone."""
        return preview.page(request, profile, back=self._form_of(profile))

    def requests_view(self, request, profile):
        """Ask for what staff change, see what waits, and take it back."""
        form = ChangesForm(request.POST or None, therapist=profile)
        if request.method == "POST" and form.is_valid():
            if form.save(by=request.user):
                messages.success(request, "We have it. You will get a letter once it is decided.")
            else:
                messages.info(request, "Nothing is different, so there is nothing to ask for.")
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": "Ask for a change",
            "opts": self.opts,
            "original": profile,
            "back": self._form_of(profile),
            "form": form,
            "on_hand": sorted(review.all_on_hand(profile).values(), key=lambda one: one.pk),
        }
        return TemplateResponse(request, "my/requests.html", context)

    def take_back_view(self, request, profile):
        """Take back a version that waits, or drop one that was sent back."""
        pk = request.POST.get("proposal", "")
        proposal = profile.proposals.filter(pk=pk).first() if is_key(pk) else None
        try:
            if proposal is None:
                raise ValidationError("This is no longer there.")
            review.take_back(proposal, by=request.user)
            messages.success(request, "Taken back. Nobody will look at it.")
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("my:therapists_myprofile_requests", args=[profile.pk]))

    def listing_view(self, request, profile):
        """Hand the wish to be listed to staff."""
        try:
            completeness.ask_to_be_listed(profile, by=request.user)
            messages.success(
                request, "We have your wish. We'll look at your profile and let you know by e-mail."
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(self._form_of(profile))
