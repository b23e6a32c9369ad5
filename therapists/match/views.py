"""/match/: the questions on a page that holds no answer, and the result as the answer to a POST."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from therapists.cookieless import from_elsewhere
from therapists.counters import count_shown
from therapists.match.loosening import loosened
from therapists.match.questions import Answers
from therapists.match.result import Result
from therapists.order import parse_day
from therapists.responses import not_kept


# It changes nothing, so nobody needs to be kept from sending it: no token, and no cookie for one.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def match(request):
    """Six questions, each of which may be skipped, and who answers them best."""
    request.only_asks = True
    if request.method != "POST":
        return render(request, "match/questions.html", {"answers": Answers()})
    response = _not_theirs(request) if _another_site_sent(request) else _answered(request)
    return not_kept(response)


def _another_site_sent(request):
    """Whether these answers are somebody else's. “none” is the reader, who sends a page again."""
    return from_elsewhere(request) and request.headers.get("Sec-Fetch-Site") != "none"


def _not_theirs(request):
    """The questions as they are before anything is answered, and why."""
    context = {"answers": Answers(), "sent_by_another_site": True}
    return render(request, "match/questions.html", context, status=403)


def _answered(request):
    answers = Answers(request.POST)
    if "change" in request.POST:
        return render(request, "match/questions.html", {"answers": answers})
    answers = loosened(answers, request.POST.get("loosen"))
    today = timezone.localdate()
    day = parse_day(request.POST.get("day", ""), today) or today
    result = Result(answers, day, request.POST.get("page", ""))
    count_shown(request, (card.pk for card in result.page))
    return render(request, "match/result.html", {"answers": answers, "result": result})
