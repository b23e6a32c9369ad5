"""/match/: the questions on a page that holds no answer, and the result as the answer to a POST."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from therapists.counters import count_shown
from therapists.match.questions import Answers
from therapists.match.result import Result
from therapists.order import parse_day


# It changes nothing, so nobody needs to be kept from sending it: no token, and no cookie for one.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def match(request):
    """Six questions, each of which may be skipped, and who answers them best."""
    if request.method == "POST":
        return _answered(request)
    return render(request, "match/questions.html", {"answers": Answers()})


def _answered(request):
    answers = Answers(request.POST)
    if "change" in request.POST:
        response = render(request, "match/questions.html", {"answers": answers})
    else:
        today = timezone.localdate()
        day = parse_day(request.POST.get("day", ""), today) or today
        result = Result(answers, day, request.POST.get("page", ""))
        count_shown(request, (card.pk for card in result.page))
        response = render(request, "match/result.html", {"answers": answers, "result": result})
    response["Cache-Control"] = "no-store"
    return response
