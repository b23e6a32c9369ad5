"""Whatever is written to the directory, in whatever order, searches answer as the oracle does."""

from urllib.parse import urlencode

import pytest
from django.conf import settings as site_settings
from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test

from approaches.models import Approach
from approaches.quotes import Quotes
from tests import factories
from tests.therapists.search.oracle import Answer, Words
from tests.therapists.search.people import ENGLISH, Directory
from tests.therapists.search.writes import COLUMNS, PICK, SEATS, Writes, one_of
from therapists.filters import TherapistFilter
from therapists.models import SearchEntry
from therapists.search import order
from therapists.search.index import Search, counts_of_everyone

pytestmark = pytest.mark.django_db


def some(*values):
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


def one(*values):
    return st.sampled_from(values).map(lambda value: [value])


WORDS = st.lists(
    st.sampled_from(
        [
            "grief", "Rivers", "walking", "bereavement", "cormorant", "cormorent", "bereevement",
            "therapy", "relatonal", "gest", "the", "An", "and", "Portland", "greif", "zzyzx", "who",
        ]
    ),
    min_size=1,
    max_size=3,
    unique=True,
)  # fmt: skip
PARAMETERS = {
    "q": WORDS.map(lambda words: [" ".join(words)]),
    "approach": some("gestalt", "relational", "somatic", "other"),
    "training": some("certified", "formal"),
    "issue": some("grief", "panic", "other"),
    "faith": some("quaker", "jewish", "other"),
    "near": one(
        "97214", "Portland, OR", "Portland", "Vancouver, WA", "Bend, OR", "Nirgendwo",
        "Nirgendwo, OR", "Crater Lake, OR", "97604", "St Louis, MO", "Zzyzx Road", "北京",
    ),
    "within": one("5", "10", "25", "50", "100"),
    "state": some("OR", "WA", "MO"),
    "format": some("in-person", "online"),
    "licence": some("OR", "WA", "UT"),
    "availability": some("open", "waiting-list", "full"),
    "fee": one("0", "79", "80", "119", "10000"),
    "sliding": one("yes"),
    "free-call": one("yes"),
}  # fmt: skip
UNSTATED = some(
    "issue", "faith", "fee", "near", "training", "format", "availability", "sliding", "free-call"
)
# Few at a time, or nobody would ever fit.
CHOICES = st.lists(st.sampled_from(list(PARAMETERS)), max_size=4, unique=True).flatmap(
    lambda names: st.fixed_dictionaries(
        {name: PARAMETERS[name] for name in names}, optional={"unstated": UNSTATED}
    )
)
# On every page, or on an approach's; in an order.
ASKED = st.tuples(CHOICES, st.none() | PICK, st.sampled_from(["", "nearest", "fee", "words"]))


# One of these after every write, by turns: what is seldom asked by chance, and often goes wrong.
ALWAYS = [
    ({"near": ["97214"], "within": ["100"]}, "nearest"),
    ({"q": ["winter"], "unstated": ["fee"]}, "words"),
    ({"faith": ["quaker"], "training": ["certified"]}, "fee"),
    ({"q": ["cormoront"]}, ""),
    ({"near": ["Nirgendwo"]}, ""),
    ({"q": ["therapy"], "licence": ["UT"]}, ""),
]


class Directories(Writes):
    """Random writes to a small directory; after each the same few searches."""

    def __init__(self):
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.today, self.hidden_after = timezone.localdate(), 180
        self.turn = 0
        self.patch.setattr(timezone, "localdate", lambda *args: self.today)
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.patch.undo()

    @initialize(
        asked=st.lists(ASKED, min_size=2, max_size=2),
        therapists=st.lists(st.fixed_dictionaries(COLUMNS), min_size=3, max_size=5),
        first_slot=st.sampled_from([1, 16_382, 16_383, 32_767]),
        few=st.sampled_from([0, 2, 5_000]),
    )
    def found(self, asked, therapists, first_slot, few):
        self.asked = asked
        self.patch.setattr(order, "is_sooner_walked", lambda size, _: size > few)
        with connection.cursor() as cursor:
            # So that some stand on both sides of a block's edge.
            cursor.execute(f"ALTER SEQUENCE therapists_searchentry_slot_seq RESTART {first_slot}")
        for slug, names in [("issue", ["Grief", "Panic"]), ("faith", ["Quaker", "Jewish"])]:
            vocabulary = factories.VocabularyFactory(slug=slug, may_be_unstated=slug == "faith")
            for name in names:
                factories.TermFactory(vocabulary=vocabulary, name=name)
        for name in ("Gestalt", "Relational", "Somatic"):
            factories.ApproachFactory(name=f"{name} therapy", slug=name.lower())
        factories.CompactFactory()
        for number, columns in enumerate(therapists):
            self.enter(columns, SEATS[number], {number, number + 1})
            self.license(number, "WA", [0, None, 1, 30, 0][number], number % 3 > 0)
            self.practise(
                number,
                number,
                {
                    "state": "approved",
                    "statement": "winter",
                    "training": ["certified", "", "formal"][number % 3],
                },
            )

    @invariant()
    def answers_are_right(self):
        if not hasattr(self, "asked"):
            return
        self.patch.setattr(site_settings, "AVAILABILITY_HIDDEN_AFTER", self.hidden_after)
        directory = Directory(self.today, self.hidden_after)
        self.turn += 1
        always, order_of_it = ALWAYS[self.turn % len(ALWAYS)]
        asked = [({}, None, ""), (always, None, order_of_it), *self.asked]
        for choices, pick, by in asked:
            approach = None if pick is None else one_of(Approach.objects, pick)
            is_right(directory, choices, approach and approach.pk, by, self.today)
        counts_are_right(directory)
        quotes_are_right(directory, one_of(Approach.objects, self.number), self.today)


