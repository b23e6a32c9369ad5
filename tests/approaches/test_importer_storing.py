"""Import of approach pages: what is stored, what is public, and what becomes of people."""

import pytest
from django.core.management import CommandError

from approaches import moderation
from approaches.models import Approach, Specialist
from tests import factories
from tests.approaches.pages import MEI, OTIS, OVERVIEW, everything, nothing_is_stored, page_of
from therapists import publishing
from therapists.models import ImportConflict, Office, Proposal, Therapist

pytestmark = pytest.mark.django_db


def test_without_publish_all_is_a_draft_and_nothing_is_public(run, client):
    said = run(page_of(MEI, OTIS))

    assert "Drama Therapy created (draft): 2 statements, 2 new therapists, 0 known." in said
    assert "line 11: Mei Lanternfield | Drama Therapist | Eugene, OR" in said
    assert Approach.objects.get().status == "draft"
    assert {one.status for one in Therapist.objects.all()} == {"draft"}
    assert {one.consent_on for one in Therapist.objects.all()} == {None}
    assert {one.public_statement for one in Specialist.objects.all()} == {""}
    waiting = Proposal.objects.waiting()
    assert [(one.therapist.name, one.text) for one in waiting][0] == (
        "Mei Lanternfield",
        "I ask you to stand up.",
    )
    assert waiting.count() == 2
    addresses = ["/approaches/drama-therapy/", "/therapists/mei-lanternfield/"]
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    for address in ["/", "/approaches/", "/therapists/"]:
        page = client.get(address).content.decode()
        assert "Mei Lanternfield" not in page
        assert "Drama" not in page


def test_with_publish_all_is_public_and_consent_is_recorded_with_day_and_by_whose_word(run, client):
    run(page_of(MEI, OTIS), publish=True)

    for mei in Therapist.objects.all():
        assert (mei.status, mei.consent_on, mei.published_on) == (
            "published",
            *[factories.today()] * 2,
        )
        word = "Word of the staff who imported Drama Therapy with --publish"
        assert mei.consent_basis == word
        assert mei.availability == ""  # nobody has said whether there is room
    page = client.get("/approaches/drama-therapy/").content.decode()
    assert page.count("<figure") == 2
    assert "I ask you to stand up." in page
    assert client.get("/therapists/mei-lanternfield/").status_code == 200


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(run):
    said = run(page_of(MEI), publish=True, dry_run=True)

    assert "Drama Therapy would be created (published): 1 statements, 1 new therapists" in said
    assert "This was a dry run: nothing was written." in said
    assert nothing_is_stored()


@pytest.mark.parametrize("publish", [False, True])
def test_a_second_import_changes_nothing(publish, run):
    run(page_of(MEI, OTIS), publish=publish)
    before = everything()

    said = run(page_of(MEI, OTIS), publish=publish)

    assert everything() == before
    assert "2 statements, 0 new therapists, 2 known" in said
    assert len(said.splitlines()) == 3  # no notes: there is nothing to say


def test_a_draft_that_is_imported_again_with_publish_becomes_public(run):
    run(page_of(MEI))
    run(page_of(MEI), publish=True)

    assert Specialist.objects.quoted().count() == 1
    assert (Therapist.objects.count(), Approach.objects.get().status) == (1, "published")
    assert not Proposal.objects.waiting()


def test_an_import_without_publish_waits_anew_in_the_place_of_an_earlier_one(run):
    run(page_of(MEI))

    said = run(page_of(MEI.replace("stand up", "sit down")))

    assert "The statement of Mei Lanternfield was replaced." in said
    assert [one.text for one in Proposal.objects.waiting()] == ["I ask you to sit down."]


@pytest.mark.parametrize("publish", [False, True])
def test_what_a_therapist_with_a_sign_in_has_handed_in_goes_on_waiting(publish, run, profile):
    drama = factories.ApproachFactory(name="Drama Therapy", slug="drama-therapy")
    mine = factories.SpecialistFactory(
        therapist=profile, approach=drama, statement="", state="draft"
    )
    waits = moderation.propose(mine, "My own.", by=profile.owner)

    said = run(page_of("Not my words.\n\n— Tess Ownwords in Portland, OR"), publish=publish)

    assert "Tess Ownwords has a statement here already: it was kept" in said
    assert list(Proposal.objects.waiting()) == [waits]
    assert Specialist.objects.get().public_statement == ""


