"""How somebody is shown: their photo as a circle, or their initials."""

from html import escape

from django.utils.safestring import mark_safe

from therapists.photos.pictures import SIZES
from therapists.photos.storing import address, has_sizes
from therapists.wordings import initials


def portrait(name, photo, side):
    """The HTML, `side` pixels wide. `photo` is what a row calls the photo, or ""."""
    html = picture(photo, side) if photo else without_photo(name, side)
    return mark_safe(html)  # noqa: S308 - addresses of our own, and letters


def picture(photo, side):
    """The photo in AVIF where the browser reads it, else WebP.

    Its place is kept while it loads, and it is loaded when it comes near.
    """
    image = (
        f'<img class="portrait" src="{escape(address(photo, _size(2 * side)))}" alt=""'
        f' width="{side}" height="{side}" loading="lazy" decoding="async">'
    )
    if not has_sizes(photo):
        return image
    # What a plain screen and a very dense one need, and what lies between.
    sizes = range(SIZES.index(_size(side)), SIZES.index(_size(3 * side)) + 1)
    choices = ", ".join(f"{address(photo, SIZES[i], 'avif')} {SIZES[i]}w" for i in sizes)
    return (
        f'<picture><source type="image/avif" srcset="{escape(choices)}" sizes="{side}px">'
        f"{image}</picture>"
    )


def without_photo(name, side):
    """The initials that stand where a photo is missing."""
    return (
        f'<span class="portrait initials" aria-hidden="true" data-side="{side}">'
        f"{escape(initials(name))}</span>"
    )


def _size(pixels):
    """The smallest of our sizes that fills so many pixels, or the largest that there is."""
    return next((size for size in SIZES if size >= pixels), SIZES[-1])
