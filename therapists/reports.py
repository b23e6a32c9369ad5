"""“This listing is wrong”: a form for readers, by which nothing is kept of who sends it.

There is no cookie, so no CSRF token: the browser says that the form came from our own page, and the
form carries a signed token that names the profile and grows old.
"""

from django import forms
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from therapists import notes
from therapists.cookieless import ELSEWHERE, FormTokens, from_our_own_pages
from therapists.models import Report, Therapist
from therapists.responses import not_kept

MAX_WORDS = 1000

_tokens = FormTokens(salt="therapists.reports.form")


class ReportForm(forms.Form):
    """What is wrong, from a list; and in the reader's words, who may leave them out."""

    reason = forms.ChoiceField(
        label="What is wrong?",
        choices=Report.Reason,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what is wrong.",
            "invalid_choice": "Choose one of these.",
        },
    )
    words = forms.CharField(
        label="What should we know? (You can leave this empty.)",
        required=False,
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 5, "aria-describedby": "words-hint"}),
    )
    token = forms.CharField(required=False, widget=forms.HiddenInput)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def report(request, slug):
    """The form, and what becomes of it."""
    therapist = get_object_or_404(Therapist.objects.listed(), slug=slug)
    form, fault = ReportForm(request.POST if request.method == "POST" else None), ""
    if form.is_bound:
        fault = _fault(request, therapist)
        if form.is_valid() and not fault:
            words = form.cleaned_data["words"].strip()
            kept = notes.report(therapist, form.cleaned_data["reason"], words)
            page = "reported" if kept else "reported-before"
            return HttpResponseRedirect(reverse(f"therapists:{page}", args=[slug]))
    context = {
        "therapist": therapist,
        "form": form,
        "fault": fault,
        "token": _tokens.issue(therapist),
    }
    status = 400 if form.is_bound else 200
    return not_kept(render(request, "therapists/report.html", context, status=status))


@require_safe
def reported(request, slug, knew=False):
    """Thanks; or, that we know already."""
    therapist = get_object_or_404(Therapist.objects.listed(), slug=slug)
    return not_kept(
        render(request, "therapists/reported.html", {"therapist": therapist, "knew": knew})
    )


def _fault(request, therapist):
    """A sentence where the form may not be taken, or ""."""
    if not from_our_own_pages(request):
        return ELSEWHERE
    return _tokens.read(request.POST.get("token", ""), therapist)[1]
