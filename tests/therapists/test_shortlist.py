"""/shortlist/: a list that lies in its address, as the server shows it."""

import re
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.kept import kept
from tests.pages import text
from tests.therapists.reading import links, paragraphs
from tests.therapists.test_bad_input import RAW, RUBBISH
from therapists.publishing import withdraw
from therapists.shortlist.reading import MOST

pytestmark = pytest.mark.django_db


def of(*slugs, **others):
    """The address of the list of these."""
    pairs = [("keep", slug) for slug in slugs] + list(others.items())
    return f"/shortlist/?{urlencode(pairs)}"


def on_it(response):
    return re.findall(r'<li id="t-([^"]+)"', response.text)


def asked(client, *slugs, add):
    """The page that adding something leads to, and its address."""
    response = client.get(of(*slugs, add=add), follow=True)
    assert response.status_code == 200
    return response, "/shortlist/?" + response.request["QUERY_STRING"]


def address_of(response, words):
    return dict(links(response))[words]


@kept
def three():
    for slug, name in [("ada", "Ada Grief"), ("bea", "Bea Silent"), ("cal", "Cal Other")]:
        factories.TherapistFactory(slug=slug, name=name)


# --- who is shown -------------------------------------------------------------------------------


def test_the_empty_list_says_what_it_is_for_and_how_to_begin(client):
    said = text(client.get("/shortlist/"))
    assert "Nobody is on this list" in said
    assert "choose “Keep”" in said


def test_those_who_are_kept_stand_in_the_order_of_the_address(client, three):
    assert on_it(client.get(of("cal", "ada"))) == ["cal", "ada"]
    assert "2 therapists" in text(client.get(of("cal", "ada")))
    assert "1 therapist " in text(client.get(of("cal")))


def test_each_says_what_one_needs_to_call_or_write(client):
    contact = factories.VocabularyFactory(slug="contact")
    ada = factories.TherapistFactory(
        name="Ada Grief",
        slug="ada",
        post_nominals="PhD",
        pronouns="she/her",
        phone="+1 (503) 555-0101",
        website="https://ada.example/",
        booking_url="https://ada.example/book?x=1",
        fee_from=120,
        fee_to=160,
        sliding_scale=True,
        free_first_call=True,
        online=True,
        email="ada@example.org",
        terms=[
            factories.TermFactory(name="Phone call", vocabulary=contact),
            factories.TermFactory(name="Grief"),
        ],
    )
    factories.LicenceFactory(
        therapist=ada, number="L4711", checked_on=factories.days_ago(1), kind="Social Worker"
    )
    page = client.get(of("ada"))
    today = f"{factories.today():%B} {factories.today().day}, {factories.today().year}"
    for said in (
        "Ada Grief , Licensed Clinical Social Worker in Portland, OR PhD · she/her",
        f"Has room for new clients confirmed on {today}",
        "Phone +1 (503) 555-0101",
        "Website ada.example First",
        "Booking ada.example/book?x=1",
        "First contact by phone call",
        "Fee $120 to $160 a session, sliding scale. The first call is free",
        "How Online",
        "Oregon: Social Worker, L4711 checked on",
    ):
        assert said in text(page)
    for address in ("tel:+1(503)555-0101", "https://ada.example/", "/therapists/ada/"):
        assert f'href="{address}"' in page.text
    assert "@" not in page.text


def test_who_states_little_has_nothing_dangling(client):
    factories.TherapistFactory(name="Ada", slug="ada", title="", office=False, availability="")
    said = text(client.get(of("ada")))
    assert "Ada Has not said if there is room Fee Not stated How In person or online: not" in said
    assert "None" not in said


def test_old_availability_is_flagged_as_everywhere(client):
    old = factories.TherapistFactory(availability_confirmed_on=factories.days_ago(100))
    assert "so ask" in text(client.get(of(old.slug)))


def test_taking_off_leads_to_the_list_without_them(client, three):
    page = client.get(of("ada", "bea", "cal"))
    off = {label: address for label, address in links(page) if label.startswith("Take off")}
    assert off["Take off : Bea Silent"] == of("ada", "cal")
    assert address_of(client.get(of("bea")), "Take off : Bea Silent") == "/shortlist/"


