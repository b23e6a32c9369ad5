"""The HTML of the filter panel's groups, but for what differs from page to page.

Hundreds of choices stand on every page, and their names change a few times a day: escaped and put
together once, what is left for a page is to fill in its counts.
"""

from html import escape

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

HOLE = "\0"  # which no name holds: PostgreSQL takes none


class Tick:
    """The tick box of one choice: its HTML as far as the count."""

    __slots__ = ("value", "with_some", "with_none", "_checked")

    def __init__(self, name, value, label):
        self.value = value
        box = f'<input type="checkbox" name="{escape(name)}" value="{escape(value)}"'
        after = f"> {escape(label)} <i>"
        self.with_some = f'<label class="tick">{box}{after}'
        self.with_none = f'<label class="tick none">{box}{after}'
        self._checked = f"{box} checked{after}"

    def checked(self, count):
        """The same where it is chosen."""
        return f'<label class="tick{"" if count else " none"}">{self._checked}'


def joined(ticks, counts, chosen):
    """The HTML of ticks with their `counts`, {value: number}."""
    html = []
    for tick in ticks:
        count = counts[tick.value]
        if tick.value in chosen:
            before = tick.checked(count)
        else:
            before = tick.with_some if count else tick.with_none
        # Hundreds of times, and Python takes its time over commas.
        number = count if count < 1000 else f"{count:,}"
        html.append(f"{before}{number}</i></label>")
    return "\n".join(html)


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
