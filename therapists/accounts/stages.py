"""A step between the right password and being signed in."""

from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage


class VerifyAddress(EmailVerificationStage):
    """Asks for a verified address, but not those whom `createsuperuser` or staff made.

    They signed nothing up, so there is nothing that they could have claimed falsely, and a new
    directory may have no mail server yet.
    """

    def handle(self):
        user = self.login.user
        by_hand = user and not self.login.signup
        if by_hand and not EmailAddress.objects.filter(user_id=user.pk).exists():
            return None, True
        return super().handle()