@pytest.mark.parametrize("trait", ["draft", "withdrawn", "stale"])
def test_who_is_not_listed_is_counted_and_not_named(client, three, trait):
    factories.TherapistFactory(name="Hedy Hidden", slug="hedy", **{trait: True})
    page = client.get(of("ada", "hedy", "never-was"))
    assert on_it(page) == ["ada"]
    assert "2 therapists on this list are no longer listed. Take them off" in text(page)
    assert "Hedy" not in page.text
    assert address_of(page, "Take them off") == of("ada")
    one = client.get(of("hedy"))
    assert "1 therapist on this list is no longer listed. Take it off" in text(one)
    assert re.sub(r'(keep|kept|value)=[^>]*"', "", one.text).count("hedy") == 0


def test_who_withdraws_is_gone_at_once(client, three, staff_user):
    ada = factories.TherapistFactory(name="Zed Gone")
    assert "Zed Gone" in text(client.get(of(ada.slug)))
    withdraw(ada, by=staff_user)
    assert "Zed Gone" not in text(client.get(of(ada.slug)))


# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked_for", "canonical"),
    [
        ("keep=ada&keep=bea&keep=ada", "keep=ada&keep=bea"),
        ("keep=&keep=ada", "keep=ada"),
        ("utm=x&keep=ada", "keep=ada"),
        ("keep=", ""),
        ("add=+", ""),
        ("page=2", ""),
    ],
)
def test_equal_lists_have_equal_addresses(client, three, asked_for, canonical):
    answer = client.get(f"/shortlist/?{asked_for}")
    assert answer.status_code == 302
    assert answer["Location"] == "/shortlist/" + (f"?{canonical}" if canonical else "")
    assert answer["Cache-Control"] == "no-store"


def test_nobody_keeps_or_indexes_it_and_no_cookie_is_set(client, three):
    for address in ("/shortlist/", of("ada")):
        page = client.get(address)
        assert page["Cache-Control"] == "no-store"
        assert page["X-Robots-Tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in page.text
        assert "ETag" not in page
        assert not page.cookies
        assert "Cookie" not in page.get("Vary", "")
        assert client.post(address).status_code == 405
    assert "shortlist" not in client.get("/sitemap-pages.xml").text


def test_a_list_holds_twenty_and_says_how_many_are_left_out(client):
    slugs = [factories.TherapistFactory().slug for _ in range(MOST + 3)]
    page = client.get(of(*slugs))
    assert on_it(page) == slugs[:MOST]
    assert "A list holds 20 therapists. 3 more are left out." in text(page)
    assert "left out" not in text(client.get(of(*slugs[:MOST])))

    full, _ = asked(client, *slugs[:MOST], add=f"/therapists/{slugs[-1]}/")
    assert on_it(full) == slugs[:MOST]
    assert "1 more is left out" in text(full)


@pytest.mark.parametrize("name", ["keep", "add", "nonesuch"])
@pytest.mark.parametrize("kind", RUBBISH)
def test_rubbish_breaks_nothing_and_what_was_kept_stays(three, kind, name):
    browser = Client(raise_request_exception=False)
    values = {"keep": ["ada", RUBBISH[kind]]} if name == "keep" else {name: RUBBISH[kind]}
    page = browser.get("/shortlist/", {"keep": ["ada"]} | values, follow=True)
    assert page.status_code == 200
    assert on_it(page) == ["ada"]
    assert "<script>alert" not in page.text
    assert "onmouseover='" not in page.text


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
@pytest.mark.parametrize("name", ["keep", "add"])
def test_what_is_no_text_breaks_nothing(three, name, raw):
    browser = Client(raise_request_exception=False)
    page = browser.get(f"/shortlist/?keep=ada&{name}={raw}", follow=True)
    assert page.status_code == 200
    assert on_it(page) == ["ada"]


def test_hundreds_of_values_break_nothing(client, three):
    page = client.get(of("ada", *(f"nobody-{n}" for n in range(900))))
    assert (page.status_code, on_it(page)) == (200, ["ada"])
    page = client.get("/shortlist/?" + "&".join(f"add=Nobody+{n}" for n in range(900)), follow=True)
    assert page.status_code == 200


@pytest.mark.parametrize("rubbish", ["no slug", "a" * 141, "tess.tester", "<b>", "\0", "ada\n"])
def test_a_part_that_cannot_be_read_is_named_as_such(client, three, rubbish):
    page = client.get(of("ada", rubbish))
    assert "We could not read a part of this address, so it is left out." in paragraphs(
        page, "unknown"
    )
    assert on_it(page) == ["ada"]


# --- adding somebody ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "Bea Silent",
        "bea silent",
        "  Bea   Silent ",
        "Bea Silent, Licensed Clinical Social Worker in Portland, OR",
        "— Bea Silent, Licensed Clinical Social Worker in Portland, OR",
        "Bea Silent, Licensed Clinical Social Worker",
        "https://attune.example/therapists/bea/",
        "https://attune.example/therapists/bea/#contact",
        "http://127.0.0.1:8000/therapists/bea",
        "/therapists/bea/",
        "/shortlist/?keep=bea",
    ],
)
def test_a_name_or_an_address_is_understood(client, three, written):
    answer = client.get(of("ada", add=written))
    assert answer["Location"] == of("ada", "bea") + "#t-bea"
    assert on_it(client.get(answer["Location"])) == ["ada", "bea"]


