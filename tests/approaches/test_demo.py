"""The demo directory: what its files hold, and what is served once they are loaded."""

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import transaction

from approaches.demo.directory import (
    load_compacts,
    load_demo,
    read,
    read_approaches,
    read_therapists,
)
from approaches.demo.messages import load_messages, read_messages
from approaches.models import Approach, Source, Specialist
from tests import factories
from tests.approaches.pages import quotes_of
from therapists.contact.promptness import usual_answer
from therapists.models import (
    INVENTED,
    Compact,
    Delivery,
    Licence,
    Message,
    Office,
    Proposal,
    Term,
    Therapist,
    Vocabulary,
)
from therapists.slugs import unique_slug
from therapists.states import STATES

APPROACHES = read_approaches()
THERAPISTS = read_therapists()
BY_NAME = {entry["name"]: entry for entry in THERAPISTS}
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
# The numbers that are reserved for fiction.
FICTIONAL_PHONE = re.compile(r"\(555\) 555-01\d\d")


# --- the files ---


def test_there_are_twenty_four_approaches_and_four_hundred_therapists_and_sixty_issues():
    assert len(APPROACHES) == 24
    assert len(read("vocabularies.toml")["issue"]["terms"]) == 60
    assert len(THERAPISTS) == 400


@pytest.mark.parametrize("slug", APPROACHES)
def test_an_approach_has_150_to_300_words_three_sources_and_slugs_that_exist(slug):
    entry = APPROACHES[slug]

    assert 150 <= len(entry["overview"].split()) <= 300
    assert 0 < len(entry["summary"]) <= 300
    assert all(entry[part].strip() for part in ("name", "evidence", "limits", "reviewed_by"))
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert set(entry["related"]) <= set(APPROACHES) - {slug}
    assert set(entry["helps_with"]) <= set(read("vocabularies.toml")["issue"]["terms"])
    citations = [source["citation"] for source in entry["sources"]]
    assert len(set(citations)) == len(citations) >= 3
    assert all(str(source["year"]) in source["citation"] for source in entry["sources"])
    links = [source["url"] for source in entry["sources"] if source["url"]]
    assert links  # a book has none
    assert all(urlsplit(link).scheme == "https" for link in links)


def test_no_two_people_share_a_name_or_an_address():
    assert [name for name, count in Counter(e["name"].casefold() for e in THERAPISTS).items()
            if count > 1] == []  # fmt: skip
    slugs = [unique_slug(name, set()) for name in BY_NAME]
    assert [slug for slug, count in Counter(slugs).items() if count > 1] == []


def test_no_two_people_say_the_same():
    said = [entry["about"] for entry in THERAPISTS if entry["about"].strip()]
    said += [words for entry in THERAPISTS for words in entry["statements"].values()]
    alike = Counter(" ".join(re.findall(r"\w+", words.casefold())) for words in said)
    openings = Counter(words[:40].casefold() for words in said)

    assert [words for words, count in alike.items() if count > 1 or not words] == []
    assert [words for words, count in openings.items() if count > 1] == []


def test_everyone_speaks_only_of_what_they_practise():
    for entry in THERAPISTS:
        practised = entry["practises"]
        assert set(entry["statements"]) <= set(practised) <= set(APPROACHES), entry["name"]
        assert len(set(practised)) == len(practised) > 0, entry["name"]


def test_every_shape_of_a_signature_is_there():
    shapes = Counter((bool(entry["city"]), bool(entry["state"])) for entry in THERAPISTS)
    titles = [entry["title"] for entry in THERAPISTS]
    names = list(BY_NAME)

    assert len(shapes) == 4  # with and without a city, with and without a state
    assert {entry["kind"] for entry in THERAPISTS} == {"person", "practice"}
    assert {entry["photo"] for entry in THERAPISTS} == {True, False}
    assert {bool(entry["post_nominals"]) for entry in THERAPISTS} == {True, False}
    assert any("," in title for title in titles)
    assert any(" in " in title for title in titles)
    assert any("&" in name for name in names)
    assert any("-" in name for name in names)
    assert any(not name.isascii() for name in names)


def test_every_approach_has_specialists_and_one_has_more_than_a_page_quotes():
    voices = Counter(slug for entry in THERAPISTS for slug in entry["statements"])

    assert set(voices) == set(APPROACHES)
    assert max(voices.values()) > 20


def test_nobody_writes_an_address_or_a_number_into_their_own_words():
    for entry in THERAPISTS:
        for words in [entry["about"], *entry["statements"].values()]:
            assert not re.search(r"@\w|https?:|www\.|\d{3}[-. )]+\d{4}", words), entry["name"]