def slugs_of(slots):
    slugs = dict(SearchEntry.objects.values_list("slot", "therapist__slug"))
    return [slugs[slot] for slot in slots]


def differing(found, expected):
    """{key: (found, expected)}."""
    keys = found.keys() | expected.keys()
    pairs = {key: (found.get(key), expected.get(key)) for key in keys}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def counts_of(search):
    """{(group, value): count}."""
    return {(name, value): n for name, of in search.counts.items() for value, n in of.items()}


def is_right(directory, choices, practising, by, today):
    """Totals, counts, and who stands where."""
    query = QueryDict(urlencode(choices, doseq=True))
    search = Search(TherapistFilter(query, practising=practising).groups, by=by)
    answer = Answer(directory, choices, practising)

    assert search.total == answer.total
    assert differing(counts_of(search), answer.counts()) == {}
    assert set(search.narrowing) == answer.narrowing
    for name in answer.narrowing - {"practising"}:
        assert search.total_without(name) == answer.total_without(name), name
        assert search.silent(name) == answer.silent(name), name
    assert slugs_of(search.slots(today, 0, 20)) == answer.order(by, today)
    meant = {word.lower(): instead for word, instead in search.sets.meant.items()}
    assert meant == answer.meant
    if answer.place and not answer.but(within=["100"]).total:
        nearest_is_right(search, answer)


def nearest_is_right(search, answer):
    """The nearest where any fit, though it lies outside every circle."""
    found, miles = search.nearest_beyond(), answer.nearest_beyond()
    if miles is None:
        assert found is None
    else:
        assert found[0] == pytest.approx(miles)
        assert found[2] == answer.but(near=[found[1]]).total


def counts_are_right(directory):
    """What is said of everyone, without a search."""
    counts = counts_of_everyone()
    for pk in directory.approaches:
        practising = [one for one in directory.people if pk in one.trained]
        assert counts.get(("approach", str(pk)), 0) == len(practising)
    with connection.cursor() as cursor:
        cursor.execute("SELECT word FROM therapists_searchspelling WHERE near = word")
        assert {word for (word,) in cursor} == Words(directory).spelled


def quotes_are_right(directory, approach, today):
    """Statements on an approach: pinned ones first, by their place."""
    if approach is None:
        return
    search = Quotes(approach, today).search
    everyone = Answer(directory, {}).order("", today)
    quoted = {
        one.slug: one.quoted[approach.pk] for one in directory.people if approach.pk in one.quoted
    }
    assert search.total == len(quoted)
    pinned = [slug for slug, position in quoted.items() if position is not None]
    found = slugs_of(search.slots(today, 0, 20))
    assert sorted(found[: len(pinned)]) == sorted(pinned)
    assert [quoted[slug] for slug in found[: len(pinned)]] == sorted(
        quoted[slug] for slug in pinned
    )
    assert found[len(pinned) :] == [s for s in everyone if s in quoted and s not in pinned]


def test_searches_answer_as_the_oracle_does_after_every_write():
    run_state_machine_as_test(
        Directories,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_oracle_knows_words_as_postgresql_does():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, array_to_string(tsvector_to_array(to_tsvector('english', word)), ' ')"
            " FROM unnest(%s::text[]) AS word",
            [list(ENGLISH)],
        )
        assert dict(cursor.fetchall()) == ENGLISH