@pytest.mark.parametrize(
    "written",
    [
        "Ada Grief; Cal Other",
        "Ada Grief, Cal Other",
        "Ada Grief\nCal Other",
        "/therapists/ada/ /therapists/cal/",
        "/therapists/ada/ Cal Other",
        "https://a.example/shortlist/?keep=ada&keep=cal",
    ],
)
def test_several_can_be_added_at_once(client, three, written):
    page, address = asked(client, "bea", add=written)
    assert set(on_it(page)) == {"bea", "ada", "cal"}
    assert on_it(page)[0] == "bea"
    assert "add=" not in address


def test_the_form_of_the_page_keeps_those_who_are_on_it(client, three):
    page = client.get(of("ada", "bea"))
    hidden = re.findall(r'<input type="hidden" name="keep" value="(.*?)">', page.text)
    assert hidden == ["ada", "bea"]


def test_accents_and_other_scripts_do_not_matter(client):
    factories.TherapistFactory(name="José Ñandú", slug="jose")
    factories.TherapistFactory(name="梅 Lantern", slug="mei")
    assert "jose" in str(links(asked(client, add="Jose Nandu")[0]))
    assert on_it(asked(client, add="josé ñandú")[0]) == ["jose"]
    assert on_it(asked(client, add="梅 Lantern")[0]) == ["mei"]


def test_of_several_who_have_a_name_the_reader_chooses(client, three):
    for slug, city in [("tess-1", "Bend"), ("tess-2", "Salem")]:
        factories.TherapistFactory(name="Tess Twice", slug=slug, office__city=city)
    page, address = asked(client, "ada", add="tess twice; Bea Silent")
    assert on_it(page) == ["ada", "bea"]
    assert "2 people are called “tess twice”. Whom do you mean?" in text(page)
    assert address == of("ada", "bea", add="tess twice")
    choice = address_of(page, "Tess Twice, Licensed Clinical Social Worker in Salem, OR")
    assert on_it(client.get(choice)) == ["ada", "bea", "tess-2"]
    assert address_of(page, "None of these") == of("ada", "bea")
    # Whoever writes the place as well is understood at once.
    signed = "Tess Twice, Licensed Clinical Social Worker in Bend, OR"
    assert on_it(asked(client, add=signed)[0]) == ["tess-1"]


def test_a_choice_leaves_the_other_questions_open(client):
    for slug in ("tess-1", "tess-2"):
        factories.TherapistFactory(name="Tess Twice", slug=slug, title=slug)
    page, _ = asked(client, add="Tess Twice; Nobody Atall")
    choice = address_of(page, "Tess Twice, tess-1 in Portland, OR")
    assert choice == of("tess-1", add="Nobody Atall")
    assert "We found nobody called “Nobody Atall”." in text(client.get(choice))


