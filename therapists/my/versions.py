"""What therapists edit that staff review: the version on hand, what is said of it, and its saving.

The public reads one version and the therapist may work on another. The form shows the latter.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from therapists import review
from therapists.lost_updates import field_of
from therapists.models import Proposal
from therapists.writing import cleaned

# What the form says beside each field.
AT_ONCE = format_html('<span class="when at-once">{}</span>', "Live when you save.")
REVIEWED = format_html('<span class="when reviewed">{}</span>', "Live once we have looked at it.")
ON_REQUEST = format_html('<span class="when on-request">{}</span>', "We change it for you.")


def say_when(form, when, names):
    """Put `when` before the help text of these fields of a form, where it has them."""
    for name in names:
        if name in form.fields:
            field = form.fields[name]
            field.help_text = format_html("{} {}", when, mark_safe(field.help_text))  # noqa: S308 - ours


def day(moment):
    return date_format(localtime(moment), "F j, Y")


@dataclass(frozen=True)
class Version:
    """One part of a profile as its therapist sees it. `kept` is what stands in the profile."""

    therapist: Any
    part: str
    kept: Any
    proposal: Proposal | None = None
    specialist: Any = None
    # Whether everybody may read what is kept; words that staff withdrew or never approved are not.
    is_public: bool = True

    @property
    def text(self):
        return self.proposal.text if self.proposal else self.kept

    @property
    def photo(self):
        return self.proposal.photo if self.proposal else self.kept

    @property
    def waits(self):
        return self.proposal is not None and self.proposal.state == Proposal.State.WAITING

    def note(self, where) -> SafeString:
        """What the therapist should know of this version; `where` is the page to take it back."""
        if self.proposal is None:
            hidden = bool(self.kept) and not self.is_public
            return SafeString('<p class="note">These words are not public.</p>' if hidden else "")
        if self.waits:
            before = "Until then people see the one before." if self.kept and self.is_public else ""
            return format_html(
                '<p class="note waits">Waits for review since {}. {} '
                '<a href="{}">Take it back</a></p>',
                day(self.proposal.submitted_at),
                before,
                where,
            )
        return format_html(
            '<div class="note sent-back"><p>We sent this back on {}:</p><blockquote>{}</blockquote>'
            '<p>Change it and save, or <a href="{}">drop it</a>.</p></div>',
            day(self.proposal.decided_at),
            self.proposal.reason,
            where,
        )

    def seen(self):
        """For `lost_updates`: what the form was made from."""
        public = "public" if self.is_public else "not public"
        state = self.proposal.get_state_display().lower() if self.proposal else public
        label = Proposal.Part(self.part).label
        if self.specialist is not None:
            label = f"{label} on {self.specialist.approach}"
        if self.part == Proposal.Part.PHOTO:
            return field_of(label, (state, self.photo.name), state if self.photo else "none")
        return field_of(label, (state, self.text), f"{state}: {self.text}" if self.text else "")

    def save_text(self, text, *, by):
        """Keep `text` as the newest version. Returns what waits for review by that, or None."""
        if text == cleaned(self.text):
            return None
        return self._save(text, by=by, text=text)

    def save_photo(self, upload, *, by):
        """The same for a photo: an upload, False to remove it, None to leave it."""
        if upload is None:
            return None
        return self._save(upload, by=by, photo=stored(upload) if upload else "")

    def _save(self, is_something, *, by, **what):
        if not is_something:
            review.remove(self.therapist, self.part, by=by, specialist=self.specialist)
            return None
        waits = review.propose(self.therapist, self.part, by=by, specialist=self.specialist, **what)
        if waits is None and self.proposal and not self.waits:
            # Back to what everybody reads: nothing is left to be mended.
            review.take_back(self.proposal, by=by)
        return waits


def stored(upload):
    """Keep an upload as photos are kept, and return its stored name."""
    holder = Proposal(photo=upload)
    return Proposal._meta.get_field("photo").pre_save(holder, add=True).name


class WordsField(forms.CharField):
    """Plain text of some length, without what a word processor leaves behind.

    No `maxlength`: a browser would cut what is pasted without a word. A script counts instead.
    """

    def __init__(self, *, limit, rows=8, **kwargs):
        widget = forms.Textarea(attrs={"rows": rows, "data-limit": limit})
        super().__init__(required=False, strip=True, widget=widget, **kwargs)
        self.limit = limit

    def clean(self, value):
        text = cleaned(super().clean(value))
        over = len(text) - self.limit
        if over > 0 and text != cleaned(str(self.initial or "")):
            raise forms.ValidationError(
                f"This has {len(text):,} characters, and {self.limit:,} is the most. "
                f"Take out {over:,}. Nothing that you wrote is lost."
            )
        return text


def show_version(form, name, version, *, where, doubts=()):
    """Fill the field `name` of a form with the version, and say below it what is to be known."""
    field = form.fields[name]
    form.initial[name] = field.initial = (
        version.photo or None if version.part == Proposal.Part.PHOTO else version.text
    )
    said = format_html_join("", "<li>{}</li>", ((sentence,) for sentence in doubts))
    if said:
        said = format_html('<ul class="doubts" aria-label="Have another look">{}</ul>', said)
    help_text = mark_safe(field.help_text)  # noqa: S308 - ours
    field.help_text = format_html("{}{}{} {}", version.note(where), said, REVIEWED, help_text)
