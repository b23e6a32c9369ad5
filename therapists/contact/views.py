"""The page on which a client writes to a therapist. Nothing is kept but the message, sealed.

The answer to a message is a page and not a redirect: its link to erase the message is a secret that
must not stand in the browser's history.
"""

import logging
import threading

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, QueryDict
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from procrastinate.exceptions import ConnectorException

from therapists.contact import forms, limits, messages
from therapists.contact.holding import contains, reason_to_hold
from therapists.contact.links import link_for
from therapists.cookieless import ELSEWHERE, QUICK, from_our_own_pages
from therapists.models import Message, Therapist
from therapists.responses import not_kept
from therapists.wordings import speaks_of_danger, takes_messages

log = logging.getLogger(__name__)

NO_FORM = "We could not read what was sent. Please write it here; files cannot be sent with it."
TOO_MUCH = (
    "That was far too long for us to read. Please shorten it. If your words are not here, go back "
    "to them."
)
MANY_FROM_HERE = (
    "Many messages came from your network within an hour, so we take no more at the moment. Your "
    "words are still here: please press Send again in {}."
)
MANY_TO_THEM = (
    "{} has had many messages within an hour, so we take no more at the moment. Your words are "
    "still here: please press Send again in {}."
)
# A worker of gunicorn has four threads. However many write, the others are there for who reads.
_at_once = threading.BoundedSemaphore(2)

MANY_OF_ONE = "Many messages of one sender within an hour."
OUR_NAME = "Its sender has our name."
MANY_ALIKE = "The same words many times within an hour."


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request, slug):
    """The form, and what becomes of it; or how else this therapist can be reached."""
    answer = _posted if request.method == "POST" else _opened
    return not_kept(answer(request, slug))


def _opened(request, slug):
    therapist = _listed(slug)
    if therapist is None:
        raise Http404("nobody who is listed")
    if not takes_messages(therapist):  # any more: the form may have been bookmarked
        return render(request, "contact/no_form.html", {"therapist": therapist}, status=410)
    form = forms.ContactForm(therapist=therapist)
    return _form(request, form, token=forms.tokens.issue(therapist, wait=forms.QUICKEST))


def _posted(request, slug):
    sent, fault = _read(request)
    if not _at_once.acquire(blocking=False):
        return _unsent(request, sent, "busy", status=503)
    try:
        return _taken(request, slug, sent, fault)
    finally:
        _at_once.release()


def _taken(request, slug, sent, fault):
    try:
        therapist = _listed(slug)
        if therapist is None or not takes_messages(therapist):
            return _unsent(request, sent, "gone", status=410, therapist=therapist)
        return _answered(request, forms.ContactForm(sent, therapist=therapist), fault)
    except IntegrityError:  # erased while it was sent
        return _unsent(request, sent, "gone", status=410)
    except (OperationalError, InterfaceError, ConnectorException) as error:
        log.error("A message could not be taken: %s", type(error).__name__)  # noqa: TRY400
        return _unsent(request, sent, "away", status=503)


def _read(request):
    """(what was sent, a sentence where it cannot be read). No file is ever written down."""
    if request.content_type != "application/x-www-form-urlencoded":
        return QueryDict(), NO_FORM
    try:
        return request.POST, ""
    except (SuspiciousOperation, UnreadablePostError):  # too many bytes, too many fields
        return QueryDict(), TOO_MUCH
    except BadRequest:
        return QueryDict(), NO_FORM


def _listed(slug):
    return Therapist.objects.listed().for_contact().filter(slug=slug).first()


def _answered(request, form, fault):
    token = form.data.get("token", "")
    word, stale = forms.tokens.read(token, form.therapist)
    if not fault and not from_our_own_pages(request):
        fault = ELSEWHERE
    fault = fault or stale or (forms.TRAPPED if form.data.get(forms.TRAP) else "")
    if fault == QUICK and not form.is_valid():
        fault = ""  # an empty form, or half of one: what is missing is the thing to say
    if fault or not form.is_valid():
        # What was not too old stays as it is: another would send it twice.
        keeps = word or stale == QUICK
        token = token if keeps else forms.tokens.issue(form.therapist)
        return _form(request, form, token=token, fault=fault, status=400)
    mark = forms.mark_of(word, form.said)
    message = Message.objects.filter(mark=mark).first()
    if message is None:
        if wait := limits.wait_of_network(request):
            return _full(request, form, token, MANY_FROM_HERE.format(_minutes(wait)), wait)
        if wait := limits.wait_of_therapist(form.therapist):
            sentence = MANY_TO_THEM.format(form.therapist.name, _minutes(wait))
            return _full(request, form, token, sentence, wait)
        message = _take(form, mark)
    return _thanks(request, form, message)


def _take(form, mark):
    said = form.said
    held_for, receipt = _why_held(said), form.cleaned_data["receipt"]
    if limits.are_many(said):
        # Nor do letters go out: somebody may have given another's address.
        held_for, receipt = held_for or MANY_OF_ONE, False
    if limits.are_alike(said["text"], form.therapist):
        held_for, receipt = held_for or MANY_ALIKE, False
    return messages.take(form.therapist, said, mark=mark, held_for=held_for, receipt=receipt)


def _why_held(said):
    if contains(settings.SITE_NAME, said["name"]):
        return OUR_NAME
    # A link is no reason to let somebody wait who speaks of dying.
    if speaks_of_danger(said["text"]):
        return ""
    return reason_to_hold(said["name"], said["phone"], said["text"])


def _thanks(request, form, message):
    context = {
        "therapist": form.therapist,
        "said": form.said,
        "erase_url": request.build_absolute_uri(link_for(message)),
        "in_danger": speaks_of_danger(form.said["text"]),
        "kept_for": settings.MESSAGES_KEPT_FOR,
    }
    return render(request, "contact/sent.html", context)


def _form(request, form, *, token, fault="", status=200):
    context = {
        "form": form.described(),
        "therapist": form.therapist,
        "token": token,
        "fault": fault,
        "is_full": status == 429,
        "is_trapped": fault == forms.TRAPPED,
        "most": forms.MAX_TEXT,
        "kept_for": settings.MESSAGES_KEPT_FOR,
    }
    return render(request, "contact/form.html", context, status=status)


def _full(request, form, token, sentence, wait):
    page = _form(request, form, token=token, fault=sentence, status=429)
    page.headers["Retry-After"] = str(wait)
    return page


def _minutes(seconds):
    minutes = max(1, -(-seconds // 60))
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def _unsent(request, sent, why, *, status, therapist=None):
    """Nothing was taken: the words are there to be copied. Asks the database nothing.

    But for a `therapist` who takes no messages: how else they can be reached.
    """
    fields = ("token", "name", "email", "phone", "receipt")
    context = {
        "why": why,
        "therapist": therapist,
        "again": status == 503,
        "words": sent.get("message", ""),
        "others": [(name, sent[name]) for name in fields if name in sent],
    }
    page = render(request, "contact/unsent.html", context, status=status)
    if status == 503:
        page.headers["Retry-After"] = "5" if why == "busy" else "60"
    if why == "busy":
        page._has_been_logged = True  # by Django's own mark: a flood is none of the log
    return page
