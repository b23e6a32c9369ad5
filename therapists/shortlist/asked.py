"""What one address of the shortlist asks, as far as it was understood."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property

from therapists.addresses import LONGEST
from therapists.models import Therapist
from therapists.search.names import called
from therapists.shortlist.reading import MOST, slugs_in, written_in

MOST_OFFERED = 8  # people of one name


@dataclass(frozen=True)
class Unclear:
    """Something in the field that is not one therapist. `people`: those who may be meant."""

    text: str
    sentence: str
    people: list
    is_name: bool
    are_more: bool = False


class Shortlist:
    """Those whom an address keeps, and those whom its field adds.

    `entries` are therapists in the order asked for; `gone` counts those who are not listed: the
    address keeps them, and the page does not name them.
    """

    def __init__(self, query):
        self.asked, self.unreadable = slugs_in(query.getlist("keep"))
        self.written = written_in(query.getlist("add"))
        self.added, self.unclear = [], []
        for one in self.written:
            self._understand(one)
        every = list(dict.fromkeys([*self.asked, *self.added]))
        self.kept, self.left_out = every[:MOST], len(every[MOST:])

    # --- who that is ---

    @cached_property
    def _called(self):
        """{what stands between commas: [(key, whether that is the whole name)]}."""
        names = {part for one in self.written if one.is_name for part in _parts(one.text)}
        return called(names, most=MOST_OFFERED + 1)

    @cached_property
    def _listed(self):
        """Everybody who is listed and may be meant: one query, and one for what stands beside."""
        keys = {key for found in self._called.values() for key, _ in found}
        slugs = {*self.asked, *(slug for one in self.written for slug in one.slugs)}
        meant = Q(slug__in=slugs) | Q(pk__in=keys)
        return (
            list(Therapist.objects.listed().filter(meant).for_shortlist()) if keys | slugs else []
        )

    @cached_property
    def _by_slug(self):
        return {therapist.slug: therapist for therapist in self._listed}

    def _people(self, name):
        """([those who are called just so], [all of whose name these are words])."""
        by_key = {therapist.pk: therapist for therapist in self._listed}
        found = [(by_key[key], is_whole) for key, is_whole in self._called[name] if key in by_key]
        return [one for one, is_whole in found if is_whole], [one for one, _ in found]

    def _understand(self, one):
        if not one.is_name:
            self._understand_address(one)
            return
        names = _parts(one.text)
        signed = [who for who in self._people(names[0])[1] if _signs(who, one.text)]
        if len(names) > 1 and len(signed) == 1:
            self.added.append(signed[0].slug)
            return
        for name in names:
            self._understand_name(name)

    def _understand_address(self, one):
        if len(one.slugs) > 1 or one.slugs[0] in self._by_slug:
            self.added += one.slugs
        else:
            sentence = f"Nobody is listed at the address “{_short(one.text)}”."
            self.unclear.append(Unclear(one.text, sentence, [], is_name=False))

    def _understand_name(self, name):
        whole, people = self._people(name)
        if len(whole) == 1:
            self.added.append(whole[0].slug)
            return
        meant = whole or people
        if not meant:
            sentence = f"We found nobody called “{_short(name)}”."
        elif whole:
            number = f"{len(whole)} people" if len(whole) <= MOST_OFFERED else "Many people"
            sentence = f"{number} are called “{_short(name)}”. Whom do you mean?"
        else:
            sentence = f"Whom do you mean by “{_short(name)}”?"
        shown, more = meant[:MOST_OFFERED], len(meant) > MOST_OFFERED
        self.unclear.append(Unclear(name, sentence, shown, is_name=True, are_more=more))

    # --- what the page shows ---

    @cached_property
    def entries(self):
        return [self._by_slug[slug] for slug in self.kept if slug in self._by_slug]

    @property
    def gone(self):
        return len(self.kept) - len(self.entries)

    @property
    def rows(self):
        """[(therapist, address of the list without them)]."""
        return [(one, self.address(drop={one.slug})) for one in self.entries]

    @property
    def without_gone(self):
        return self.address(drop={slug for slug in self.kept if slug not in self._by_slug})

    @property
    def questions(self):
        """[(`Unclear`, the address without it, [(therapist, the address with them)])]."""
        return [
            (
                one,
                self.address(answered=one),
                [(who, self.address(add=who.slug, answered=one)) for who in one.people],
            )
            for one in self.unclear
        ]

    # --- addresses ---

    @property
    def query(self):
        """The query string that every equal list shares."""
        return self._query(self.kept, self.unclear)

    def leads_elsewhere(self, query):
        """Whether to send the reader on to the canonical address: nothing is left unsaid by it."""
        is_whole = not self.unreadable and not self.left_out
        return is_whole and query != self.query and len(self.query) <= LONGEST

    @property
    def canonical(self):
        """The address of this list; somebody who has just been added is where it leads."""
        # A fragment does not travel: whoever is new is marked by the browser alone.
        new = next((slug for slug in self.added if slug in self._by_slug), None)
        return self.address() + (f"#t-{new}" if new and new in self.kept else "")

    def address(self, *, drop=(), add=None, answered=None):
        kept = [slug for slug in self.kept if slug not in drop]
        kept += [add] if add and add not in kept else []
        query = self._query(kept, [one for one in self.unclear if one is not answered])
        return reverse("shortlist") + (f"?{query}" if query else "")

    def _query(self, kept, unclear):
        return urlencode([("keep", slug) for slug in kept] + [("add", one.text) for one in unclear])


def _parts(text):
    """What stands between commas: several names, or a name and what it is signed with."""
    return [part for part in (part.strip(" —–-") for part in text.split(",")) if part] or [text]


def _signs(therapist, text):
    """Whether this is how the therapist signs, or how we write them with their letters."""
    name, letters = therapist.name, therapist.post_nominals
    ways = {str(therapist.byline), f"{name}, {letters}", f"{name}, {therapist.title}"}
    return text.strip(" —–-").casefold() in {way.casefold() for way in ways}


def _short(text):
    return text if len(text) <= 60 else f"{text[:59]}…"
