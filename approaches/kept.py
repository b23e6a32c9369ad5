"""What the pages of approaches say, kept in each process for as long as the stamp holds.

It changes a few times a week: see `therapists.search.offered`. Sources, issues and related pages
renew the stamp, too.
"""

from approaches.models import Approach
from therapists.search.offered import Kept, stamp

# {slug: approach} of the published pages that somebody has asked for.
PAGES = Kept(dict)


def kept_page(slug):
    """The published approach at an address, with all that its page shows of it; None if none.

    All requests of a process share it.
    """
    pages = PAGES.at(stamp())
    if slug not in pages:
        approach = Approach.objects.published().for_page().filter(slug=slug).first()
        if approach is None:
            return None  # and not kept: there is no end of addresses that lead nowhere
        pages[slug] = approach
    return pages[slug]
