"""A client who fills in the form of a therapist, and presses Send."""

from urllib.parse import urlencode

from tests.pages import Form

OURS = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
WORDS = {"name": "Ines", "email": "ines@client.example", "message": "I can't sleep."}


def address(therapist):
    return f"/therapists/{therapist.slug}/contact/"


def fill(client, therapist, **values):
    return Form(client.get(address(therapist)), "contact_form").fill(**values)


def press(client, therapist, filled, headers=OURS):
    """What a browser sends when the button is pressed: not as for files."""
    body = urlencode(filled.sent() if isinstance(filled, Form) else filled, doseq=True)
    kind = "application/x-www-form-urlencoded"
    return client.post(address(therapist), body, content_type=kind, headers=headers)


def send(client, therapist, headers=OURS, **values):
    return press(client, therapist, fill(client, therapist, **{**WORDS, **values}), headers)
