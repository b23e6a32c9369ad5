"""Who is in a directory of a given size: the same people every time, written by COPY in blocks.

Everyone is listed, states 28 of 400 terms, and practises one to four approaches. What is common
and what is rare follows Zipf's law, as in real directories; nothing else means anything.
"""

# ruff: noqa: S311, S608 - seeded, not secret; the SQL is made of our own table names

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

import zipcodes
from django.db import connection
from django.utils import timezone

from approaches.demo import directory as demo
from approaches.models import Specialist
from benchmarks import words
from therapists.models import Compact, Licence, Office, Term, Therapist, Vocabulary
from therapists.states import STATES

VERSION = 1  # raise it when the same size and day would give other people
BLOCK = 5_000  # so that memory stays small, whatever the size

# The demo's vocabularies, filled up to so many terms, and two that it lacks: 400 in all.
TERMS = {
    "issue": 120, "insurance": 60, "language": 40, "age": 6, "client": 6, "credential": 12,
    "access": 14, "contact": 4, "gender": 8, "ethnicity": 20, "sexuality": 10, "faith": 20,
    "experience": 20, "affirming": 10, "style": 30, "community": 20,
}  # fmt: skip
# How many terms everyone states, and out of which vocabularies: 28 in all. Where several share a
# number, each is left unstated by some.
STATED = [
    (9, ["issue"]), (5, ["insurance"]), (2, ["language"]), (2, ["age"]), (1, ["client"]),
    (1, ["credential"]), (1, ["contact"]), (2, ["style"]), (1, ["access", "community"]),
    (4, ["gender", "ethnicity", "sexuality", "faith", "experience", "affirming"]),
]  # fmt: skip
COMMONEST = {"anxiety", "out-of-network", "english", "adults", "individual", "email", "woman"}
POPULAR_APPROACH = "relational-therapy"

CREDENTIALS = [
    ("Licensed Clinical Social Worker", "Clinical Social Worker", "LCSW"),
    ("Licensed Professional Counselor", "Professional Counselor", "LPC"),
    ("Psychologist", "Psychologist", "PhD"),
    ("Licensed Marriage and Family Therapist", "Marriage and Family Therapist", "LMFT"),
    ("Psychiatrist", "Physician", "MD"),
    ("", "Counselor", ""),
]  # fmt: skip
COMPACT_STATES = sorted(set(STATES) - {"CA", "NY", "OR", "MA", "NM", "IA", "LA", "HI", "AK", "MT"})


@dataclass(frozen=True)
class World:
    """What people are made of."""

    day: date
    names: tuple  # (first names, last names), commonest first
    sentences: list
    towns: list  # (ZIP code, city, state), by ZIP code
    weights: list  # accumulated, for each of `towns`
    slots: list  # for each of the 28 terms that everyone states: term keys, common ones repeated
    approaches: list  # keys; the popular one is first
    compact: int


def make_world(day):
    """Write vocabularies, approaches and a compact into an empty database; return the `World`."""
    fill_up(demo.load_vocabularies())
    terms = {(t.vocabulary.slug, t.slug): t for t in Term.objects.select_related("vocabulary")}
    approaches = demo.load_approaches(terms)
    compact = Compact.objects.create(
        name="Compact of the benchmark", slug="benchmark", states=COMPACT_STATES, operates=True
    )
    popular = approaches.pop(POPULAR_APPROACH)
    towns, weights = weighted_towns()
    return World(
        day=day,
        names=words.names(),
        sentences=list(words.sentences()),
        towns=towns,
        weights=weights,
        slots=slots(),
        approaches=[popular.pk, *(approach.pk for approach in approaches.values())],
        compact=compact.pk,
    )


def fill_up(terms):
    """Add invented terms until every vocabulary has as many as `TERMS` says."""
    have = Counter(vocabulary for vocabulary, _ in terms)
    for position, (slug, number) in enumerate(TERMS.items()):
        vocabulary, _ = Vocabulary.objects.get_or_create(
            slug=slug,
            defaults={"name": slug.title(), "question": slug.title(), "position": position},
        )
        new = words.invented(Random(slug), max(number - have[slug], 0), (2, 3))
        Term.objects.bulk_create(
            Term(vocabulary=vocabulary, slug=word, name=word.capitalize()) for word in new
        )


