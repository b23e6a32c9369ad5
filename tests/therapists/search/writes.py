"""Everything that people do to a small directory: the rules of the machine in `test_stateful`."""

import datetime

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from approaches.models import Approach, Specialist
from therapists.models import Compact, Licence, Office, Term, Therapist, Vocabulary
from therapists.search import upkeep

MOST = 8  # therapists

PICK = st.integers(0, 23)  # one of those there are, whoever they are
NAMES = st.sampled_from(
    ["Ada Anders", "An Birch", "Cleo Cormorant", "The Who Practice", "Ada Birch"]
)
TEXTS = st.sampled_from(["", "walking the river", "winter grief", "panic and loss", "Rivers"])
FEES = st.sampled_from([None, 0, 80, 119, 120, 10_000, 16_383, 20_000])
STATES = st.sampled_from(["OR", "WA", "CO", "UT"])
STATUSES = st.sampled_from(["published", "published", "published", "draft", "withdrawn"])
DAYS_AGO = st.sampled_from([None, 0, 0, 1, 29, 30, 31, 179, 180, 181])
SYNONYMS = st.sampled_from([[], ["bereavement"], ["mourning", "river walking"]])
# Towns, ZIP codes, both; none of both; towns without coordinates.
SEATS = [
    ("Portland", "OR", ""), ("Vancouver", "WA", "00000"), ("", "OR", "97214-1234"),
    ("Nirgendwo", "OR", ""), ("", "OR", ""), ("Bend", "OR", ""), ("Portland", "OR", "97214"),
    ("St. Louis", "MO", ""), (" nirgendwo", "WA", ""), ("Nirgendwo", "", ""),
    ("Crater Lake", "OR", ""), ("", "OR", "97604"), ("Portland", "", ""), ("北京", "OR", ""),
]  # fmt: skip
OFFICES = st.sampled_from(SEATS)
COLUMNS = {
    "name": NAMES,
    "about": TEXTS,
    "in_person": st.booleans(),
    "online": st.booleans(),
    "fee_from": FEES,
    "sliding_scale": st.sampled_from([None, True, False]),
    "free_first_call": st.sampled_from([None, True, False]),
    "availability": st.sampled_from(["", "open", "waiting-list", "full"]),
    "status": STATUSES,
    "availability_confirmed_on": DAYS_AGO,
}
CHANGES = st.fixed_dictionaries({}, optional=COLUMNS).filter(bool)
SPECIALISM = st.fixed_dictionaries(
    {
        "training": st.sampled_from(["", "certified", "formal", "self-study"]),
        "statement": st.sampled_from(["winter", "walking the rivers", "somatic grief"]),
        "state": st.sampled_from(["approved", "approved", "draft"]),
        "position": st.sampled_from([None, None, 1, 2]),
    }
)
BY_HAND = st.sampled_from(
    [
        "UPDATE therapists_therapist SET online = NOT online, fee_from = 119, fee_to = NULL",
        "UPDATE therapists_therapist SET slug = slug || '-2' WHERE id %% 2 = 0",
        "UPDATE therapists_therapist SET status = 'withdrawn' WHERE id %% 3 = 0",
        "UPDATE therapists_office SET city = 'Bend', state = 'OR', postal_code = ''",
        "UPDATE therapists_office o SET therapist_id = (SELECT max(id) FROM therapists_therapist)",
        "UPDATE therapists_licence SET expires_on = expires_on + 1, state = 'UT'",
        "UPDATE therapists_term SET name = name || ' grief'",
        "DELETE FROM therapists_therapist_terms WHERE id %% 2 = 0",
        "UPDATE approaches_specialist SET training = ''",
        "UPDATE therapists_compact SET operates = NOT operates",
        """
        INSERT INTO approaches_specialist
            (therapist_id, approach_id, training, training_body, statement, state)
        SELECT p.id, a.id, 'formal', '', 'winter', 'approved'
        FROM therapists_therapist p CROSS JOIN approaches_approach a ON CONFLICT DO NOTHING
        """,
        """
        INSERT INTO therapists_therapist_terms (therapist_id, term_id)
        SELECT p.id, t.id FROM therapists_therapist p CROSS JOIN therapists_term t
        ON CONFLICT DO NOTHING
        """,
    ]
)


def one_of(queryset, pick):
    """One of those there are; None where there is none."""
    things = list(queryset.order_by("pk"))
    return things[pick % len(things)] if things else None


