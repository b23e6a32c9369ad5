"""/my/messages/: what clients wrote to one's own profiles, and what became of it."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from therapists.models import Message, MyProfile
from therapists.my.site import my_site


def own(request):
    """The messages that this person may read: handed on, to a profile of theirs."""
    profiles = MyProfile.objects.owned_by(request.user)
    kept_back = [Message.State.HELD]
    mine = Message.objects.filter(therapist__in=profiles).exclude(state__in=kept_back)
    return mine.select_related("therapist")


@my_site.page("messages/", "messages")
@require_safe
def messages(request):
    """All of them, the newest first."""
    context = {
        **my_site.each_context(request),
        "title": "Messages",
        "mine": own(request),
        "kept_for": settings.MESSAGES_KEPT_FOR,
    }
    return render(request, "my/messages.html", context)


@my_site.page("messages/<int:pk>/", "message")
@require_safe
def message(request, pk):
    """One message."""
    mine = own(request).filter(pk=pk).first()
    if mine is None:
        raise Http404("no such message of one's own")
    context = {
        **my_site.each_context(request),
        "title": "Message",
        "message": mine,
        "said": mine.said,
        "kept_for": settings.MESSAGES_KEPT_FOR,
    }
    return render(request, "my/message.html", context)
