"""A page comes before the public whole: nothing is missing, and nothing in it leads nowhere."""

import pytest
from django.core.exceptions import ValidationError

from approaches import publishing
from approaches.faults import faults_of
from approaches.models import Approach, ApproachAlias, Source
from tests import factories
from tests.pages import Form, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def drama():
    """A finished page that was never published."""
    return factories.ApproachFactory(
        name="Drama therapy", slug="drama", status="draft", published_on=None
    )


@pytest.fixture
def play():
    return factories.ApproachFactory(name="Play therapy", slug="play")


def change(row):
    return f"/admin/approaches/approach/{row.pk}/change/"


def save(staff, row, button="_save", **values):
    form = Form(staff.get(change(row)), "approach_form").fill(**values)
    return staff.post(change(row), form.sent(button), follow=True)


def test_all_faults_are_said_at_once(drama, staff_user):
    hidden = factories.ApproachFactory(name="Hidden", status="draft")
    drama.related.set([hidden, drama])
    factories.SourceFactory(approach=drama, url="ftp://press.example/work")
    Approach.objects.filter(pk=drama.pk).update(
        summary="", limits="[that](/approaches/nowhere/) and [this](mailto:me@example.org)"
    )
    with pytest.raises(ValidationError) as caught:
        publishing.publish(drama, by=staff_user)
    assert sorted(caught.value.messages) == sorted(
        [
            "Drama therapy has no summary yet.",
            "A page is not related to itself: take it out of the related approaches.",
            "The related approach “Hidden” is not public: publish it first, or take it out.",
            "The link of source 1 does not begin with https://.",
            "The link to “/approaches/nowhere/” in the limits leads nowhere: we have no such page.",
            "The link to “mailto:me@example.org” in the limits leads nowhere: "
            "links begin with https://, or with / for a page of our own.",
        ]
    )
    assert Approach.objects.get(pk=drama.pk).status == "draft"


@pytest.mark.parametrize(
    ("href", "why"),
    [
        ("https://elsewhere.example/work", ""),
        ("http://elsewhere.example/work", ""),
        ("//elsewhere.example/work", ""),
        ("tel:988", ""),
        ("#evidence", ""),
        ("/", ""),
        ("/approaches/", ""),
        ("/approaches/play/", ""),
        ("/approaches/play", ""),  # the site adds the slash
        ("../play/", ""),
        ("/approaches/play/?near=97214#results", ""),
        ("/approaches/was-play/", ""),  # renamed since
        ("/approaches/drama/", ""),  # the page itself
        ("/therapists/?issue=grief", ""),
        ("/therapists/tess/", ""),
        ("http://127.0.0.1:8000/approaches/play/", ""),
        ("http://127.0.0.1:8000/approaches/nowhere/", "we have no such page."),
        ("/approaches/nowhere/", "we have no such page."),
        ("/approaches/hidden/", "“Hidden” is not public."),
        ("play", "we have no such page."),  # beneath this page
        ("/therapists/nobody/", "nobody is there."),
        ("/therapists/dee/", "nobody is there."),
        ("/aproaches/play/", "we have no such page."),
        ("ftp://elsewhere.example/", "links begin with https://"),
        ("https:///nowhere", "links begin with https://"),
    ],
)
def test_links_in_the_text_lead_somewhere(drama, play, href, why):
    factories.ApproachFactory(name="Hidden", slug="hidden", status="draft")
    factories.TherapistFactory(slug="tess")
    factories.TherapistFactory(slug="dee", draft=True)
    ApproachAlias.objects.create(slug="was-play", approach=play)
    drama.overview = f"Read [this]({href}) too."
    found = faults_of(drama)
    if why:
        assert len(found) == 1
        assert f"The link to “{href}” in the overview leads nowhere: {why}" in found[0]
    else:
        assert found == []


def test_a_source_needs_its_citation_whoever_writes_it(drama):
    assert faults_of(drama, sources=[Source(citation=" ")]) == ["Source 1 has no citation."]


def test_a_public_page_takes_on_no_new_fault(staff, play):
    answer = save(staff, play, overview="See [this](/approaches/nowhere/).")
    assert "leads nowhere: we have no such page." in text(answer)
    play.refresh_from_db()
    assert play.overview == "What it is, in a few words."


def test_but_a_word_can_be_mended_while_an_older_fault_waits(staff, drama, play):
    play.related.set([drama])  # which was public once
    save(staff, play, summary="A way of playing.")
    play.refresh_from_db()
    assert play.summary == "A way of playing."


def test_a_draft_may_be_as_unfinished_as_it_is(staff, drama):
    save(staff, drama, overview="See [this](/approaches/nowhere/).", summary="")
    drama.refresh_from_db()
    assert drama.summary == ""


def test_a_source_link_is_http_or_https(staff, drama):
    form = Form(staff.get(change(drama)), "approach_form")
    form.fill(**{"sources-0-citation": "A work.", "sources-0-url": "ftp://press.example/"})
    assert "Enter a valid URL." in text(staff.post(change(drama), form.sent("_save")))


def test_a_page_is_not_offered_itself_and_public_ones_stand_first(staff, drama, play):
    hidden = factories.ApproachFactory(name="A hidden one", status="draft")
    form = Form(staff.get(change(drama)), "approach_form")
    assert form.choices["related"] == [str(play.pk), str(hidden.pk)]
    assert "A hidden one (not public)" in text(staff.get(change(drama)))
    form["related"] = [str(drama.pk)]  # forged
    assert "not one of the available choices" in text(staff.post(change(drama), form.sent("_save")))


def test_who_takes_a_page_away_reads_which_pages_name_it(staff, client, drama, play):
    art = factories.ApproachFactory(name="Art therapy")
    art.related.set([play])
    drama.related.set([play])  # a draft: nobody misses anything there
    answer = save(staff, play, "_verb_unpublish")
    said = "“Art therapy” had it among the related approaches, and leave it out for now."
    assert said in text(answer)
    assert "Drama therapy" not in text(answer).partition("had it among")[0].partition("Taken")[2]
    assert "Play therapy" not in text(client.get(art.get_absolute_url()))


def test_sources_keep_the_order_that_staff_give_them(staff, drama):
    for citation in ("First.", "Second."):
        factories.SourceFactory(approach=drama, citation=citation)
    form = Form(staff.get(change(drama)), "approach_form")
    form.fill(**{"sources-0-position": "2", "sources-1-position": "1"})
    form.fill(**{"sources-2-citation": "Last."})  # without a number
    staff.post(change(drama), form.sent("_save"))
    rows = list(drama.sources.values_list("citation", "position"))
    assert rows == [("Second.", 10), ("First.", 20), ("Last.", 30)]
    form = Form(staff.get(change(drama)), "approach_form")
    form.fill(**{"sources-2-position": "15"})  # between the two
    staff.post(change(drama), form.sent("_save"))
    assert [one.citation for one in drama.sources.all()] == ["Second.", "Last.", "First."]