def by_popularity():
    """{vocabulary: its term slugs, commonest first}; the order is drawn, and the same each time."""
    ranked = {slug: [] for slug in TERMS}
    for vocabulary, slug in Term.objects.order_by("slug").values_list("vocabulary__slug", "slug"):
        ranked.setdefault(vocabulary, []).append(slug)
    for vocabulary, slugs in ranked.items():
        Random(vocabulary).shuffle(slugs)
        slugs.sort(key=lambda slug: slug not in COMMONEST)
    return ranked


def slots():
    """For each of the 28 that everyone states, the terms to draw from: no term is in two of them.

    The commonest term is stated by 54 %, the rarest by 0.9 %.
    """
    rows = Term.objects.values_list("vocabulary__slug", "slug", "pk")
    keys = {(vocabulary, slug): pk for vocabulary, slug, pk in rows}
    ranked, made = by_popularity(), []
    for number, vocabularies in STATED:
        weighted = [
            (1 / (rank + 5.2) ** 1.3, keys[vocabulary, slug])
            for vocabulary in vocabularies
            for rank, slug in enumerate(ranked[vocabulary])
        ]
        weighted.sort(reverse=True)
        for dealt in (weighted[place::number] for place in range(number)):
            whole = sum(weight for weight, _ in dealt)
            made.append([key for weight, key in dealt for _ in range(round(2000 * weight / whole))])
    return made


def weighted_towns():
    """Every ordinary ZIP code, and how likely it is: one of a city more than one of a village."""
    found = [z for z in zipcodes.list_all() if z["active"] and z["zip_code_type"] == "STANDARD"]
    towns = sorted((z["zip_code"], z["city"], z["state"]) for z in found if z["state"] in STATES)
    size = Counter((city, state) for _, city, state in towns)
    return towns, list(accumulate(size[city, state] ** 0.5 for _, city, state in towns))


class Rows:
    """Rows of one table on their way into it. What a row does not name has its model's default."""

    def __init__(self, model):
        fields = [f for f in model._meta.concrete_fields if not (f.generated or f.has_db_default())]
        self.defaults = {f.attname: f.get_default() for f in fields if not f.primary_key}
        self.table, self.model, self.rows = model._meta.db_table, model, []

    def add(self, **values):
        self.rows.append(self.defaults | values)

    def copy(self, cursor):
        """Write them all, and forget them."""
        if not self.rows:
            return
        names = [f.column for f in self.model._meta.concrete_fields if f.attname in self.rows[0]]
        order = [f.attname for f in self.model._meta.concrete_fields if f.attname in self.rows[0]]
        with cursor.copy(f"COPY {self.table} ({', '.join(names)}) FROM STDIN") as copy:
            for row in self.rows:
                copy.write_row([row[name] for name in order])
        self.rows.clear()


def load(world, size, progress):
    """Write so many people, block by block; `progress(done, size)` after each."""
    tables = [Rows(model) for model in (Therapist, Office, Licence, Specialist)]
    terms = f"COPY {Therapist.terms.through._meta.db_table} (therapist_id, term_id) FROM STDIN"
    with connection.cursor() as cursor:
        for start in range(1, size + 1, BLOCK):
            chance = Random(f"{VERSION} {start}")
            block = range(start, min(start + BLOCK, size + 1))
            for pk in block:
                add_person(pk, chance, world, *tables)
            for rows in tables:
                rows.copy(cursor)
            with cursor.copy(terms) as copy:
                copy.write("".join(stated_terms(pk, chance, world) for pk in block))
            progress(block[-1], size)
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{Therapist._meta.db_table}', 'id'), %s)", [size]
        )


def add_person(pk, chance, world, therapists, offices, licences, specialists):
    credential = chance.choice(CREDENTIALS)
    add_therapist(pk, chance, world, therapists, credential)
    state = add_offices(pk, chance, world, offices)
    add_licences(pk, chance, world, licences, state, credential[1])
    add_specialisms(pk, chance, world, specialists)