def test_a_public_page_changes_only_by_publish(run):
    run(page_of(MEI), publish=True)
    other = page_of(MEI.replace("stand up", "sit down"), overview="Other words.")

    said = run(other)
    assert "its overview was kept. --publish replaces it" in said
    assert "Mei Lanternfield has a statement here already: it was kept" in said
    assert Approach.objects.get().overview == OVERVIEW
    assert Specialist.objects.get().statement == "I ask you to stand up."

    said = run(other, publish=True)
    assert "The overview of Drama Therapy was replaced; it is not reviewed yet." in said
    assert "The statement of Mei Lanternfield was replaced." in said
    assert Approach.objects.get().overview == "Other words."
    assert Specialist.objects.get().public_statement == "I ask you to sit down."


def test_text_with_markdown_in_it_is_shown_literally(run, client):
    odd = "1. *Not* [a](https://a.example/) <b>list</b> & `so` on_and_on. # no"
    run(page_of(f"{odd}{MEI[22:]}", overview=f"{odd}\n\n- {odd}"), publish=True)

    page = client.get("/approaches/drama-therapy/").content.decode()
    shown = odd.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"<p>{shown}</p>\n<p>- {shown}</p>" in page
    first, rest = shown.split(" # ")
    marked = f'<p><span class="pull">{first}</span> # {rest}</p>'
    assert f"<blockquote>{marked}</blockquote>" in page
    assert 'href="https://a.example/"' not in page


# --- who is who ---


def test_a_therapist_who_has_withdrawn_stays_withdrawn(run, client):
    run(page_of(MEI), publish=True)
    publishing.withdraw(Therapist.objects.get(), by=None)

    said = run(page_of(MEI, OTIS), publish=True)

    assert "Mei Lanternfield has withdrawn and stays so." in said
    assert Therapist.objects.get(name="Mei Lanternfield").status == "withdrawn"
    page = client.get("/approaches/drama-therapy/").content.decode()
    assert "Mei Lanternfield" not in page
    assert "Otis Quillfeather" in page


def test_a_statement_that_was_withdrawn_stays_withdrawn(run):
    run(page_of(MEI), publish=True)
    moderation.withdraw(Specialist.objects.get(), by=None)

    said = run(page_of(MEI), publish=True)

    assert "The statement of Mei Lanternfield was withdrawn and stays so." in said
    assert Specialist.objects.get().public_statement == ""


@pytest.mark.parametrize("publish", [False, True])
@pytest.mark.parametrize("state", Specialist.State)
def test_the_words_of_a_therapist_with_a_sign_in_are_never_overwritten(
    publish, state, run, profile
):
    mine = factories.SpecialistFactory(
        therapist=profile, approach__name="Drama Therapy", statement="My own.", state=state
    )

    said = run(page_of("Not my words.\n\n— Tess Ownwords in Portland, OR"), publish=publish)

    assert "Tess Ownwords has a statement here already: it was kept" in said
    kept = Specialist.objects.get()
    assert (kept.pk, kept.statement, kept.state) == (mine.pk, "My own.", state)


def test_the_same_name_in_two_towns_is_two_people(run):
    run(page_of(MEI, MEI.replace("Eugene", "Salem")), publish=True)

    people = Therapist.objects.order_by("pk")
    assert [str(one.byline)[-10:] for one in people] == ["Eugene, OR", " Salem, OR"]
    assert [one.slug for one in people] == ["mei-lanternfield", "mei-lanternfield-2"]


def test_a_signature_that_two_people_fit_is_refused(run):
    for city in ("Eugene", "Salem"):
        factories.TherapistFactory(name="Mei Lanternfield", slug=city.lower(), office__city=city)
    before = everything()

    with pytest.raises(CommandError, match="line 11: 2 therapists named Mei Lanternfield fit this"):
        run(page_of("I ask you.\n\n— Mei Lanternfield in Oregon"))

    assert everything() == before