def test_a_part_of_a_name_is_offered_and_not_taken(client, three):
    page, _ = asked(client, add="silent")
    assert on_it(page) == []
    assert "Whom do you mean by “silent”?" in text(page)
    choice = address_of(page, "Bea Silent, Licensed Clinical Social Worker in Portland, OR")
    assert choice == of("bea")


def test_of_very_many_some_are_offered_and_the_way_to_the_others(client):
    for n in range(12):
        factories.TherapistFactory(name="Tess Many", slug=f"tess-{n}", title=f"Number {n}")
    page, _ = asked(client, add="Tess Many")
    assert "Many people are called “Tess Many”" in text(page)
    assert page.text.count("Tess Many, Number") == 8
    assert address_of(page, "Look for others") == "/therapists/?q=Tess%20Many"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Bea Slient", "We found nobody called “Bea Slient”."),
        ("/therapists/nobody/", "Nobody is listed at the address “/therapists/nobody/”."),
        ("/therapists/hedy/", "Nobody is listed at the address “/therapists/hedy/”."),
        ("Hedy Hidden", "We found nobody called “Hedy Hidden”."),
        ("http://[/therapists/", "We found nobody called “http://[/therapists/”."),
    ],
)
def test_what_is_not_understood_is_said_and_can_be_left_out(client, three, written, said):
    factories.TherapistFactory(name="Hedy Hidden", slug="hedy", draft=True)
    page, _ = asked(client, "ada", add=written)
    assert said in text(page)
    assert on_it(page) == ["ada"]
    assert address_of(page, "Leave it out") == of("ada")


def test_of_two_names_the_one_that_is_known_is_added_and_the_other_named(client, three):
    page, address = asked(client, add="Ada Grief, Bea Slient")
    assert on_it(page) == ["ada"]
    assert "We found nobody called “Bea Slient”." in text(page)
    assert address == of("ada", add="Bea Slient")


def test_who_is_on_the_list_is_not_put_on_it_twice(client, three):
    assert on_it(asked(client, "ada", add="Ada Grief")[0]) == ["ada"]


def test_what_people_wrote_is_escaped(client):
    sharp = "<script>alert('x')</script>\"&"
    factories.TherapistFactory(
        name=f"N{sharp}", slug="tess", title=f"T{sharp}", pronouns=sharp, post_nominals=f"P{sharp}",
        phone=sharp, website=f"https://a.example/{sharp}", office__city=f"C{sharp}",
    )  # fmt: skip
    for address in (of("tess"), of("tess", add=sharp), f"/shortlist/?add={quote('N')}"):
        page = client.get(address, follow=True)
        assert "alert(" in page.text
        assert "<script>" not in page.text


# --- growth and the way here --------------------------------------------------------------------


def test_twenty_ask_the_database_as_often_as_one(client):
    contact = factories.VocabularyFactory(slug="contact")

    def full():
        one = factories.TherapistFactory(terms=[factories.TermFactory(vocabulary=contact)])
        factories.OfficeFactory(therapist=one, city="Bend")
        factories.LicenceFactory(therapist=one)
        return one.slug

    slugs, counted = [full() for _ in range(MOST)], []
    for address in (of(slugs[0]), of(*slugs), of(slugs[0], add="Nobody"), of(*slugs, add="Tess")):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counted.append(len(queries))
    assert counted == [4, 4, 5, 5]
    with CaptureQueriesContext(connection) as queries:
        client.get("/shortlist/")
    assert len(queries) == 0


def test_a_profile_leads_to_a_list_with_this_therapist(client, three):
    page = client.get("/therapists/ada/")
    assert address_of(page, "Put on a list") == of("ada")


def test_a_preview_offers_no_list(owner, profile):
    page = owner.get(f"/my/therapists/myprofile/{profile.pk}/preview/")
    assert page.status_code == 200
    assert "Put on a list" not in page.text
