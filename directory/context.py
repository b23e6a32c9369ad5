"""What every template knows about the place it stands in."""

from django.conf import settings


def site(request):
    """The operator's names, numbers and words. Reads nothing of the request; sets no cookie."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_TAGLINE": settings.SITE_TAGLINE,
        "SITE_IS_DEMO": settings.SITE_IS_DEMO,
        "QUICK_EXIT_URL": settings.QUICK_EXIT_URL,
        "crisis": {
            "title": settings.CRISIS_TITLE,
            "text": settings.CRISIS_TEXT,
            "phone": settings.CRISIS_PHONE,
            "sms": settings.CRISIS_SMS,
            "chat_url": settings.CRISIS_CHAT_URL,
            "emergency": settings.EMERGENCY_PHONE,
        },
    }
