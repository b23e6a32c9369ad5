"""/admin/: what staff keep of therapists. What therapists keep themselves is in `therapists.my`."""

# Each registers what it holds.
from therapists.admin import accounts, compacts, licences, vocabularies  # noqa: F401
