"""/admin/: what staff keep of therapists. What therapists keep themselves is in `therapists.my`."""

from therapists.admin import (  # noqa: F401 - each registers what it holds
    accounts,
    compacts,
    deliveries,
    desk,
    holdrules,
    licences,
    messages,
    review,
    vocabularies,
)
