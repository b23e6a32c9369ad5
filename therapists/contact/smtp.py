"""Hands one letter to the mail server, and tells apart what is the matter when it is not taken.

What a mail server says may repeat the address or the words of a letter. None of it leaves this
module: faults are told in our words, and carry no exception of smtplib's as their cause.
"""

import contextlib
import re
import smtplib

from django.core import mail

# Of the mail server's own: it wants a password, TLS, another order of commands, or is closing.
OURS = {421, 500, 502, 503, 504, 521, 523, 530, 534, 535, 538}
# RFC 3463: 5.1 is about the address, 5.2 its mailbox, 5.6 the letter. 5.3, 5.4, 5.5 and 5.7 are the
# server, the way, the talk, and its policy ("relaying denied"): those are mended by people.
ABOUT_THE_LETTER = re.compile(rb"^\s*5\.(?:[16]\.\d+|2\.(?!2\b)\d+)")
ENHANCED = re.compile(rb"^\s*[245]\.\d{1,3}\.\d{1,3}\b")


class AwayError(Exception):
    """Not now: the mail server, the way to it, or its settings. The message says which."""


class RefusedError(Exception):
    """The mail server will not have this letter, whenever it is asked. The message says why."""


def post(letter, *, once_taken):
    """Send one `EmailMessage`. Raises `AwayError` or `RefusedError`, which hold nothing of it.

    `once_taken` is called as soon as the mail server has said that it has the letter.
    """
    server = mail.get_connection()
    try:
        fault = _fault_of(letter, server, once_taken)
    finally:
        # It has been taken or not: how the talk ends changes nothing.
        with contextlib.suppress(Exception):
            server.close()
    if fault:
        raise fault


def _fault_of(letter, server, once_taken):
    """None once the server has taken it, else what was the matter, to be raised."""
    try:
        server.open()
        letter.connection = server
        letter.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        return _fault("address", code, words)
    except smtplib.SMTPSenderRefused as error:
        return AwayError(f"The mail server refused our own address ({error.smtp_code}).")
    except smtplib.SMTPAuthenticationError as error:
        return AwayError(f"The mail server refused our password ({error.smtp_code}).")
    except smtplib.SMTPDataError as error:
        return _fault("letter", error.smtp_code, error.smtp_error)
    except smtplib.SMTPResponseException as error:
        return AwayError(f"The mail server could not be used ({error.smtp_code}).")
    except (OSError, smtplib.SMTPException) as error:
        return AwayError(f"The mail server could not be reached ({type(error).__name__}).")
    once_taken()
    return None


def _fault(what, code, words):
    words = words if isinstance(words, bytes) else str(words).encode()
    if 500 <= code < 600 and code not in OURS:
        about_it = ABOUT_THE_LETTER.match(words) if ENHANCED.match(words) else code != 552
        if about_it:
            return RefusedError(f"The mail server refused the {what} ({code}).")
    return AwayError(f"The mail server did not take the {what} for now ({code}).")
