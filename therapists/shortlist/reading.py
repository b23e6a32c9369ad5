"""What was written: keys of profiles in an address, and names or addresses in the field."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from django.urls import reverse

from therapists.fields import printable

MOST = 20  # therapists on a list
MOST_WRITTEN = 12  # names in the field at once
LONGEST_WRITTEN = 2_000  # characters: the address of a whole list fits

_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,140}")


def slugs_in(values):
    """(the slugs among these values, each once and in this order; how many are none)."""
    values = [value for value in values if value]
    slugs = dict.fromkeys(value for value in values if _SLUG.fullmatch(value))
    return list(slugs), sum(value not in slugs for value in values)


@dataclass(frozen=True)
class Written:
    """One thing in the field: a name, or the address of a profile or of a list."""

    text: str
    slugs: tuple[str, ...] = ()

    @property
    def is_name(self):
        return not self.slugs


def written_in(values):
    """The `Written` things in these values of the field, the first twelve."""
    pieces = []
    for value in values:
        for line in re.split(r"[;\r\n]+", value[:LONGEST_WRITTEN]):
            words = printable(line).split(" ")
            addresses = [one for one in map(_address, words) if one]
            known = {one.text for one in addresses}
            name = " ".join(word for word in words if word not in known)
            pieces += [Written(name)] if any(map(str.isalnum, name)) else []
            pieces += addresses
    return list(dict.fromkeys(pieces))[:MOST_WRITTEN]


def _address(word):
    """The address in this word as `Written`, or None. Whatever its host: sites move."""
    if "/" not in word and "keep=" not in word:
        return None
    try:
        parts = urlsplit(word.strip("<>(),."))
    except ValueError:  # "http://["
        return None
    before, after = reverse("therapists:profile", args=["-"]).split("-")
    profile = re.search(f"{before}({_SLUG.pattern})(?:{after}|$)", parts.path)
    kept = parse_qs(parts.query or parts.path, max_num_fields=None).get("keep", [])
    slugs = slugs_in(kept)[0] if kept else [profile[1]] if profile else []
    return Written(word, tuple(slugs[:MOST])) if slugs else None
