"""What a client writes is kept encrypted, under keys that are not in the database.

`MESSAGE_KEYS` holds one key or several: the first seals, and any of them opens. To change keys, put
the new one in front, run `manage.py rotate_message_keys`, and take the old one out.
"""

import json
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class UnreadableError(Exception):
    """None of the keys opens it, or it was sealed for another row."""


def seal(said, *, mark):
    """Bytes that hold the dictionary `said`. They open for the row with the same `mark` alone."""
    return _fernet().encrypt(json.dumps({**said, "mark": mark}).encode())


def unseal(sealed, *, mark):
    """The dictionary that was sealed; raises `UnreadableError`."""
    try:
        said = json.loads(_fernet().decrypt(bytes(sealed)))
    except InvalidToken:
        raise UnreadableError("No key in MESSAGE_KEYS opens this message.") from None
    if said.pop("mark") != mark:
        raise UnreadableError("This was sealed for another message.")
    return said


def is_under_first_key(sealed):
    """Whether the first key alone opens it."""
    try:
        Fernet(_derived(settings.MESSAGE_KEYS[0])).decrypt(bytes(sealed))
    except InvalidToken:
        return False
    return True


def sealed_anew(sealed):
    """The same under the first key; raises `UnreadableError`."""
    try:
        return _fernet().rotate(bytes(sealed))
    except InvalidToken:
        raise UnreadableError("No key in MESSAGE_KEYS opens this message.") from None


def _fernet():
    return MultiFernet([Fernet(_derived(key)) for key in settings.MESSAGE_KEYS])


def _derived(key):
    """Any long random text does as a key, as for SECRET_KEY."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"attune messages")
    return urlsafe_b64encode(derived.derive(key.encode()))