@pytest.mark.parametrize(
    ("held", "signed", "after"),
    [
        ({"city": "", "state": "OR"}, "Eugene, OR", "Eugene, OR"),
        ({"city": "Eugene", "state": ""}, "Eugene, OR", "Eugene, OR"),
        ({"city": "Eugene", "state": "OR"}, "eugene, OR", "Eugene, OR"),
        ({"city": "Eugene", "state": "OR"}, "Oregon", "Eugene, OR"),
    ],
)
def test_a_person_whom_we_hold_is_known_again_and_only_what_lacks_is_filled_in(
    held, signed, after, run
):
    factories.TherapistFactory(name="Mei Lanternfield", office=False, title="", draft=True)
    Office.objects.create(therapist=Therapist.objects.get(), **held)

    run(page_of(f"I ask.\n\n— MEI Lanternfield, Drama Therapist in {signed}"))

    mei = Therapist.objects.get()
    assert str(mei.byline) == f"Mei Lanternfield, Drama Therapist in {after}"
    assert mei.offices.count() == 1


def test_what_is_public_is_filled_in_by_the_word_of_staff_alone(run):
    mei = factories.TherapistFactory(name="Mei Lanternfield", title="", office__city="")
    page = page_of("I ask.\n\n— Mei Lanternfield, Convicted Felon in Eugene, OR")

    said = run(page)

    mei.refresh_from_db()
    assert str(mei.byline) == "Mei Lanternfield in Oregon"
    assert "is public already" in said
    assert "Convicted Felon" in ImportConflict.objects.first().words

    run(page, publish=True)

    mei = Therapist.objects.get()
    assert str(mei.byline) == "Mei Lanternfield, Convicted Felon in Eugene, OR"


def test_a_signature_from_the_second_office_leaves_the_first_one_alone(run):
    mei = factories.TherapistFactory(
        name="Mei Lanternfield", office__city="Boise", office__state="", draft=True
    )
    factories.OfficeFactory(therapist=mei, city="Eugene", state="", position=1)

    run(page_of(MEI))

    assert [office.place for office in mei.offices.all()] == ["Boise", "Eugene, OR"]


def test_a_title_that_differs_is_kept_and_told(run):
    factories.TherapistFactory(name="Mei Lanternfield", office__city="Eugene")

    said = run(page_of(MEI))

    assert (
        "signs as “Drama Therapist” and is held as “Licensed Clinical Social Worker”: kept" in said
    )


@pytest.mark.parametrize(
    "noted",
    [{"consent_on": None}, {"consent_basis": ""}, {"consent_on": None, "consent_basis": ""}],
)
def test_consent_that_was_half_recorded_is_completed_and_the_recorded_half_kept(noted, run):
    factories.TherapistFactory(name="Mei Lanternfield", office__city="Eugene", draft=True, **noted)

    run(page_of(MEI), publish=True)

    mei = Therapist.objects.get()
    assert (mei.status, mei.consent_on) == ("published", factories.today())
    assert mei.consent_basis.startswith(
        "Word of the staff" if "consent_basis" in noted else "Signed form"
    )


def test_who_is_hidden_as_stale_is_not_freshened_by_an_import(run):
    factories.TherapistFactory(name="Mei Lanternfield", office__city="Eugene", stale=True)

    said = run(page_of(MEI), publish=True)

    assert "Mei Lanternfield is hidden until their availability is confirmed again." in said
    assert not Therapist.objects.listed().exists()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Harbor Lamp Therapy", "practice"), ("Rook & Ribbon", "practice"), ("Grace Pine", "person")],
)
def test_a_practice_is_told_from_a_person_by_its_name(name, kind, run):
    run(page_of(f"We listen.\n\n— {name}, Counselor"))

    assert Therapist.objects.get().kind == kind


@pytest.mark.django_db
def test_a_new_overview_is_not_reviewed_by_those_who_read_the_old_one(run):
    run(page_of(MEI), publish=True)
    Approach.objects.update(reviewed_by="Dr. Ines Paperbark", reviewed_on="2026-03-09")

    said = run(page_of(MEI, overview="Another text."), publish=True)

    assert "it is not reviewed yet" in said
    drama = Approach.objects.get()
    assert (drama.reviewed_by, drama.reviewed_on) == ("", None)


@pytest.mark.django_db
def test_the_report_says_whom_nobody_can_reach(run):
    assert "2 have no phone and no website yet" in run(page_of(MEI, OTIS))
