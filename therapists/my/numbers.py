"""/my/numbers/: how often one's profile was shown, opened and written to, by day."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe

from therapists.models import DirectoryDay, MyProfile, ProfileDay
from therapists.my.site import my_site

PERIODS = (30, 365)

# The picture has no words in it, so it may be stretched to any width.
WIDTH, HEIGHT = 365, 100


@my_site.page("numbers/", "numbers")
@require_safe
def numbers(request):
    """The numbers of one profile of one's own: `?profile=` and `?days=` choose."""
    profiles = list(MyProfile.objects.owned_by(request.user))
    asked = request.GET.get("profile", str(profiles[0].pk))
    profile = next((one for one in profiles if str(one.pk) == asked), None)
    if profile is None:
        raise Http404("no such profile of one's own")
    days = next((n for n in PERIODS if str(n) == request.GET.get("days")), PERIODS[0])
    context = {
        **my_site.each_context(request),
        "title": "How often people see you",
        "profile": profile,
        "others": [one for one in profiles if one != profile],
        "numbers": Numbers(profile, days),
        "periods": PERIODS,
        "kept_for": settings.COUNTS_KEPT_FOR,
    }
    return render(request, "my/numbers.html", context)


@dataclass(frozen=True)
class Day:
    """What one day brought; `fair_share` is None where nobody counted."""

    day: date
    shown: int
    opened: int
    contacted: int
    fair_share: float | None


class Numbers:
    """The numbers of a profile over so many days, today the last of them."""

    def __init__(self, profile, length):
        self.profile, self.length = profile, length
        self.last = timezone.localdate()
        self.first = self.last - timedelta(days=length - 1)

    @cached_property
    def days(self):
        """[Day], the earliest first, with those on which nothing happened."""
        span = {"day__range": (self.first, self.last)}
        mine = {one.day: one for one in ProfileDay.objects.filter(therapist=self.profile, **span)}
        everyones = {one.day: one.fair_share for one in DirectoryDay.objects.filter(**span)}
        days = []
        for number in range(self.length):
            day = self.first + timedelta(days=number)
            one = mine.get(day, ProfileDay())
            days.append(Day(day, one.shown, one.opened, one.contacted, everyones.get(day)))
        return days

    @property
    def newest_first(self):
        return self.days[::-1]

    @cached_property
    def shown(self):
        return sum(day.shown for day in self.days)

    @cached_property
    def opened(self):
        return sum(day.opened for day in self.days)

    @cached_property
    def contacted(self):
        return sum(day.contacted for day in self.days)

    @cached_property
    def fair_share(self):
        """The sum of the days' fair shares, or None where nobody was counted on any."""
        shares = [day.fair_share for day in self.days if day.fair_share is not None]
        return round(sum(shares)) if shares else None

    @property
    def step(self):
        """How many days a bar stands for: a year by day is a brush, and nobody reads it."""
        return 1 if self.length <= 60 else 7

    @property
    def drawn_from(self):
        return self.last - timedelta(days=self.length // self.step * self.step - 1)

    @cached_property
    def shown_picture(self):
        shares = [day.fair_share for day in self.days[:-1]]  # today's is not over
        return Picture(self._bars([day.shown for day in self.days]), self._bars([*shares, None]))

    @cached_property
    def opened_picture(self):
        return Picture(self._bars([day.opened for day in self.days]))

    def _bars(self, values):
        """The sums of as many days as a bar stands for, counted from today; None if one is."""
        begins = range(len(values) % self.step, len(values), self.step)
        pieces = [values[begin : begin + self.step] for begin in begins]
        return [None if None in piece else sum(piece) for piece in pieces]


class Picture:
    """Bars, and a line where a second row of numbers is given, in a box of WIDTH by HEIGHT."""

    width, height = WIDTH, HEIGHT

    def __init__(self, values, line=()):
        self.values = values
        self.most = max(1, *values, *(value or 0 for value in line))
        self.step = WIDTH / len(values)
        self.line = line

    @property
    def top(self):
        """The number that the upper edge stands for."""
        return self.most if isinstance(self.most, int) else f"{self.most:.1f}"

    @property
    def bars(self):
        """[(x, y, width, height)], without the days that have none."""
        gap = 0.2 * self.step
        return [
            self._rounded(n * self.step + gap / 2, self._y(v), self.step - gap, HEIGHT - self._y(v))
            for n, v in enumerate(self.values)
            if v
        ]

    @property
    def paths(self):
        """The line as a path with a level for each day; days without a value part it."""
        drawn, on = [], False
        for number, value in enumerate(self.line):
            if value is not None:
                x, y, end, _ = self._rounded(
                    number * self.step, self._y(value), (number + 1) * self.step, 0
                )
                drawn.append(f"{'L' if on else 'M'}{x} {y}H{end}")
            on = value is not None
        return "".join(drawn)

    def _y(self, value):
        return HEIGHT - HEIGHT * value / self.most

    @staticmethod
    def _rounded(*numbers):
        return tuple(round(number, 2) for number in numbers)
