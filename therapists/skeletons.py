"""The HTML of the filter panel's groups, but for what differs from page to page.

Hundreds of choices stand on every page, and their names change a few times a day: escaped and put
together once, what is left for a page is to fill in its counts.
"""

from html import escape

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

HOLE = "\0"  # which no name holds: PostgreSQL takes none


class Tick:
    """The tick box of one choice."""

    __slots__ = ("value", "_before")

    def __init__(self, name, value, label):
        self.value = value
        box = f'<input type="checkbox" name="{escape(name)}" value="{escape(value)}"'
        self._before = {
            (is_any, is_chosen): f'<label class="tick{"" if is_any else " none"}">{box}'
            f'{" checked" if is_chosen else ""}> {escape(label)} <span class="count">'
            for is_any in (False, True)
            for is_chosen in (False, True)
        }

    def html(self, count, is_chosen):
        return f"{self._before[count > 0, is_chosen]}{count:,}</span></label>"


class Skeleton:
    """A group of tick boxes; `one` is its filter."""

    def __init__(self, one):
        self.ticks = [Tick(one.field_name, value, label) for value, label in one.extra["choices"]]
        group = {
            "name": one.field_name,
            "kind": one.kind,
            "label": one.label,
            "explanation": one.explanation,
            "is_open": one.is_open,
            "ticks": HOLE,
        }
        page = render_to_string("includes/filter_group.html", {"group": group})
        self._before, _, self._after = page.partition(HOLE)

    def around(self, ticks):
        """The whole group while nothing in it is chosen; `ticks` is HTML."""
        return mark_safe(f"{self._before}{ticks}{self._after}")  # noqa: S308 - by a template
