"""Therapists who differ in what the filters ask, or in where they sit."""

from tests import factories
from tests.therapists.geography import miles_between
from therapists.places import Place

# {who: where}; Nowhereville is on no map, and emil and hugo name the state alone.
SEATS = {
    "anna": ("Portland", "OR"),
    "bela": ("Gresham", "OR"),
    "cleo": ("Salem", "OR"),
    "dora": ("Vancouver", "WA"),
    "emil": ("", "OR"),
    "fred": ("Nowhereville", "OR"),
    "gail": ("Boise", "ID"),
    "hugo": ("", "WA"),
}
ON_THE_MAP = ["anna", "bela", "cleo", "dora", "gail"]


def six_people():
    issue = factories.VocabularyFactory(slug="issue", question="What is it about?")
    faith = factories.VocabularyFactory(
        slug="faith", question="Does faith matter?", may_be_unstated=True
    )
    grief = factories.TermFactory(vocabulary=issue, slug="grief", name="Grief")
    panic = factories.TermFactory(vocabulary=issue, slug="panic", name="Panic")
    factories.TermFactory(vocabulary=issue, slug="sleep", name="Sleep")  # nobody's
    quaker = factories.TermFactory(vocabulary=faith, slug="quaker", name="Quaker")
    emdr = factories.ApproachFactory(name="EMDR", slug="emdr")
    gestalt = factories.ApproachFactory(name="Gestalt therapy", slug="gestalt")

    anna = person("anna", terms=[grief], online=True, fee_from=80, sliding_scale=True)
    bela = person("bela", terms=[panic], in_person=True, fee_from=120, free_first_call=True)
    cleo = person("cleo", terms=[grief, panic, quaker], online=True, in_person=True)
    dora = person("dora", terms=[quaker], office=("Boise", "ID"), fee_from=80, sliding_scale=False)
    emil = person("emil", terms=[grief], office=("Bend", "OR"), availability="full")
    fred = person("fred", availability="", office=None, fee_from=200, free_first_call=True)

    trained(emdr, {anna: "certified", cleo: "", emil: "formal"})
    trained(gestalt, {bela: "formal", cleo: "certified"})
    licensed(anna, bela, cleo, dora, fred)


def nine_at_random():
    """tess-0 to tess-8, who state this and that."""
    faith = factories.VocabularyFactory(
        slug="faith", question="Does faith matter?", may_be_unstated=True
    )
    quaker = factories.TermFactory(vocabulary=faith, slug="quaker", name="Quaker")
    grief = factories.TermFactory(slug="grief", name="Grief")
    emdr = factories.ApproachFactory(name="EMDR", slug="emdr")
    compact = factories.CompactFactory(states=["CO"])
    for n in range(9):
        therapist = factories.TherapistFactory(
            slug=f"tess-{n}",
            online=n % 2 == 0,
            fee_from=[None, 60, 120][n % 3],
            availability=["", "open", "full"][n // 3],
            terms=[quaker, grief][: n % 4],
            office__city=["Bend", "Portland", ""][n % 3],
            sliding_scale=[None, True, False][n % 3],
            free_first_call=[True, None][n % 2],
        )
        if n in (1, 4, 6):
            training = ["", "certified", "formal"][n % 3]
            factories.SpecialistFactory(therapist=therapist, approach=emdr, training=training)
        if n % 3:
            by = [compact, None][n % 2]
            factories.LicenceFactory(therapist=therapist, compact=by)


def person(slug, *, office=("Portland", "OR"), **differences):
    """Somebody who is listed, with an office in a (city, state) or with none."""
    where = {"office__city": office[0], "office__state": office[1]} if office else {"office": False}
    return factories.TherapistFactory(slug=slug, name=slug.capitalize(), **where, **differences)


def trained(approach, trainings):
    """{therapist: their training in the approach, "" where they leave it out}."""
    for therapist, training in trainings.items():
        factories.SpecialistFactory(therapist=therapist, approach=approach, training=training)


def licensed(anna, bela, cleo, dora, fred):
    """For Oregon anna and bela; for Idaho cleo and dora, one by a compact that operates."""
    operates = factories.CompactFactory(states=["CO", "UT"])
    planned = factories.CompactFactory(states=["VT"], operates=False)
    for therapist, state, compact, ended in [
        (anna, "OR", None, None),
        (bela, "OR", None, factories.today()),
        (bela, "WA", None, factories.days_ago(1)),
        (cleo, "ID", operates, factories.days_ago(-1)),
        (dora, "ID", planned, None),
        (fred, "UT", operates, factories.days_ago(1)),
    ]:
        factories.LicenceFactory(
            therapist=therapist, state=state, compact=compact, expires_on=ended
        )


def nine_people():
    """Those of SEATS, and iris, who has no office."""
    for slug, office in SEATS.items():
        person(slug, office=office)
    person("iris", office=None)


def miles(key, slug):
    """How far somebody's town is from a place, by Python and the table of places."""
    city, state = SEATS[slug]
    there = Place.objects.get(key=f"{city.lower()}|{state}")
    here = Place.objects.get(key=key)
    return miles_between(here.latitude, here.longitude, there.latitude, there.longitude)
