"""Photos of therapists: what is taken in, what is kept of it, and who may see it.

    pictures   checks an upload, and makes the square of it in all sizes and formats
    storing    writes these files, and removes them once nothing refers to them
    field      the model field and what an upload becomes in it
    holders    which rows hold a photo, whose it is, and whether the public sees it
    views      serves a photo to those who may see it

Whoever has an upload in hand and no form calls `take_in(upload, crop)` and keeps the name that it
returns. A model with a `PhotoField` and a foreign key `therapist` needs nothing else: its photos
are shown to the therapist and to staff, and go when their row goes.
"""

from therapists.photos.pictures import SIDE, SIZES
from therapists.photos.storing import photo_path, take_in

__all__ = ["SIDE", "SIZES", "photo_path", "take_in"]
