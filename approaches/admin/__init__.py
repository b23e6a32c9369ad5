"""/admin/: approach pages, specialists, and therapists with what they practise."""

from approaches.admin import approach, specialist  # noqa: F401 - each registers what it holds