@pytest.mark.parametrize(
    ("vocabulary", "terms"),
    [
        ("insurance", {"medicaid", "medicare", "aetna", "out-of-network"}),
        ("language", {"english", "spanish", "asl"}),
        ("age", {"children", "teens", "young-adults", "adults", "elders"}),
        ("client", {"individual", "couple", "family", "group"}),
        ("credential", {"psychologist", "clinical-social-worker", "professional-counselor",
                        "marriage-family-therapist", "psychiatrist", "nurse-practitioner",
                        "art-therapist", "pastoral-counselor", "associate"}),
        ("gender", {"woman", "man", "nonbinary", "agender", "two-spirit", "transgender"}),
        ("affirming", {"lgbtq", "bodies", "sex", "kink", "polyamory", "neurodiversity"}),
        ("access", {"step-free", "captioning", "asl", "low-sensory"}),
        ("contact", {"email", "text", "phone", "form"}),
    ],
)  # fmt: skip
def test_a_list_offers_what_people_ask_for(vocabulary, terms):
    assert terms <= set(read("vocabularies.toml")[vocabulary]["terms"])


def test_what_many_keep_to_themselves_may_be_unstated():
    lists = read("vocabularies.toml").items()
    assert {slug for slug, entry in lists if entry["may_be_unstated"]} == {
        "insurance", "access", "gender", "ethnicity", "sexuality", "faith", "experience",
        "affirming",
    }  # fmt: skip


def test_a_compact_names_states_that_exist_each_of_them_once():
    for compact in read("compacts.toml").values():
        assert set(compact["states"]) <= set(STATES)
        assert len(set(compact["states"])) == len(compact["states"]) > 1
    assert read("compacts.toml")["psypact"]["operates"] is True
    assert "OR" not in read("compacts.toml")["psypact"]["states"]


# --- once it is loaded ---


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demo, loaded once for all tests of this file, and gone after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        loaded = load_demo()
        yield loaded
        transaction.set_rollback(True)


def empty_directory():
    for model in (Specialist, Therapist, Approach, Term, Vocabulary, Compact):
        model.objects.all().delete()


def everything():
    """All that was loaded, without the numbers that the database gives, and with the portraits."""
    people = Therapist.objects.order_by("slug")
    names = [field.name for field in Therapist._meta.concrete_fields]
    kept = [name for name in names if name not in ("id", "created_at", "updated_at")]
    hanging = {
        Office: ["therapist__slug", "city", "state"],
        Licence: ["therapist__slug", "state", "kind", "number", "expires_on", "checked_on",
                  "compact__slug"],
        Compact: ["slug", "name", "states", "operates", "url"],
        Specialist: ["therapist__slug", "approach__slug", "statement", "state", "training",
                     "training_body", "training_year"],
        Proposal: ["specialist__therapist__slug", "part", "text", "submitted_at__date"],
        Source: ["approach__slug", "citation", "position"],
        Therapist.terms.through: ["therapist__slug", "term__vocabulary__slug", "term__slug"],
        Approach.related.through: ["from_approach__slug", "to_approach__slug"],
    }  # fmt: skip
    rows = {model: sorted(model.objects.values_list(*f), key=repr) for model, f in hanging.items()}
    photos = [default_storage.open(one.photo.name).read() for one in people if one.photo]
    return list(people.values(*kept)), rows, photos


def test_a_second_loading_gives_the_very_same_directory(demo, db):
    first = everything()
    empty_directory()

    assert load_demo() == demo

    assert everything() == first


def test_what_the_files_hold_is_in_the_directory(demo, db):
    assert demo == (24, len(THERAPISTS))
    assert set(Therapist.objects.values_list("name", flat=True)) == set(BY_NAME)
    assert Approach.objects.published().count() == 24
    written = sum(len(entry["statements"]) for entry in THERAPISTS)
    waiting = Proposal.objects.waiting()
    settled = Specialist.objects.exclude(proposals__in=waiting).exclude(statement="")
    assert settled.count() + waiting.count() == written


def test_most_are_listed_some_are_flagged_as_old_and_a_few_are_hidden(demo, db):
    listed = Therapist.objects.listed()
    old = sum(one.availability_is_old for one in listed)

    assert 0 < len(THERAPISTS) - listed.count() < len(THERAPISTS) * 0.1
    assert 0 < old < len(THERAPISTS) * 0.25


def test_of_what_waits_some_is_new_and_some_changes_what_is_published(demo, db):
    waiting = Specialist.objects.awaiting_review()

    assert 10 <= waiting.count() <= 40
    assert waiting.filter(state="approved").exists()
    assert waiting.filter(state="draft", statement="").exists()


def test_everyone_states_one_kind_of_credential(demo, db):
    stated = Counter(
        Term.objects.filter(vocabulary__slug="credential").values_list(
            "therapists__slug", flat=True
        )
    )
    assert set(stated) == set(Therapist.objects.values_list("slug", flat=True))
    assert set(stated.values()) == {1}


def test_a_few_licences_have_ended_and_a_few_people_hold_more_than_one(demo, db):
    licences = list(Licence.objects.select_related("compact"))
    held = Counter(one.therapist_id for one in licences if not one.compact)

    assert 0.02 < sum(one.is_expired for one in licences) / len(licences) < 0.06
    assert set(held.values()) == {1, 2, 3}
    assert 0.03 < sum(number > 1 for number in held.values()) / len(held) < 0.15


