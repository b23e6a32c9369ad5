"""/my/messages/: what clients wrote to one's own profiles, and what became of it."""

from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.contrib import messages as notices
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods, require_safe

from therapists.contact import answers, letter_contexts
from therapists.contact.promptness import promptness
from therapists.contact.sealing import UnreadableError
from therapists.contact.suggestions import suggestions
from therapists.listing import page_or_404
from therapists.models import Delivery, Message, MyProfile
from therapists.my.site import my_site

State, Kind = Message.State, Delivery.Kind

PER_PAGE = 25
OPENING = 160  # characters

# {what a button sends: (the verb, whether it takes a note)}
BUTTONS = {
    "answered": (answers.answered, False),
    "no-room": (answers.no_room, True),
    "referred": (answers.refer, True),
    "spam": (answers.spam, False),
    "open": (answers.take_back, False),
    "open-both": (partial(answers.take_back, profile_too=True), False),
}
STATES = {**dict(State.choices), State.SENT: "Open"}


@my_site.page("messages/", "messages")
@require_safe
def messages(request):
    """All of them, the open ones first, the newest first."""
    profiles = list(MyProfile.objects.owned_by(request.user))
    open_first = Case(When(state=State.SENT, then=Value(0)), default=Value(1))
    mine = _own(request).order_by(open_first, "-received_at", "-pk")
    page = page_or_404(Paginator(mine, PER_PAGE), request.GET.get("page", ""))
    times = promptness(profiles)
    context = {
        **my_site.each_context(request),
        "title": "Messages",
        "page": page,
        "rows": [Shown(one) for one in page],
        "several": len(profiles) > 1,
        "promptness": [(one, times[one.pk]) for one in profiles],
        **_settings(),
    }
    return render(request, "my/messages.html", context)


@my_site.page("messages/<int:pk>/", "message")
@require_http_methods(["GET", "HEAD", "POST"])
def message(request, pk):
    """GET shows one message; POST does what a button says."""
    mine = _one_of_ones_own(request, pk)
    if mine is None:
        return _gone(request)
    fault = ""
    if request.method == "POST":
        try:
            notice = _act(request, mine)
        except ValidationError as error:
            # Shown again, with what was typed, and as it is by now.
            fault, mine = error.messages[0], _one_of_ones_own(request, pk)
            if mine is None:
                return _gone(request)
        else:
            notices.success(request, notice)
            return HttpResponseRedirect(request.path)
    context = {
        **my_site.each_context(request),
        "title": "Message",
        "shown": Shown(mine),
        "several": MyProfile.objects.owned_by(request.user).count() > 1,
        "fault": fault,
        "note": request.POST.get("note", ""),
        "most": answers.MAX_NOTE,
        "next_open": _next_open(request, mine),
        **_settings(),
    }
    return render(request, "my/message.html", context)


def _own(request):
    """The messages that this person may read: handed on, to a profile of theirs."""
    profiles = MyProfile.objects.owned_by(request.user)
    mine = Message.objects.filter(therapist__in=profiles, state__in=answers.SEEN)
    return mine.select_related("therapist")


def count_open(request):
    """How many of one's own messages wait for an answer."""
    return _own(request).filter(state=State.SENT).order_by().count()


def _one_of_ones_own(request, pk):
    """The message, or None."""
    return _own(request).prefetch_related("deliveries").filter(pk=pk).first()


def _next_open(request, mine):
    """Who has decided on a message goes on with the one that has waited longest; or None."""
    if mine.state == State.SENT:
        return None
    return _own(request).filter(state=State.SENT).order_by("received_at", "pk").first()


def _gone(request):
    """Letters lead here for years. Whether it ever was, or is another's, nobody is told."""
    context = {**my_site.each_context(request), "title": "Message", **_settings()}
    return render(request, "my/message_gone.html", context, status=404)


def _act(request, mine):
    """Do it, and return a sentence on what came of it."""
    button = request.POST.get("answer")
    if button not in BUTTONS:
        raise ValidationError("Nothing was changed. Please press one of the buttons.")
    verb, takes_note = BUTTONS[button]
    extra = {"note": request.POST.get("note", "")} if takes_note else {}
    verb(mine, by=request.user, **extra)
    if not takes_note:
        return {
            "answered": "Noted: you have answered.",
            "spam": "Noted as spam. Thank you: our staff can look at it now.",
            "open": "Taken back. The message is open again.",
            "open-both": "Taken back. The message is open again, and your profile is as before.",
        }[button]
    said = "From today your profile says that you have no room. " if button == "no-room" else ""
    told = "We write to them." if mine.said.get("email") else "Noted. Please tell them."
    return said + told


def _settings():
    return {
        "kept_for": settings.MESSAGES_KEPT_FOR,
        "known_from": settings.ANSWERS_KNOWN_FROM,
        "minutes_to_take_back": settings.ANSWERS_LEAVE_AFTER // 60,
    }


@dataclass
class Shown:
    """A message as its page and the list show it; `told` is None where no key opens it."""

    message: Message

    @cached_property
    def said(self):
        try:
            return self.message.said
        except UnreadableError:
            return None

    @cached_property
    def told(self):
        return None if self.said is None else letter_contexts.told(self.said)

    @property
    def opening(self):
        """The first words, on one line."""
        return Truncator(" ".join(self.told.text.split())).chars(OPENING, truncate="…")

    @property
    def is_open(self):
        return self.message.state == State.SENT

    @property
    def state(self):
        return STATES[self.message.state]

    @property
    def decided(self):
        """What was decided, as a sentence; "" while nothing is."""
        return "" if self.is_open else answers.decided(self.message)

    @property
    def can_be_taken_back(self):
        return answers.can_be_taken_back(self.message)

    @property
    def said_before(self):
        """What the profile can say again if “no room” is taken back; "" for nothing."""
        return answers.said_before(self.message)

    @property
    def leaves_at(self):
        """When our letter to the client leaves, while that is still to come; else None."""
        letter = self.letter
        waits = letter and letter.state == Delivery.State.WAITING and not letter.attempts
        return letter.due_at if waits and letter.due_at > timezone.now() else None

    @property
    def erased_on(self):
        return letter_contexts.erased_on(self.message)

    @property
    def note(self):
        """The therapist's own words to the client."""
        return self.said.get("note", "") if self.said else ""

    @property
    def letter(self):
        """The `Delivery` of our letter to the client, or None."""
        return self._letter(answers.LETTERS.get(self.message.state))

    @property
    def letter_to_therapist(self):
        return self._letter(Kind.MESSAGE)

    def _letter(self, kind):
        return next((one for one in self.message.deliveries.all() if one.kind == kind), None)

    # --- for those who cannot take somebody on ---

    @property
    def is_to_be_told(self):
        """Whether the therapist has to tell the client, who left no e-mail address."""
        turned_away = self.is_open or self.message.state in answers.LETTERS
        return bool(self.told) and turned_away and not self.told.email

    @cached_property
    def suggested(self):
        return suggestions(self.message.therapist, self.said.get("text", ""))

    @property
    def letters(self):
        """[(what the button says, the letter that goes with it)] as they would be today."""
        named = [("I have no room", Kind.FULL), ("Not a fit for me", Kind.REFERRED)]
        return [
            (label, letter_contexts.preview(self.message, kind, self.said, self.suggested))
            for label, kind in named
        ]
