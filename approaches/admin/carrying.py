"""What was uploaded goes through the browser and back between two steps, signed and packed.

Nothing is kept on the server meanwhile, so there is nothing to forget there, and any process can go
on.
"""

from django import forms
from django.core import signing

AN_HOUR = 3600


class Carried(forms.CharField):
    """A value that goes through the browser and comes back as it was, for the same person.

    What is of one page, `kind`, is nothing to another.
    """

    widget = forms.HiddenInput

    def __init__(self, **kwargs):
        super().__init__(required=False, strip=False, **kwargs)

    @staticmethod
    def packed(kind, value, user):
        return signing.dumps(value, salt=f"transfer-{kind}-{user.pk}", compress=True)

    @staticmethod
    def unpacked(kind, text, user):
        """The value, or None where it is not what we gave to this person within the hour."""
        try:
            return signing.loads(text, salt=f"transfer-{kind}-{user.pk}", max_age=AN_HOUR)
        except signing.BadSignature:
            return None


def sent(request):
    """Data and files for a form: those of a POST, however empty; none of a GET."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)
