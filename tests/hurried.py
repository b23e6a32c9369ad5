"""The site's settings for a worker of the tests: what takes minutes takes moments."""

from directory.settings import *  # noqa: F403
from directory.settings import env

DELIVERY_WAITS = [0.3] * 100
DELIVERY_REFUSED_AGAIN_AFTER = 0.5
DELIVERY_LEASE = env.int("HURRIED_LEASE", 30)
ANSWERS_LEAVE_AFTER = 0
QUEUE_UPKEEP_EVERY = 0.2
EMAIL_TIMEOUT = 20
