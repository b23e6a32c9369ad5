"""Letters to therapists while the mail server is away: nothing stops, and nobody is told a lie."""

import smtplib

import pytest
from django.contrib.admin.models import LogEntry

from tests import factories
from tests.pages import Form, text
from tests.therapists.test_reviewing import about, approve, press
from therapists import joining, leaving
from therapists.models import Proposal, Therapist

# Letters leave when the transaction is over, and within the request.
pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/admin/therapists/therapist/"
UNSENT = "did not leave: our mail server did not take it."


@pytest.fixture
def tess():
    return factories.TherapistFactory(name="Tess Testwell", about="I listen.", email="t@e.example")


def history_of(therapist):
    lines = LogEntry.objects.filter(object_id=str(therapist.pk)).order_by("pk")
    return [line.change_message for line in lines]


def invite(staff, *therapists):
    ticked = {"action": "invite", "_selected_action": [one.pk for one in therapists]}
    return staff.post(LIST, ticked, follow=True)


def test_staff_are_told_that_an_invitation_did_not_leave_and_send_it_later(staff, tess, postbox):
    postbox.die()
    page = f"{LIST}{tess.pk}/change/"
    told = staff.post(page, Form(staff.get(page), "therapist_form").sent("_verb_invite"))
    assert told.status_code == 302
    assert f"The letter to Tess Testwell {UNSENT} Invite them again" in text(staff.get(page))
    assert history_of(tess)[-1].startswith("This letter did not leave: “Keep your own profile")

    postbox.live()
    assert UNSENT not in text(invite(staff, tess))
    assert postbox.receivers == ["t@e.example"]


def test_of_many_each_is_named_and_the_server_is_tried_once(staff, tess, postbox, monkeypatch):
    postbox.die()
    other = factories.TherapistFactory(name="Otto Elsewhere", email="o@e.example")
    tried, connect = [], smtplib.SMTP.connect
    monkeypatch.setattr(
        smtplib.SMTP, "connect", lambda *args, **kw: (tried.append(1), connect(*args, **kw))[1]
    )
    told = text(invite(staff, tess, other))
    assert f"Tess Testwell {UNSENT}" in told
    assert f"Otto Elsewhere {UNSENT}" in told
    assert len(tried) == 1


def test_one_address_that_is_refused_stops_no_other_letter(staff, tess, postbox):
    other = factories.TherapistFactory(name="Otto Elsewhere", email="o@e.example")
    postbox.refuses = {"t@e.example"}
    told = text(invite(staff, tess, other))
    assert f"Tess Testwell {UNSENT}" in told
    assert "Otto Elsewhere did not leave" not in told
    assert postbox.receivers == ["o@e.example"]


def test_a_decision_holds_and_staff_know_that_its_letter_did_not_leave(staff, tess, postbox):
    postbox.die()
    told = text(approve(staff, about(tess, "New words.")))
    assert f"The letter to Tess Testwell {UNSENT} It is written down" in told
    assert Therapist.objects.get(pk=tess.pk).about == "New words."

    sent_back = about(tess, "Newer words.")
    told = text(press(staff, sent_back, "send_back_form", "_send_back", words="Too long."))
    assert UNSENT in told
    assert Proposal.objects.get(pk=sent_back.pk).reason == "Too long."


def test_what_a_log_says_of_it_names_nobody(staff_user, tess, postbox, caplog):
    postbox.die()
    joining.invite(tess, by=staff_user)  # no page to tell it on
    assert "A letter could not be sent (ConnectionRefusedError)" in caplog.text
    assert "t@e.example" not in caplog.text
    assert history_of(tess)[-1].startswith("This letter did not leave")


def test_who_leaves_is_erased_though_no_letter_can_say_so(tess, postbox):
    postbox.die()
    leaving.erase(tess)
    assert not Therapist.objects.filter(pk=tess.pk).exists()
    assert LogEntry.objects.count() == 0
