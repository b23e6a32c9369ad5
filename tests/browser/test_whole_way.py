"""The whole way in a real browser: from the questions to the letter in a therapist's inbox, which a
real worker sends to a real mail server; and from a kept few to paper."""

import re
import signal
from email.utils import parseaddr

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.mail import MailServer
from tests.processes import Site, database_url, environment, wait_until
from therapists.models import Delivery, Message

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = "I lie awake since she died.\nHave you room on Tuesdays? 梅"


@pytest.fixture
def inbox(tmp_path, settings):
    """The mail server that a worker of its own process sends to."""
    with MailServer() as server:
        env = environment(
            tmp_path, DATABASE_URL=database_url(), DJANGO_SETTINGS_MODULE="tests.hurried",
            EMAIL_URL=f"smtp://127.0.0.1:{server.port}", HTTPS="false", PORT=0,
            SECRET_KEY=settings.SECRET_KEY, MESSAGE_KEYS=settings.MESSAGE_KEYS[0],
        )  # fmt: skip
        with Site("manage.py", "work_queue", env=env, log=tmp_path / "worker.txt") as worker:
            yield server
            worker.end(signal.SIGTERM)


@pytest.fixture
def directory(no_wait):
    """Three therapists, of whom Ada works with grief, on an approach's page."""
    issue = factories.VocabularyFactory(slug="issue")
    grief = factories.TermFactory(vocabulary=issue, slug="grief", name="Grief")
    approach = factories.ApproachFactory(name="Relational therapy", slug="relational-therapy")
    for name in ("Ada Grief", "Bea Silent", "Cal Other"):
        slug = name.split()[0].lower()
        one = factories.TherapistFactory(
            name=name, slug=slug, email=f"{slug}@practice.example", online=True,
            terms=[grief] if slug == "ada" else [],
        )  # fmt: skip
        factories.SpecialistFactory(therapist=one, approach=approach, statement="I listen.")


def from_home_to_the_result(page):
    """Somebody who knows nothing answers two questions."""
    page.goto("/")
    page.get_by_role("link", name="Not sure? Answer a few questions").click()
    page.get_by_label("In your own words").fill("all about grief")
    page.locator("#q-what").get_by_role("link", name="Continue").click()
    page.locator(".step:visible").get_by_role("button", name="See who fits now").click()
    expect(page.locator("#results-title")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_from_the_questions_to_a_letter_in_the_inbox(visit, inbox, directory, javascript):
    page = visit(320, 640, java_script_enabled=javascript)
    from_home_to_the_result(page)
    page.locator(".matches h3 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Grief")
    page.get_by_role("link", name="How to reach me").click()
    page.get_by_role("link", name="Write to Ada Grief").click()
    page.get_by_label("What should Ada Grief call you?").fill("Ines 🌻")
    page.get_by_label("E-mail address").fill("ines@client.example")
    page.get_by_label("Your message").fill(WORDS)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("On its way to Ada Grief")
    assert page.context.cookies() == []

    wait_until(lambda: Delivery.objects.filter(state="delivered").exists())
    [letter] = inbox.letters
    assert letter["To"] == "ada@practice.example"
    assert parseaddr(letter["Reply-To"])[1] == "ines@client.example"
    body = letter.get_content().replace("\r\n", "\n")
    assert "\n".join(f"> {line}" for line in WORDS.splitlines()) in body
    assert "Ines 🌻 found you" in body

    erase = page.locator(".erase-link a")
    assert erase.inner_text().endswith(erase.get_attribute("href").partition("/messages/")[2])
    erase.click()
    page.get_by_role("button", name="Erase it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is erased")
    expect(page.get_by_text("It was mailed before")).to_be_visible()
    assert not Message.objects.exists()


def headings_of(pdf):
    """What the bookmarks of a PDF are called, whether written in one byte a letter or in two."""
    one_byte = [found.decode("latin-1") for found in re.findall(rb"/Title \(([^)]*)\)", pdf)]
    two_bytes = re.findall(rb"/Title <FEFF([0-9A-F]*)>", pdf)
    return one_byte + [bytes.fromhex(found.decode()).decode("utf-16-be") for found in two_bytes]


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_from_the_questions_to_three_on_paper(visit, directory, javascript):
    page = visit(320, 640, java_script_enabled=javascript)
    if javascript:
        from_home_to_the_result(page)
        for name in ("Ada Grief", "Bea Silent", "Cal Other"):
            page.get_by_role("button", name=f"Keep {name}").click()
        again = visit(320, 640, storage_state=page.context.storage_state())  # another day
        again.goto("/approaches/relational-therapy/")
        again.get_by_role("link", name="Your list (3)").click()
        page = again
    else:
        page.goto("/therapists/ada/")
        page.get_by_role("link", name="Put on a list").click()
        page.get_by_label("Add somebody").fill("Bea Silent; Cal Other")
        page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#list h3")).to_have_count(3)
    printed = headings_of(page.pdf(outline=True, tagged=True))
    for name in ("Ada Grief", "Bea Silent", "Cal Other"):
        assert any(heading.startswith(name) for heading in printed), printed
    page.get_by_role("link", name="Write to Bea Silent").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Write to Bea Silent")
