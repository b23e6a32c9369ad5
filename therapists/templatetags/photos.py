from django import template
from django.utils.html import format_html

from therapists.photos.pictures import SIZES
from therapists.photos.storing import address, has_sizes

register = template.Library()


@register.simple_tag
def picture(photo, side):
    """The photo as a circle of `side` pixels, in AVIF where the browser reads it, else WebP.

    Its place is kept while it loads, and it is loaded when it comes near.
    """
    name = photo.name
    image = format_html(
        '<img class="portrait" src="{}" alt="" width="{}" height="{}" loading="lazy"'
        ' decoding="async">',
        address(name, _size(2 * side)), side, side,
    )  # fmt: skip
    if not has_sizes(name):
        return image
    # What a plain screen and a very dense one need, and what lies between.
    sizes = range(SIZES.index(_size(side)), SIZES.index(_size(3 * side)) + 1)
    choices = ", ".join(f"{address(name, SIZES[i], 'avif')} {SIZES[i]}w" for i in sizes)
    return format_html(
        '<picture><source type="image/avif" srcset="{}" sizes="{}px">{}</picture>',
        choices, side, image,
    )  # fmt: skip


def _size(pixels):
    """The smallest of our sizes that fills so many pixels, or the largest that there is."""
    return next((size for size in SIZES if size >= pixels), SIZES[-1])
