"""The form by which a client writes to a therapist, and the mark of what was written.

The token that it carries makes what is sent twice come once, and lets robots wait.
"""

import json
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.crypto import salted_hmac

from therapists.contact.holding import has_link
from therapists.contact.limits import digits
from therapists.cookieless import FormTokens

QUICKEST = 3  # seconds that a person takes at least
MAX_NAME, MAX_TEXT = 80, 5000

# People do not see it, robots fill it in: they like its name.
TRAP = "website"

TRAPPED = (
    "The field “Website” must stay empty: it is there to catch robots. Perhaps your browser filled "
    "it in. We have emptied it, and your words are still here: please press Send again."
)

# Marks by which text is turned around; in a name they would turn what stands beside it.
_TURNING = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])

tokens = FormTokens(salt="therapists.contact.form")


def mark_of(word, said):
    """The mark of a message: the same for the same words out of the same form, and no other.

    Who goes back, changes a word and sends again has written another message.
    """
    value = f"{word} {json.dumps(said, sort_keys=True)}"
    return salted_hmac("therapists.contact.mark", value, algorithm="sha256").hexdigest()[:32]


class Line(forms.CharField):
    """Text on one line; what breaks it, or nobody sees, is taken out."""

    def to_python(self, value):
        value = super().to_python(value)
        if "\0" in value:  # refused, by the validator for it
            return value
        return " ".join("".join(c for c in value if c.isspace() or _is_seen(c)).split())


class Words(forms.CharField):
    """Text on many lines. A line ends in one character, as people count."""

    def to_python(self, value):
        value = super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")
        return "".join(c for c in value if c in "\n\t\0" or _is_seen(c))


def _is_seen(character):
    return unicodedata.category(character) not in {"Cc", "Cs"}


def _can_be_written_to(email):
    name, _, host = email.rpartition("@")
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    # Brackets make it an address of a machine; what is no letter would stand in our letters.
    is_host = all(c in ".-" or unicodedata.category(c)[0] in "LMN" for c in host)
    return '"' not in name and "." in host and is_host


class AtMost(MaxLengthValidator):
    """Says how much is too much. No `maxlength`: a browser cuts what is pasted, without a word."""

    def __call__(self, value):
        try:
            super().__call__(value)
        except ValidationError as error:
            error.params["over"] = f"{len(value) - self.limit_value:,}"
            raise


class ContactForm(forms.Form):
    """A name, a way to answer, and the words. `therapist` is who is written to."""

    name = Line(
        validators=[AtMost(MAX_NAME)],
        error_messages={
            "required": "Write a name to be called by. A first name is enough.",
            "max_length": "This name is too long, by %(over)s characters.",
        },
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    email = forms.EmailField(
        label="E-mail address",
        required=False,
        max_length=254,
        error_messages={
            "invalid": "This e-mail address is not complete. It should look like name@example.com.",
            "max_length": "This e-mail address is too long.",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    phone = Line(
        label="Phone number",
        required=False,
        validators=[AtMost(40)],
        error_messages={"max_length": "This phone number is too long, by %(over)s characters."},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    message = Words(
        label="Your message",
        validators=[AtMost(MAX_TEXT)],
        error_messages={
            "required": "Write a few words. One sentence is enough.",
            "max_length": "Your message is too long, by %(over)s characters. "
            "What you wrote is still here: please shorten it.",
        },
        # "off": or the browser shows it again to whoever presses Back, also after "Leave now".
        widget=forms.Textarea(attrs={"rows": 10, "autocomplete": "off"}),
    )
    receipt = forms.BooleanField(label="E-mail me a link to erase this message", required=False)

    def __init__(self, *args, therapist, **kwargs):
        super().__init__(*args, auto_id="%s", **kwargs)
        self.therapist = therapist
        self.fields["name"].label = f"What should {therapist.name} call you?"

    def described(self):
        """Itself, once each field names the sentences that stand beside it."""
        for field in self:
            fault = [f"{field.name}-error"] if field.errors else []
            field.field.widget.attrs["aria-describedby"] = " ".join([*fault, f"{field.name}-hint"])
        return self

    def clean_name(self):
        name = self.cleaned_data["name"].translate(_TURNING).strip()
        if not any(unicodedata.category(c)[0] in "LNPS" for c in name):  # nothing can be seen
            raise ValidationError(self.fields["name"].error_messages["required"])
        if "@" in name or has_link(name):
            raise ValidationError("Write a name alone, without an address.")
        return name

    def clean_email(self):
        """Only what can be written to from anywhere: no `"a b"@example.com` or `root@localhost`."""
        email = self.cleaned_data["email"]
        if email and not _can_be_written_to(email):
            raise ValidationError(self.fields["email"].error_messages["invalid"])
        return email

    def clean_phone(self):
        phone = self.cleaned_data["phone"].translate(_TURNING)
        if phone and not 7 <= len(digits(phone)) <= 20:
            raise ValidationError("This phone number is not complete. Write the area code, too.")
        return phone

    def clean(self):
        said = self.cleaned_data
        if not any(said.get(name) or name in self.errors for name in ("email", "phone")):
            self.add_error(
                "email",
                f"Leave an e-mail address or a phone number, so that {self.therapist.name} can "
                "answer you.",
            )
        elif said.get("receipt") and not said.get("email") and "email" not in self.errors:
            self.add_error(
                "receipt",
                "We need your e-mail address for this link. Write it above, or take the tick out.",
            )
        return said

    @property
    def said(self):
        """What was written, as `messages.take` keeps it."""
        written = self.cleaned_data
        return {
            "name": written["name"],
            "email": written["email"],
            "phone": written["phone"],
            "text": written["message"],
        }
