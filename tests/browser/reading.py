"""A small directory, its list as the tests of scripts read and use it, and who is signed in."""

import re

from django.test import Client
from playwright.sync_api import expect

from tests import factories

ADDRESS = "/therapists/"
# What a script must leave alone, and what a new page would not have.
MARK = "window.isTheSamePage = true"
IS_MARKED = "window.isTheSamePage === true"
FOCUSED = "document.activeElement.name + '=' + document.activeElement.value"


def five_therapists(settings):
    """Five therapists: two of grief (one with a plan), two of anger, one of neither; 2 a page."""
    settings.THERAPISTS_PER_PAGE = 2
    grief = factories.TermFactory(name="Grief and loss", slug="grief")
    anger = factories.TermFactory(name="Anger", slug="anger")
    insurance = factories.VocabularyFactory(slug="insurance", position=2, may_be_unstated=True)
    plan = factories.TermFactory(vocabulary=insurance, name="A plan", slug="a-plan")
    approach = factories.ApproachFactory(name="Relational therapy", slug="relational-therapy")
    of_each = [[grief, plan], [grief], [anger], [anger], []]
    for number, terms in enumerate(of_each):
        city = "Bend" if number == 4 else "Portland"
        one = factories.TherapistFactory(
            name=f"Wren Wordwell {number}", terms=terms, office__city=city, in_person=True
        )
        factories.SpecialistFactory(
            approach=approach, therapist=one, statement=f"I turn to {city}, number {number}."
        )
    return approach


def opened(page, address=ADDRESS):
    """The list, marked, with the panel and all of its groups open."""
    page.goto(address)
    page.evaluate(MARK)
    if page.viewport_size["width"] < 960:
        page.get_by_text("Choose by what matters to you").click()
    for summary in page.locator(".group:not([open]) > summary").all()[::-1]:
        summary.click()
    return page


def stopped(page):
    """The list, where no pause ends before a test lets time go on."""
    page.clock.install(time=0)
    opened(page)
    page.clock.pause_at(3600)
    return page


def box(page, name):
    return page.get_by_role("checkbox", name=re.compile(f"^{name}"))


def ticked(page):
    """["grief", ...]: the values of all ticked boxes, in sight or not."""
    return page.locator(".tick input:checked").evaluate_all("all => all.map(one => one.value)")


def title(page):
    return page.locator("#results-title")


def choices(page, group):
    """["Grief and loss 2", ...] of a group, as they stand, in sight or not."""
    ticks = page.locator(f"[data-group={group}] .tick").all_text_contents()
    return [" ".join(one.split()) for one in ticks]


def shows(page, words, address):
    """Wait for a list with this heading, at this address, and nothing in the making."""
    expect(title(page)).to_have_text(words)
    expect(page).to_have_url(re.compile(re.escape(address) + "$"))
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")


def suggested(page):
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def sign_in(page, user, site):
    """The page of somebody who is signed in at the live server `site`."""
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}
    page.context.add_cookies([cookie])
    return page
