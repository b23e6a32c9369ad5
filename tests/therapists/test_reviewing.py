"""Staff look at what waits: the list, one version beside the published one, and the verdict."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.pages import Form, text
from therapists import review
from therapists.admin.review import doubts_about
from therapists.models import Proposal, SendBackReason, Therapist

pytestmark = pytest.mark.django_db
Part = Proposal.Part

LIST = "/admin/therapists/proposal/"


def page_of(proposal):
    return f"{LIST}{proposal.pk}/change/"


def press(client, proposal, form_id, button, **values):
    """Open the page of a version, fill in one of its forms, press its button."""
    form = Form(client.get(page_of(proposal)), form_id).fill(**values)
    return client.post(page_of(proposal), {**form.sent(), button: "1"}, follow=True)


def approve(client, proposal, **values):
    return press(client, proposal, "approve_form", "_approve", **values)


@pytest.fixture
def tess():
    return factories.TherapistFactory(name="Tess Testwell", about="I listen.", email="t@e.example")


def about(therapist, words, **kwargs):
    return review.propose(therapist, Part.ABOUT, by=None, text=words, **kwargs)


# --- what is seen ---


def test_the_words_that_change_are_marked_and_both_texts_can_be_read(staff, tess):
    page = staff.get(page_of(about(tess, "I listen & I <ask>."))).content.decode()
    assert "I listen<ins> &amp; I &lt;ask&gt;</ins>." in page
    assert "I listen &amp; I &lt;ask&gt;." in page


def test_a_paragraph_that_is_new_is_marked_as_that(staff, tess):
    page = staff.get(page_of(about(tess, "I listen.\n\nAt night, too."))).content.decode()
    assert "I listen.<ins>\n\nAt night, too.</ins></div>" in page


def test_of_what_was_never_published_nothing_is_compared(staff):
    proposal = factories.ProposalFactory(text="My first words.")
    page = staff.get(page_of(proposal)).content.decode()
    assert "Nothing is published in this place yet." in page
    assert "<ins>" not in page


def test_a_statement_says_on_which_approach_and_what_it_replaces(staff):
    proposal = factories.StatementFactory(
        specialist__statement="I walk.", specialist__approach__name="EMDR", text="I walk slowly."
    )
    page = staff.get(page_of(proposal))
    assert "Statement: EMDR" in text(page)
    assert "I walk<ins> slowly</ins>." in page.content.decode()


def test_photos_stand_side_by_side(staff):
    tess = factories.TherapistFactory(photo="photos/old.webp")
    proposal = review.propose(tess, Part.PHOTO, by=None, photo="photos/new.webp")
    page = staff.get(page_of(proposal)).content.decode()
    assert page.index("/media/photos/old.webp") < page.index("/media/photos/new.webp")


def test_doubts_about_a_text_stand_above_it(staff, tess):
    proposal = about(tess, "CALL ME")

    def shouts(version):
        return ["This is written in capitals."] if version.text.isupper() else []

    doubts_about.append(shouts)
    try:
        assert "This is written in capitals." in text(staff.get(page_of(proposal)))
    finally:
        doubts_about.remove(shouts)


def test_staff_read_the_same_hints_as_the_therapist_and_see_the_page_as_it_would_be(staff, tess):
    proposal = about(tess, "Write to tess@private.example. I answer.")
    statement = factories.StatementFactory(specialist__therapist=tess, text="She helps. She works.")
    page = staff.get(page_of(proposal))
    assert "There is an e-mail address in these words." in text(page)
    assert "It speaks of you as of somebody else." in text(staff.get(page_of(statement)))
    address = page_of(proposal).replace("/change/", "/preview/")
    assert address in page.text
    preview = staff.get(address)
    assert "This is a preview." in text(preview)
    assert "She helps." in text(preview)
    assert page_of(proposal) in preview.text
    assert staff.get(address.replace(str(proposal.pk), "99999"), follow=True).status_code == 200


def test_the_list_shows_what_waits_longest_waiting_first(staff, tess):
    first = about(tess, "I listen, and ask.")
    second = factories.StatementFactory()
    decided = factories.ProposalFactory(text="Decided long ago.")
    review.approve(decided, by=None)
    page = staff.get(LIST)
    assert text(page).index(tess.name) < text(page).index(second.therapist.name)
    assert "I listen<ins>, and ask</ins>." in page.content.decode()
    assert "Decided long ago." not in text(page)
    assert "Decided long ago." in text(staff.get(f"{LIST}?state=approved"))
    assert first.therapist.name not in text(staff.get(f"{LIST}?state=approved"))
    for rubbish in ("rubbish", "\0", "waiting"):
        assert tess.name in text(staff.get(LIST, {"state": rubbish}, follow=True))


@pytest.mark.parametrize("waiting", [0, 40])
def test_the_list_and_a_page_ask_the_database_less_than_ten_times(staff, tess, waiting):
    factories.ProposalFactory.create_batch(waiting // 2)
    factories.StatementFactory.create_batch(waiting // 2)
    for address in (LIST, page_of(about(tess, "New."))):
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(address).status_code == 200
        assert len(queries) < 10, queries.captured_queries


# --- the verdict ---


def test_approving_publishes_mails_records_and_leads_to_the_next(
    staff, tess, client, mailoutbox, django_capture_on_commit_callbacks
):
    proposal, following = about(tess, "I listen closely."), factories.ProposalFactory()
    with django_capture_on_commit_callbacks(execute=True):
        answer = approve(staff, proposal)
    assert answer.redirect_chain == [(page_of(following), 302)]
    assert "Approved: Tess Testwell: about." in text(answer)
    assert "I listen closely." in text(client.get(tess.get_absolute_url()))
    assert [letter.to for letter in mailoutbox] == [["t@e.example"]]
    line = LogEntry.objects.get(object_id=str(tess.pk))
    assert (line.user.username, line.change_message) == ("ana-staff", "About approved.")


def test_after_the_last_one_the_desk_comes(staff, tess):
    answer = approve(staff, about(tess, "New."))
    assert answer.redirect_chain == [("/admin/", 302)]
    assert "Nothing more waits for review." in text(answer)


def test_after_the_youngest_the_oldest_comes_which_was_left(staff, tess):
    oldest = factories.ProposalFactory()
    youngest = about(tess, "New.")
    assert f'href="{page_of(youngest)}"' in staff.get(page_of(oldest)).content.decode()
    assert approve(staff, youngest).redirect_chain == [(page_of(oldest), 302)]


def test_one_click_in_the_list_approves_and_the_list_comes_again(staff, tess):
    proposal = about(tess, "New.")
    page = staff.get(f"{LIST}?part__exact=about").content.decode()
    address = f"{LIST}{proposal.pk}/approve/"
    assert f'formaction="{address}"' in page
    answer = staff.post(address, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    tess.refresh_from_db()
    assert tess.about == "New."
    assert "it is “Approved” now" in text(staff.post(address, follow=True))


@pytest.mark.parametrize("part", [Part.PHOTO, Part.LISTING, Part.REQUEST])
def test_what_a_line_does_not_show_is_not_approved_from_the_list(staff, tess, part):
    review.propose(
        tess, part, by=None, text="" if part == Part.PHOTO else "x", photo="photos/a.webp"
    )
    page = staff.get(LIST).content.decode()
    assert "formaction" not in page
    assert "Look at it first" in page


def test_a_reason_from_the_list_and_own_words_are_what_the_therapist_reads(
    staff, tess, mailoutbox, django_capture_on_commit_callbacks
):
    proposal = about(tess, "Call 555-0100.")
    reason = SendBackReason.objects.first()
    with django_capture_on_commit_callbacks(execute=True):
        said = press(
            staff, proposal, "send_back_form", "_send_back",
            reason=[str(reason.pk)], words="Else it's fine \0 & good.",
        )  # fmt: skip
    assert "Sent back: Tess Testwell: about." in text(said)
    proposal.refresh_from_db()
    assert proposal.reason == f"{reason.text}\n\nElse it's fine  & good."
    assert "Else it's fine  & good." in mailoutbox[0].body
    tess.refresh_from_db()
    assert tess.about == "I listen."
    assert "Else it's fine" in text(staff.get(page_of(proposal)))


@pytest.mark.parametrize("reason", [[], ["0"], ["rubbish"], ["9" * 30], ["²"]])
def test_without_a_reason_nothing_is_sent_back_and_the_page_comes_again(staff, tess, reason):
    proposal = about(tess, "New.")
    answer = staff.post(
        page_of(proposal), {"_send_back": "1", "reason": reason, "words": " "}, follow=True
    )
    assert answer.redirect_chain == [(page_of(proposal), 302)]
    assert "Say why" in text(answer)
    assert Proposal.objects.waiting().get() == proposal


def test_staff_keep_the_reasons(staff, tess):
    proposal = about(tess, "New.")
    assert SendBackReason.objects.count() == 5
    SendBackReason.objects.create(name="Too shouted", text="Please use small letters.", position=9)
    page = text(staff.get(page_of(proposal)))
    assert "Too shouted" in page
    assert "Contact details inside" in page


def test_who_comes_second_is_told_and_led_on(staff, tess):
    proposal, following = about(tess, "New."), factories.ProposalFactory()
    form = Form(staff.get(page_of(proposal)), "approve_form")
    review.send_back(proposal, by=None, reason="No.")
    answer = staff.post(page_of(proposal), {**form.sent(), "_approve": "1"}, follow=True)
    assert "it is “Sent back” now" in text(answer)
    assert answer.redirect_chain == [(page_of(following), 302)]
    tess.refresh_from_db()
    assert tess.about == "I listen."


def test_a_version_that_was_replaced_meanwhile_is_not_approved(staff, tess):
    seen = about(tess, "Seen.")
    about(tess, "Not seen.")
    assert "Replaced by a newer version" in text(staff.get(page_of(seen)))
    assert "_approve" not in staff.get(page_of(seen)).content.decode()
    said = text(staff.post(page_of(seen), {"_approve": "1"}, follow=True))
    assert "Replaced by a newer version" in said
    tess.refresh_from_db()
    assert tess.about == "I listen."


def test_a_version_whose_profile_is_gone_is_told_as_that(staff, tess):
    proposal = about(tess, "New.")
    address = page_of(proposal)
    tess.delete()
    assert "is gone" in text(staff.post(address, {"_approve": "1"}, follow=True))
    assert staff.get(address, follow=True).status_code == 200


# --- a wish to be listed ---


@pytest.fixture
def newcomer():
    therapist = factories.TherapistFactory(name="Nia Newcomer", draft=True)
    versions = [about(therapist, "Hello."), review.propose(therapist, Part.NAME, by=None, text="N")]
    return review.propose(therapist, Part.LISTING, by=None), versions


def test_a_listing_is_approved_along_with_what_was_looked_at(staff, newcomer):
    listing, (words, name) = newcomer
    page = text(staff.get(page_of(listing)))
    assert "Hello." in page
    approve(staff, listing, along_with=[str(words.pk)])
    therapist = Therapist.objects.get()
    assert therapist.is_listed
    assert (therapist.about, therapist.name) == ("Hello.", "Nia Newcomer")
    assert list(Proposal.objects.waiting()) == [name]


def test_after_a_listing_what_was_approved_with_it_does_not_come_again(staff, newcomer):
    listing, _ = newcomer
    later = factories.ProposalFactory()
    assert approve(staff, listing).redirect_chain == [(page_of(later), 302)]


def test_another_therapists_version_is_not_approved_along(staff, newcomer):
    listing, (words, _) = newcomer
    foreign = factories.ProposalFactory(text="Somebody else's.")
    approve(staff, listing, along_with=[str(words.pk), str(foreign.pk)])
    foreign.refresh_from_db()
    assert foreign.state == "waiting"


def test_without_consent_the_page_says_so_and_nothing_is_published(staff, newcomer):
    listing, _ = newcomer
    Therapist.objects.update(consent_on=None)
    assert "has not agreed to be listed" in text(approve(staff, listing))
    assert Proposal.objects.waiting().count() == 3


# --- who may ---


@pytest.fixture
def onlooker(db):
    user = factories.UserFactory(username="ola-onlooker", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_proposal"))
    client = Client()
    client.force_login(user)
    return client


def test_who_may_only_look_decides_nothing(onlooker, tess):
    proposal = about(tess, "New.")
    assert "formaction" not in onlooker.get(LIST).content.decode()
    page = onlooker.get(page_of(proposal)).content.decode()
    assert "New." in page
    assert "_approve" not in page
    for button in ("_approve", "_send_back"):
        sent = {button: "1", "words": "No."}
        assert onlooker.post(page_of(proposal), sent).status_code == 403
    assert onlooker.post(f"{LIST}{proposal.pk}/approve/").status_code == 403
    assert Proposal.objects.waiting().get() == proposal


def test_no_get_decides_and_no_other_site_either(staff, staff_user, tess):
    proposal = about(tess, "New.")
    assert staff.get(f"{LIST}{proposal.pk}/approve/").status_code == 405
    staff.get(page_of(proposal), {"_approve": "1"})
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff_user)
    for address in (page_of(proposal), f"{LIST}{proposal.pk}/approve/"):
        assert strict.post(address, {"_approve": "1"}).status_code == 403
    assert Proposal.objects.waiting().get() == proposal


@pytest.mark.parametrize("who", ["client", "owner"])
def test_strangers_and_therapists_see_nothing_of_it(who, request, tess):
    proposal = about(tess, "A secret.")
    client = request.getfixturevalue(who)
    for address in (LIST, page_of(proposal)):
        assert "A secret." not in text(client.get(address, follow=True))
    client.post(page_of(proposal), {"_approve": "1"})
    assert Proposal.objects.waiting().get() == proposal
