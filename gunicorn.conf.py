"""How gunicorn serves the directory. It reads this file by itself; its own flags win over it."""

import gc
import os
import signal
import sys

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# Who ticks every box of a listing has an address of 6,000 bytes. gunicorn takes this at most.
limit_request_line = 8190

# Nothing that a visitor asks for is written down.
accesslog = None
logger_class = "directory.logs.GunicornLogger"

# A second copy on the same machine would want the same control socket.
control_socket_disable = True


def when_ready(server):
    """`make run` ends when its terminal is closed; elsewhere SIGHUP means to reload."""
    if os.environ.get("ENDS_WITH_TERMINAL") == "true":
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))


def post_worker_init(worker):
    """Before the first request."""
    # Ctrl-C reaches a worker twice, of itself and through gunicorn: the second locks it up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What is loaded now stays for good. Every tenth page waited 40 ms while it was looked through.
    gc.collect()
    gc.freeze()
    # A page makes thousands of objects and drops them: look for cycles once in many pages.
    gc.set_threshold(20_000, 20, 20)


def worker_exit(server, worker):
    """What this worker has counted is not lost with it."""
    if counters := sys.modules.get("therapists.counters"):  # else it did not get so far
        counters.counts.write()
