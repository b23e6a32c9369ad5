"""The list of therapists and a therapist's own page, as the public sees them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.therapists.reading import get, links, slugs, words

pytestmark = pytest.mark.django_db

SHARP = "<script>alert('x')</script>\"&"


def on(days):
    """A day, so many days ago, as pages write it: July 4, 2026."""
    day = factories.days_ago(days)
    return f"{day:%B} {day.day}, {day.year}"


def profile_of(client, therapist):
    return client.get(f"/therapists/{therapist.slug}/")


# --- who is seen --------------------------------------------------------------------------------


@pytest.mark.parametrize("trait", ["draft", "withdrawn", "stale"])
def test_a_profile_that_is_not_listed_is_not_found_and_on_no_list(client, trait):
    hidden = factories.TherapistFactory(name="Hedy Hidden", **{trait: True})
    response = profile_of(client, hidden)
    assert response.status_code == 404
    assert "Hedy" not in words(response)
    assert "Hedy" not in words(client.get("/therapists/"))


def test_staff_see_what_the_public_sees(staff):
    hidden = factories.TherapistFactory(draft=True)
    assert profile_of(staff, hidden).status_code == 404


@pytest.mark.parametrize("slug", ["nobody", "tess.tester", "%00", "tess%20tester", "..%2f"])
def test_an_address_of_nobody_is_not_found(client, slug):
    assert client.get(f"/therapists/{slug}/").status_code == 404


@pytest.mark.parametrize("address", ["/therapists/", "/therapists/tess/"])
def test_the_pages_are_for_reading_only_and_leave_no_cookie(client, address):
    factories.TherapistFactory(slug="tess")
    assert client.post(address).status_code == 405
    response = client.get(address)
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


# --- what is private ----------------------------------------------------------------------------


def test_no_email_address_stands_anywhere(client):
    owner = factories.UserFactory(username="tess@example.org", email="owner@example.org")
    tess = factories.TherapistFactory(
        email="tess@example.org", owner=owner, consent_basis="E-mail to Ana, staff"
    )
    for page in (profile_of(client, tess), client.get("/therapists/")):
        html = page.content.decode()
        assert "@" not in html
        assert "mailto:" not in html
        assert "E-mail to Ana" not in html


@pytest.mark.parametrize("public", [False, True])
def test_a_street_is_shown_only_where_it_is_public(client, public):
    tess = factories.TherapistFactory(
        office__street="7 Hawthorn Lane",
        office__postal_code="97201",
        office__street_is_public=public,
    )
    shown = words(profile_of(client, tess))
    assert ("7 Hawthorn Lane, Portland, OR 97201" in shown) is public
    assert ("Hawthorn" in shown) is public
    assert ("97201" in shown) is public
    assert "Portland, OR" in shown
    assert "Hawthorn" not in words(client.get("/therapists/"))


@pytest.mark.parametrize("waits", [False, True])
def test_a_statement_that_is_not_approved_is_not_shown(client, waits):
    one = factories.SpecialistFactory(state="draft", statement="Not yet for everyone.")
    if waits:
        one = factories.SpecialistFactory(statement="For everyone.")
        factories.StatementFactory(specialist=one, text="Not yet for everyone.")
    for page in (profile_of(client, one.therapist), client.get("/therapists/")):
        assert "Not yet for everyone." not in words(page)
    assert one.approach.name in words(profile_of(client, one.therapist))


def test_an_approach_that_is_not_published_is_not_shown_nor_what_is_said_of_it(client):
    one = factories.SpecialistFactory(
        approach__name="Unfinishedwork", approach__status="draft", statement="Of something new."
    )
    for page in (profile_of(client, one.therapist), client.get("/therapists/")):
        assert "Unfinishedwork" not in words(page)
        assert "Of something new." not in words(page)


# --- what is said -------------------------------------------------------------------------------


def test_a_profile_says_all_that_is_public(client):
    faith = factories.VocabularyFactory(slug="faith", name="Faith")
    tess = factories.TherapistFactory(
        name="Tess Tester",
        post_nominals="PhD",
        pronouns="they/them",
        about="I listen.\n\nAnd then I ask.",
        terms=[factories.TermFactory(vocabulary=faith, name="Quaker")],
        phone="+1 (503) 555-0101",
        website="https://tess.example/",
        booking_url="https://tess.example/book",
        fee_from=120,
        fee_to=160,
        sliding_scale=True,
        free_first_call=True,
        in_person=True,
        online=True,
    )
    factories.SpecialistFactory(
        therapist=tess,
        approach__name="EMDR",
        statement="We go slowly.",
        training="certified",
        training_body="Fern Institute",
        training_year=2019,
    )
    response = profile_of(client, tess)
    shown = words(response)
    for said in (
        "Tess Tester PhD",
        "Licensed Clinical Social Worker in Portland, OR",
        "they/them",
        "I listen. And then I ask.",
        "Faith Quaker",
        "EMDR Certified, Fern Institute, 2019 We go slowly.",
        "Call +1 (503) 555-0101",
        "$120 to $160 a session",
        "Sliding scale: you pay less if you earn less",
        "The first call is free",
        "In person and online",
        f"Has room for new clients confirmed on {on(0)}",
    ):
        assert said in shown
    html = response.content.decode()
    for address in ("https://tess.example/", "https://tess.example/book", "tel:+1(503)555-0101"):
        assert f'href="{address}"' in html


def test_a_profile_that_states_little_says_so_and_leaves_nothing_dangling(client):
    tess = factories.TherapistFactory(name="Tess Tester", title="", office=False, availability="")
    shown = words(profile_of(client, tess))
    for said in (
        "Has not said if there is room",
        "Fees Not stated",
        "not stated",
        "No way of contact",
    ):
        assert said in shown
    assert not re.search(r"Tester (in|,)\b| , |None", shown)


@pytest.mark.parametrize("office", [True, False], ids=["an office", "no office"])
def test_who_works_online_only_says_so_and_where_from_if_that_is_known(client, office):
    parts = {"office__city": "Bend"} if office else {"office": False}
    tess = factories.TherapistFactory(online=True, in_person=False, **parts)
    shown = words(profile_of(client, tess))
    said = "Where Online only. Ask whether they may see you in your state."
    assert (f"{said} They work from: Bend, OR" in shown) is office
    assert ("They work from" in shown) is office
    assert said in shown


@pytest.mark.parametrize("days", [0, 91, 180])
def test_who_has_not_said_if_there_is_room_is_not_said_to_have_said_it_on_a_day(client, days):
    tess = factories.TherapistFactory(
        availability="", availability_confirmed_on=factories.days_ago(days)
    )
    for page in (profile_of(client, tess), client.get("/therapists/")):
        assert "Has not said if there is room" in words(page)
        assert not re.search(r"so ask|said on|confirmed on", words(page))


def test_a_card_says_what_is_not_stated_instead_of_nothing(client):
    factories.TherapistFactory(availability="")
    shown = words(client.get("/therapists/"))
    assert "Has not said if there is room Fee not stated In person or online: not stated" in shown


@pytest.mark.parametrize(
    ("fees", "said"),
    [((120, 160), "$120 to $160"), ((120, 120), "$120"), ((120, None), "from $120")],
)
def test_fees_are_said_in_the_fewest_words(client, fees, said):
    tess = factories.TherapistFactory(fee_from=fees[0], fee_to=fees[1])
    assert f"Fees {said} a session" in words(profile_of(client, tess))
    assert said in words(client.get("/therapists/"))


def test_a_card_quotes_a_statement_that_the_public_may_read(client):
    tess = factories.SpecialistFactory(state="draft", statement="Not yet.").therapist
    factories.SpecialistFactory(therapist=tess, statement="We go slowly.")
    assert "We go slowly." in words(client.get("/therapists/"))


@pytest.mark.parametrize(
    ("expires", "checked", "said"),
    [
        (1, 30, "ended on"),
        (-1, 30, "checked on"),
        (0, 30, "checked on"),
        (None, None, "not checked by us"),
        (1, None, "ended on"),
    ],
)
def test_what_is_known_of_a_licence_is_said(client, expires, checked, said):
    day = {"ended on": expires, "checked on": checked}.get(said)
    licence = factories.LicenceFactory(
        number="L4711",
        expires_on=None if expires is None else factories.days_ago(expires),
        checked_on=None if checked is None else factories.days_ago(checked),
    )
    shown = words(profile_of(client, licence.therapist))
    assert f"L4711 {said}" + (f" {on(day)}" if day is not None else "") in shown
    assert sum(one in shown for one in ("ended on", "checked on", "not checked by us")) == 1


@pytest.mark.parametrize(("days", "old"), [(0, False), (90, False), (91, True), (180, True)])
def test_old_availability_is_flagged_on_the_card_and_on_the_profile(client, days, old):
    tess = factories.TherapistFactory(availability_confirmed_on=factories.days_ago(days))
    flag = f"said on {on(days)}, so ask"
    for page in (profile_of(client, tess), client.get("/therapists/")):
        assert "Has room for new clients" in words(page)
        assert (flag in words(page)) is old
    assert (f"confirmed on {on(days)}" in words(profile_of(client, tess))) is not old


def test_without_a_photo_initials_stand_in(client):
    mei = factories.TherapistFactory(name="Mei de Lantern")
    for page in (profile_of(client, mei), client.get("/therapists/")):
        assert ">ML</span>" in page.content.decode()


# --- nothing that somebody wrote becomes part of the page ---------------------------------------


def test_everything_is_escaped(client):
    vocabulary = factories.VocabularyFactory(
        slug="issue", name=f"V{SHARP}", question=f"Q{SHARP}", explanation=f"E{SHARP}"
    )
    tess = factories.TherapistFactory(
        name=f"N{SHARP}",
        slug="tess",
        post_nominals=f"L{SHARP}",
        title=f"T{SHARP}",
        pronouns=SHARP,
        about=f"A{SHARP}",
        phone=SHARP,
        website=f"https://a.example/{SHARP}",
        booking_url="https://b.example/\" onclick='x'",
        terms=[factories.TermFactory(vocabulary=vocabulary, name=f"W{SHARP}", slug="w")],
        office__city=f"C{SHARP}",
        office__street=f"S{SHARP}",
        office__street_is_public=True,
    )
    factories.LicenceFactory(therapist=tess, kind=f"K{SHARP}", number=f"M{SHARP}")
    factories.SpecialistFactory(
        therapist=tess,
        approach__name=f"P{SHARP}",
        approach__slug="p",
        statement=f"Z{SHARP}",
        training="formal",
        training_body=f"B{SHARP}",
    )
    searches = [("issue", "w"), ("near", f"C{SHARP}"), ("near", f"Atlantis{SHARP}")] + [
        (name, f"N{SHARP}") for name in ("q", "near", "fee", "order", "day", "approach", "within")
    ]
    for path, query in [("tess/", {}), ("", {}), *(("", dict([pair])) for pair in searches)]:
        response = client.get(f"/therapists/{path}", query, follow=True)
        assert response.status_code == 200
        html = response.content.decode()
        assert "alert(" in html or "alert%28" in html
        assert "<script>" not in html
        assert "onclick='" not in html


# --- growth -------------------------------------------------------------------------------------


def queries_of(client, address):
    client.get(address)  # reads anew what a process keeps
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def full_therapist(n):
    vocabulary = factories.VocabularyFactory(slug=f"vocabulary-{n}", may_be_unstated=True)
    tess = factories.TherapistFactory(
        terms=[factories.TermFactory(vocabulary=vocabulary)],
        online=True,
        fee_from=90,
    )
    factories.OfficeFactory(therapist=tess, city=f"Town {n}")
    factories.LicenceFactory(therapist=tess)
    factories.SpecialistFactory(therapist=tess)
    return tess


LISTS = [
    "/therapists/",
    "/therapists/?format=online",
    "/therapists/?availability=open&fee=100",
    "/therapists/?availability=open&fee=100&unstated=availability&unstated=fee",
    "/therapists/?q=tess",
    "/therapists/?q=tess&order=words",
    "/therapists/?q=tezt+anxeity+town",
    "/therapists/?approach=nonesuch&state=OR&licence=OR&order=fee",
    "/therapists/?near=97214&within=100",
    "/therapists/?near=Portland&unstated=near&order=nearest",
    "/therapists/?near=Town+0%2C+OR",
    "/therapists/?near=Nowhere+at+all&within=5&order=nearest",
    "/therapists/?training=certified&sliding=yes&free-call=yes&unstated=training"
    "&unstated=sliding&unstated=free-call",
    "/therapists/?vocabulary-0=term&vocabulary-0=other&day=2026-02-03",
    "/therapists/?q=nonesuch&availability=full&near=Boise%2C+ID",
]


def test_a_list_asks_the_same_few_questions_whatever_it_shows_and_however_many(client):
    someone, nobody = {}, {}
    for people in (range(1), range(1, 10)):
        for n in people:
            full_therapist(n)
        for address in LISTS:
            response = get(client, address)
            asked = queries_of(client, f"/therapists/?{response.request['QUERY_STRING']}")
            (someone if slugs(response) else nobody)[address, people] = asked
    assert len(slugs(client.get("/therapists/"))) == 10
    assert set(someone.values()) == {5}
    assert max(nobody.values()) <= 6


def test_a_list_on_the_page_of_an_approach_asks_no_more_of_ten_than_of_one(client):
    full_therapist(0)
    approach = factories.SpecialistFactory(approach__slug="emdr").approach
    address = "/approaches/emdr/?near=97214&availability=open&unstated=near"
    get(client, address)
    of_one = queries_of(client, address)
    for _ in range(9):
        factories.SpecialistFactory(approach=approach)
    assert len(slugs(client.get(address))) == 10
    assert queries_of(client, address) == of_one


def test_a_profile_asks_as_many_questions_of_ten_of_everything_as_of_one(client):
    tess = full_therapist(0)
    of_one = queries_of(client, f"/therapists/{tess.slug}/")
    for n in range(1, 10):
        factories.OfficeFactory(therapist=tess, city=f"Place {n}")
        factories.LicenceFactory(therapist=tess)
        factories.SpecialistFactory(therapist=tess)
        vocabulary = factories.VocabularyFactory(slug=f"vocabulary-{n}")
        tess.terms.add(factories.TermFactory(vocabulary=vocabulary))
    assert words(profile_of(client, tess)).count("Place") == 9
    assert queries_of(client, f"/therapists/{tess.slug}/") == of_one
    assert of_one <= 8


@pytest.mark.parametrize(
    ("ways", "offered", "refused"),
    [
        (["phone"], ["First contact by phone call", "Call (555) 555-0100"], ["sms:(555)"]),
        (
            ["text", "email"],
            ["First contact by e-mail or text message", "sms:(555)"],
            ["tel:(555)"],
        ),
        (["email"], ["Phone: (555) 555-0100"], ["Call (555)", "sms:(555)"]),
        ([], ["Call (555) 555-0100"], ["First contact by", "sms:(555)"]),
    ],
)
def test_a_phone_is_offered_as_the_therapist_wants_it(client, ways, offered, refused):
    contact = factories.VocabularyFactory(slug="contact")
    names = {"phone": "Phone call", "text": "Text message", "email": "E-mail"}
    terms = [factories.TermFactory(vocabulary=contact, slug=w, name=names[w]) for w in ways]
    therapist = factories.TherapistFactory(phone="(555) 555-0100", terms=terms)

    response = get(client, therapist.get_absolute_url())
    shown = words(response) + " ".join(address for _, address in links(response))

    assert [one for one in offered if one not in shown] == []
    assert [one for one in refused if one in shown] == []
