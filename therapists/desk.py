"""The desk: what waits for staff, in sections. Each app adds its own; a page shows them all.

A section is a question with an answer in rows. However many there are, the page asks the database
twice: once for all counts, once for the oldest rows of all.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Count, F, IntegerField, TextField, Value
from django.db.models.functions import Cast, TruncDate
from django.urls import reverse
from django.utils.http import urlencode

SHOWN = 5


@dataclass(frozen=True)
class Section:
    """One kind of thing that waits.

    `rows()` are those that wait, the first to look at first. `who`, `what` and `since` are paths or
    expressions: a name, a few words (said by `say`), and the day since when it waits (or what else
    happened on it: `since_says`). `hurry` is an expression that is 1 for rows that can't wait, and
    `hurry_says` tells why. `model` ("therapists.report") says whose pages of the admin it leads to,
    and who may see it; `query` narrows the list: {"kind": "x"}.
    """

    name: str
    title: str
    model: str
    rows: Callable
    who: object
    since: object
    query: dict = field(default_factory=dict)
    what: object = Value("")
    say: Callable = str
    hurry: object = Value(0)
    hurry_says: str = ""
    since_says: str = "since"
    position: int = 50

    @property
    def url(self):
        return self._page("changelist") + (f"?{urlencode(self.query)}" if self.query else "")

    def url_of(self, pk):
        """The page of one row."""
        return self._page("change", pk)

    def may_be_seen_by(self, user):
        app, model = self.model.split(".")
        return any(user.has_perm(f"{app}.{may}_{model}") for may in ("view", "change"))

    def _page(self, view, *keys):
        return reverse(f"admin:{self.model.replace('.', '_')}_{view}", args=keys)

    def counted(self):
        """One row: (name, how many wait)."""
        rows = self.rows().order_by().annotate(desk=Value(self.name, TextField()))
        return rows.values("desk").annotate(number=Count("pk")).values_list("desk", "number")

    def oldest(self):
        """Rows of the columns that every section has, the first few."""
        since = F(self.since) if isinstance(self.since, str) else self.since
        return self.rows().values_list(
            Value(self.name, TextField()),
            "pk",
            Cast(self.who, TextField()),
            Cast(self.what, TextField()),
            since,
            Cast(self.hurry, IntegerField()),
        )[:SHOWN]


@dataclass
class Waiting:
    """A section as one page shows it."""

    section: Section
    number: int = 0
    rows: list = field(default_factory=list)

    @property
    def hurries(self):
        return any(row["hurry"] for row in self.rows)


_sections = {}


def add(section):
    """Put a section on the desk; one of the same name is replaced."""
    _sections[section.name] = section


def day_of(path):
    """The day of a moment, as sections tell it."""
    return TruncDate(path)


def for_user(user):
    """[Waiting] of all sections that this person may see: what hurries first, the empty last."""
    sections = [one for one in _sections.values() if one.may_be_seen_by(user)]
    if not sections:
        return []
    waiting = {one.name: Waiting(one) for one in sections}
    for name, number in _united(one.counted() for one in sections):
        waiting[name].number = number
    for name, pk, who, what, since, hurry in _united(one.oldest() for one in sections):
        section = waiting[name].section
        waiting[name].rows.append(
            {
                "who": who,
                "what": section.say(what),
                "since": since,
                "hurry": hurry,
                "url": section.url_of(pk),
            }
        )
    return sorted(
        waiting.values(), key=lambda one: (not one.hurries, not one.number, one.section.position)
    )


def _united(querysets):
    first, *others = querysets
    return first.union(*others, all=True) if others else first
