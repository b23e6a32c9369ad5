"""Notes on this machine's disk that the mail server has a letter, until the database knows it.

Between the mail server's "250" and the row's "delivered" the database may go away, and then the
worker or the whole machine. A note is a file named by the number of a `Delivery`. It holds when
the try began that was taken, and is believed while the row says that this was the last one: not
after a database was restored, nor after staff sent the letter on its way again.
"""

import contextlib
import logging
import os

from django.conf import settings

from therapists.models import Delivery

log = logging.getLogger(__name__)


def note(delivery):
    """Write down that this try was taken, before anything else happens."""
    try:
        _folder().mkdir(parents=True, exist_ok=True)
        file = os.open(_path(delivery), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(file, _moment(delivery))
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:  # then only the database keeps it from being sent again
        log.warning("No note could be made of a letter that left (%s)", type(error).__name__)


def is_noted(delivery):
    """Whether the last try of which its row knows was taken."""
    if delivery.tried_at is None:
        return False
    try:
        return _path(delivery).read_bytes() == _moment(delivery)
    except OSError:
        return False


def forget(delivery):
    """The row says it: the note may go."""
    with contextlib.suppress(OSError):
        _path(delivery).unlink()


def tidy():
    """Remove notes on letters that do not wait: sent, given up, or erased."""
    with contextlib.suppress(FileNotFoundError):
        paths = {int(path.name): path for path in _folder().iterdir() if path.name.isdecimal()}
        waiting = Delivery.objects.filter(pk__in=paths, state=Delivery.State.WAITING)
        for number in paths.keys() - set(waiting.values_list("pk", flat=True)):
            paths[number].unlink(missing_ok=True)


def _folder():
    return settings.VAR_DIR / "handed-over"


def _path(delivery):
    return _folder() / str(delivery.pk)


def _moment(delivery):
    return delivery.tried_at.isoformat().encode()
