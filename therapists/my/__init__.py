"""The admin site of therapists, /my/: their own profile, the everyday part of it, nothing else.

Its people are not staff. So it is a site of its own: an allow-list of fields, rows owned by the
signed-in user only, no actions, no lookups, and none of the admin's views that name other objects.
The form is registered in `approaches.my`, with what therapists practise.
"""

from therapists.my import leaving, messages, numbers  # noqa: F401 - register their pages
from therapists.my.site import my_site

__all__ = ["my_site"]
