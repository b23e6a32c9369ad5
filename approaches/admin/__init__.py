"""/admin/: approach pages, specialists, and therapists with what they practise."""

from approaches import my  # noqa: F401 - registers the form of therapists' own profiles
from approaches.admin import approach, specialist  # noqa: F401 - each registers what it holds