class Writes(RuleBasedStateMachine):
    """Writes by form, command, bulk and hand; a new day and a new setting; and taken back."""

    def __init__(self):
        super().__init__()
        self.number = 0
        self.saved = None
        self.is_built_anew = False

    def next_slug(self):
        self.number += 1
        return f"person-{self.number}"

    def dated(self, columns):
        """Columns with a day in place of so many days ago; all that is published has consent."""
        columns = dict(columns)
        if columns.get("availability_confirmed_on") is not None:
            ago = datetime.timedelta(days=columns["availability_confirmed_on"])
            columns["availability_confirmed_on"] = self.today - ago
        return columns | {
            "consent_on": self.today,
            "published_on": self.today,
            "consent_basis": "Form",
        }

    # --- therapists ---

    @rule(columns=st.fixed_dictionaries(COLUMNS), office=OFFICES, terms=st.sets(PICK, max_size=3))
    def enter(self, columns, office, terms):
        if Therapist.objects.count() < MOST:
            one = Therapist.objects.create(slug=self.next_slug(), **self.dated(columns))
            self.rent_for(one, office)
            one.terms.set({one_of(Term.objects, pick) for pick in terms} - {None})

    @rule(many=st.lists(st.fixed_dictionaries(COLUMNS), min_size=2, max_size=3), office=OFFICES)
    def import_many(self, many, office):
        if Therapist.objects.count() < MOST:
            made = Therapist.objects.bulk_create(
                Therapist(slug=self.next_slug(), **self.dated(columns)) for columns in many
            )
            city, state, postal_code = office
            Office.objects.bulk_create(
                Office(therapist=one, city=city, state=state, postal_code=postal_code)
                for one in made
            )

    @rule(picks=st.sets(PICK, min_size=1, max_size=3), changes=CHANGES, at_once=st.booleans())
    def change(self, picks, changes, at_once):
        chosen = {one_of(Therapist.objects, pick) for pick in picks} - {None}
        changes = self.dated(changes)
        if at_once:
            Therapist.objects.filter(pk__in=[one.pk for one in chosen]).update(**changes)
        for one in [] if at_once else chosen:
            for name, value in changes.items():
                setattr(one, name, value)
            one.save()

    @rule(pick=PICK)
    def call_anew(self, pick):
        one = one_of(Therapist.objects, pick)
        if one:
            Therapist.objects.filter(pk=one.pk).update(slug=self.next_slug())

    @rule(pick=PICK, at_once=st.booleans())
    def delete(self, pick, at_once):
        one = one_of(Therapist.objects, pick)
        if one and at_once:
            Therapist.objects.filter(pk__in=[one.pk, one.pk + 1]).delete()
        elif one:
            one.delete()

    @rule(sql=BY_HAND)
    def write_by_hand(self, sql):
        with connection.cursor() as cursor:
            cursor.execute(sql, [])

    @rule(pick=PICK, terms=st.sets(PICK, max_size=3), how=st.sampled_from(["set", "add", "remove"]))
    def say_terms(self, pick, terms, how):
        one = one_of(Therapist.objects, pick)
        terms = {one_of(Term.objects, term) for term in terms} - {None}
        if one and how == "set":
            one.terms.set(terms)
        elif one:
            getattr(one.terms, how)(*terms)

    # --- offices and licences ---

    def rent_for(self, therapist, office):
        city, state, postal_code = office
        therapist.offices.create(city=city, state=state, postal_code=postal_code)

    @rule(
        pick=PICK,
        other=PICK,
        office=OFFICES,
        how=st.sampled_from(["rent", "move", "hand over", "close"]),
    )
    def seat(self, pick, other, office, how):
        therapist, rented = one_of(Therapist.objects, other), one_of(Office.objects, pick)
        if how == "rent" and therapist:
            self.rent_for(therapist, office)
        elif rented and how == "close":
            Office.objects.filter(therapist=rented.therapist_id).delete()
        elif rented:
            if how == "move":
                rented.city, rented.state, rented.postal_code = office
            else:
                rented.therapist = therapist
            rented.save()

    @rule(
        pick=PICK, state=STATES, days=st.sampled_from([None, -1, 0, 1, 30]), compact=st.booleans()
    )
    def license(self, pick, state, days, compact):
        one = one_of(Therapist.objects, pick)
        if one:
            Licence.objects.create(
                therapist=one,
                state=state,
                number=self.next_slug(),
                expires_on=None if days is None else self.today + datetime.timedelta(days=days),
                compact=one_of(Compact.objects, 0) if compact else None,
            )

    @rule(pick=PICK, other=PICK, how=st.sampled_from(["end", "hand over", "no compact", "delete"]))
    def change_licence(self, pick, other, how):
        licence, therapist = one_of(Licence.objects, pick), one_of(Therapist.objects, other)
        if licence and how == "delete":
            licence.delete()
        elif licence:
            if how == "end":
                licence.expires_on = self.today - datetime.timedelta(days=1)
            elif how == "no compact":
                licence.compact = None
            else:
                licence.therapist = therapist
            licence.save()

    @rule(operates=st.booleans(), states=st.lists(STATES, unique=True))
    def change_compact(self, operates, states):
        Compact.objects.update(operates=operates, states=states)

    # --- approaches ---

    @rule(pick=PICK, approach=PICK, values=SPECIALISM)
    def practise(self, pick, approach, values):
        one, approach = one_of(Therapist.objects, pick), one_of(Approach.objects, approach)
        if one and approach:
            Specialist.objects.update_or_create(therapist=one, approach=approach, defaults=values)

    @rule(pick=PICK, approach=PICK)
    def swap_approach(self, pick, approach):
        one, approach = one_of(Specialist.objects, pick), one_of(Approach.objects, approach)
        if one and not approach.specialists.filter(therapist=one.therapist_id).exists():
            one.approach = approach
            one.save()

    @rule(approach=PICK, status=st.sampled_from(["draft", "published"]), at_once=st.booleans())
    def publish_approach(self, approach, status, at_once):
        approach = one_of(Approach.objects, approach)
        if approach and not at_once:
            approach.status = status
            approach.save()
        elif approach:
            Approach.objects.update(status=status)

    @rule(
        approach=PICK,
        name=st.sampled_from(["Gestalt therapy", "Relational therapy", "Somatic practice"]),
        synonyms=SYNONYMS,
        slug=st.sampled_from(["gestalt", "relational", "somatic", "other"]),
    )
    def rename_approach(self, approach, name, synonyms, slug):
        approach = one_of(Approach.objects, approach)
        if approach and not Approach.objects.filter(slug=slug).exclude(pk=approach.pk).exists():
            approach.name, approach.synonyms, approach.slug = name, synonyms, slug
            approach.save()

    @rule(approach=PICK, anew=st.booleans())
    def delete_approach(self, approach, anew):
        approach = one_of(Approach.objects, approach)
        if approach:
            approach.specialists.all().delete()
            approach.delete()
            if anew:
                approach.pk = None
                approach.save(force_insert=True)

    # --- terms ---

    @rule(
        term=PICK,
        name=st.sampled_from(["Grief", "Grief and loss", "Panic attacks", "Quaker", "Jewish"]),
        synonyms=SYNONYMS,
    )
    def rename_term(self, term, name, synonyms):
        term = one_of(Term.objects, term)
        if term:
            term.name, term.synonyms = name, synonyms
            term.save()

    @rule(term=PICK, slug=st.sampled_from(["grief", "panic", "quaker", "jewish", "other"]))
    def move_term(self, term, slug):
        """To the other vocabulary, under this slug."""
        term = one_of(Term.objects, term)
        if term:
            other = Vocabulary.objects.exclude(pk=term.vocabulary_id).get()
            if not other.terms.filter(slug=slug).exists():
                term.vocabulary, term.slug = other, slug
                term.save()

    @rule(vocabulary=PICK, slug=st.sampled_from(["grief", "jewish", "other"]), name=TEXTS)
    def add_term(self, vocabulary, slug, name):
        vocabulary = one_of(Vocabulary.objects, vocabulary)
        if name and not vocabulary.terms.filter(slug=slug).exists():
            vocabulary.terms.create(slug=slug, name=name)

    @rule(term=PICK)
    def delete_term(self, term):
        term = one_of(Term.objects, term)
        if term:
            term.delete()

    # --- time, and what was done taken back ---

    @rule(days=st.sampled_from([1, 1, 1, 30]))
    def days_pass(self, days):
        self.today += datetime.timedelta(days=days)

    @rule(days=st.sampled_from([10, 30, 180]))
    def hide_after(self, days):
        self.hidden_after = days

    @precondition(lambda self: self.saved is None)
    @rule()
    def begin(self):
        self.saved = transaction.savepoint(), self.today, self.hidden_after, index()

    @precondition(lambda self: self.saved is not None)
    @rule()
    def take_back(self):
        savepoint, self.today, self.hidden_after, before = self.saved
        transaction.savepoint_rollback(savepoint)
        self.saved = None
        assert index() == before

    @precondition(lambda self: not self.is_built_anew)
    @rule(now=st.integers(0, 9))
    def rebuild(self, now):
        """Once, and seldom: it would mend what is wrong."""
        if now:
            return
        self.is_built_anew = True
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the tables cannot be emptied
        upkeep.rebuild()


def index():
    """All that the index holds, by table."""
    tables = ["entry", "key", "bits", "at", "order", "spelling", "day"]
    with connection.cursor() as cursor:
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT t::text FROM therapists_search{table} t ORDER BY 1")
            rows[table] = cursor.fetchall()
        return rows