def test_a_third_of_the_psychologists_see_people_online_by_psypact(demo, db):
    psychologists = Therapist.objects.filter(terms__slug="psychologist")
    authorities = Licence.objects.exclude(compact=None).select_related("compact", "therapist")

    assert 0.25 < len(authorities) / len(psychologists) < 0.4
    for one in authorities:
        assert one.compact.name == "PSYPACT"
        assert one.therapist in psychologists
        assert one.therapist.online
        assert one.state in one.compact.states
        assert one.states == [] or len(one.states) == len(one.compact.states)
        # It stands on a licence of the same state, and ends with it.
        at_home = one.therapist.licences.get(compact=None, state=one.state)
        assert at_home.expires_on == one.expires_on


def test_a_profile_of_the_demo_says_how_far_an_authority_reaches(demo, client, db):
    today = factories.today()
    one = Licence.objects.filter(
        compact__slug="psypact", expires_on__gte=today, therapist__in=Therapist.objects.listed()
    ).first()
    page = client.get(one.therapist.get_absolute_url()).text
    assert f"and, by PSYPACT, people in {len(one.compact.states) - 1} other states." in page


def test_a_compact_that_staff_made_already_stays_as_they_made_it(db):
    empty_directory()
    theirs = factories.CompactFactory(name="Psypact", slug="psypact", states=["WA"])
    assert load_compacts()["psypact"] == theirs
    held = Compact.objects.get(slug="psypact")
    assert (held.name, held.states) == ("Psypact", ["WA"])


def test_numbers_and_hosts_are_those_that_are_reserved_for_fiction(demo, db):
    for one in Therapist.objects.all():
        assert not one.phone or FICTIONAL_PHONE.fullmatch(one.phone)
        for address in (one.website, one.booking_url):
            assert not address or urlsplit(address).hostname.endswith(".example")
        assert one.email.endswith(".example")
        assert one.consent_basis == "Demonstration: an invented person"
    assert not Licence.objects.exclude(number__startswith="DEMO-").exists()


def test_no_page_shows_an_e_mail_address_or_leads_to_a_real_host_of_a_therapist(demo, client, db):
    ours = ["/", "/approaches/", "/therapists/", "/how-we-order/"]
    approaches = [one.get_absolute_url() for one in Approach.objects.all()]
    profiles = [one.get_absolute_url() for one in Therapist.objects.listed()]

    for address in [*ours, *approaches, *[f"{one}specialists/" for one in approaches], *profiles]:
        page = client.get(address)
        source = page.content.decode()
        assert page.status_code == 200
        assert not EMAIL.search(source), address
        assert "mailto:" not in source
        if address in profiles:
            main = source[source.index("<main") : source.index("</main>")]
            hosts = {urlsplit(link).hostname for link in re.findall(r'href="(https?:[^"]*)"', main)}
            assert all(host.endswith(".example") for host in hosts), address


def test_every_statement_in_a_page_of_the_demo_is_signed_as_its_file_says(demo, client, db):
    for approach in Approach.objects.all():
        for quote in quotes_of(client.get(approach.get_absolute_url())):
            name = next(name for name in BY_NAME if quote.signature.startswith(f"— {name},"))
            said = BY_NAME[name]["statements"][approach.slug]
            # Of a few, an earlier version is published, and the whole waits for staff.
            assert " ".join(said.split()).startswith(quote.statement)


# --- never beside real people ---


@pytest.mark.django_db
@pytest.mark.parametrize(
    "exists", [factories.TherapistFactory, factories.ApproachFactory, factories.VocabularyFactory]
)
def test_the_demo_refuses_a_directory_that_is_not_empty(exists):
    empty_directory()
    exists()

    with pytest.raises(CommandError, match="This directory is not empty"):
        call_command("load_demo")
    call_command("load_demo", if_empty=True)

    found = [model.objects.count() for model in (Therapist, Approach, Vocabulary)]
    assert sorted(found) == [0, 0, 1]


# --- messages of clients ---


def test_messages_are_plainly_fiction():
    for entry in read_messages():
        assert entry.get("email", "x.example").endswith(".example")
        assert FICTIONAL_PHONE.fullmatch(entry.get("phone", "(555) 555-0100"))
        assert entry["text"].strip()


@pytest.mark.django_db
def test_an_invented_therapist_gets_messages_of_every_kind_and_nobody_gets_mail(
    mailoutbox, profile
):
    profile.consent_basis = INVENTED
    profile.save()
    assert load_messages(profile) == len(read_messages())
    states = Counter(Message.objects.values_list("state", flat=True))
    assert states == {"sent": 3, "answered": 4, "referred": 1, "spam": 1, "held": 1}
    held = Message.objects.get(state="held")
    assert "a check" in held.held_for  # by a rule that is there from the beginning
    assert {one.therapist for one in Message.objects.all()} == {profile}
    assert all(one.said["text"] for one in Message.objects.all())
    assert usual_answer(profile) == "answers within 2 days"
    assert not Delivery.objects.exists()
    assert mailoutbox == []


@pytest.mark.django_db
def test_a_real_therapist_gets_none_of_them(profile):
    assert load_messages(profile) == 0
    assert not Message.objects.exists()