def add_therapist(pk, chance, world, therapists, credential):
    # Squared: the first names of the list are commoner than the last.
    first, last = (names[int(len(names) * chance.random() ** 2)] for names in world.names)
    fee = None if chance.random() < 0.07 else 5 * chance.randint(12, 60)
    ways = chance.choice([(True, True), (True, True), (False, True), (True, False)])
    joined = world.day - timedelta(days=chance.randrange(90, 2000))
    slug = f"{first}-{last}-{pk}".lower()
    therapists.add(
        id=pk,
        name=f"{first} {last}",
        slug=slug,
        title=credential[0],
        post_nominals=credential[2],
        pronouns=chance.choice(["", "", "she/her", "he/him", "they/them"]),
        about=text(chance, world, 6),
        email=f"{slug}@example.org",
        in_person=ways[0],
        online=ways[1],
        fee_from=fee,
        fee_to=fee and fee + 5 * chance.randrange(8),
        sliding_scale=chance.choice([None, True, True, False]),
        free_first_call=chance.choice([None, True, True, False]),
        availability=chance.choice(["open", "open", "open", "waiting-list", "full", ""]),
        availability_confirmed_on=world.day - timedelta(days=chance.randrange(90)),
        status=Therapist.Status.PUBLISHED,
        published_on=joined,
        consent_on=joined,
        consent_basis="Benchmark: an invented person",
        created_at=midnight(joined),
        updated_at=midnight(world.day),
    )


def add_offices(pk, chance, world, offices):
    """One or two, the second near the first; a few tell only a part. Returns the first's state."""
    [place] = chance.choices(range(len(world.towns)), cum_weights=world.weights)
    second = (place + chance.randint(1, 5)) % len(world.towns)
    for position, at in enumerate([place, second] if chance.random() < 0.25 else [place]):
        code, city, state = world.towns[at]
        told = chance.random()
        offices.add(
            therapist_id=pk,
            postal_code=code if told < 0.9 else "",
            city=city if told < 0.98 else "",
            state=state,
            position=position,
        )
    return world.towns[place][2]


def add_licences(pk, chance, world, licences, state, kind):
    """One where the office is; for every fifth therapist another elsewhere. Some have expired."""
    states = {state}
    if chance.random() < 0.2:
        [elsewhere] = chance.choices(world.towns, cum_weights=world.weights)
        states.add(elsewhere[2])
    carried = kind == "Psychologist" and chance.random() < 0.05
    for held in sorted(states):
        licences.add(
            therapist_id=pk,
            state=held,
            kind=kind,
            number=f"{pk}",
            compact_id=world.compact if carried and held in COMPACT_STATES else None,
            expires_on=world.day + timedelta(days=chance.randrange(-60, 900)),
            checked_on=chance.choice([None, world.day - timedelta(days=30)]),
        )


def add_specialisms(pk, chance, world, specialists):
    """One to four approaches, each with an approved statement; the popular one with 30 %."""
    popular, *others = world.approaches
    chosen = {popular} if chance.random() < 0.3 else set()
    wanted = chance.choice([1, 2, 2, 3, 4])
    while len(chosen) < wanted:
        chosen.add(others[int(len(others) * chance.random() ** 1.3)])
    for approach in sorted(chosen):
        specialists.add(
            therapist_id=pk,
            approach_id=approach,
            training=chance.choice(["", *Specialist.Training.values]),
            statement=text(chance, world, 4),
            state=Specialist.State.APPROVED,
            decided_at=midnight(world.day),
        )


def stated_terms(pk, chance, world):
    """The 28 terms of one person, as lines for COPY."""
    return "".join(f"{pk}\t{slot[int(len(slot) * chance.random())]}\n" for slot in world.slots)


def text(chance, world, sentences):
    return " ".join(chance.choices(world.sentences, k=sentences))


def midnight(day):
    return timezone.make_aware(datetime.combine(day, time.min))
