"""Messages that wait for staff: read by them alone, decided on once, kept from everybody else."""

import threading

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client

from tests import factories
from tests.factories import SAID
from tests.pages import Form, text
from tests.processes import wait_until
from therapists import leaving, verbs
from therapists.contact import messages, moderation
from therapists.models import Delivery, HoldRule, Message, Therapist
from therapists.verbs import Verb

pytestmark = pytest.mark.django_db

LIST = "/admin/therapists/message/"
STATES = [state for state in Message.State.values if state not in Message.READ_BY_STAFF]


def page_of(message):
    return f"{LIST}{message.pk}/change/"


def release(message):
    return f"{LIST}{message.pk}/release/"


def refuse(message):
    return f"{LIST}{message.pk}/refuse/"


def words_in(response):
    """What of the client's words a page holds."""
    page = response.content.decode() + str(response.headers)
    return [word for word in SAID.values() if word in page]


@pytest.fixture
def held():
    return factories.MessageFactory(held=True)


@pytest.fixture
def in_role():
    """A browser of staff in a role, or with some rights alone."""

    def sign_in(role=None, *codenames):
        user = factories.UserFactory(is_staff=True)
        if role:
            user.groups.add(Group.objects.get(name=role))
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client = Client()
        client.force_login(user)
        return client

    return sign_in


# --- looking


def test_the_desk_of_a_curator_shows_nothing_of_messages_and_letters(in_role, held):
    factories.DeliveryFactory(dead=True)
    factories.DeliveryFactory()  # and no worker runs
    desk = in_role("curator").get("/admin/")
    assert "What waits for you" in text(desk)
    for word in ("essage", "etter", "queue", held.therapist.name):
        assert word not in text(desk)
    for role in ("reviewer", "manager"):
        assert "Messages to look at first 1" in text(in_role(role).get("/admin/"))


def test_what_is_held_stands_on_the_desk_and_in_its_list_without_its_words(staff, held):
    for address in ("/admin/", LIST):
        page = staff.get(address)
        assert held.therapist.name in text(page)
        assert "Any link" in text(page)
        assert f'href="{page_of(held)}"' in page.content.decode()
        assert words_in(page) == []
    assert "Messages to look at first 1" in text(staff.get("/admin/"))


def test_what_has_waited_for_more_than_a_day_stands_first_on_the_desk(staff):
    factories.ProposalFactory(submitted_at=factories.days_ago_at(3))
    factories.MessageFactory(held=True)
    assert "Somebody has waited" not in text(staff.get("/admin/"))
    factories.MessageFactory(held=True, received_at=factories.days_ago_at(2))
    page = text(staff.get("/admin/"))
    assert "Somebody has waited for more than a day" in page
    assert page.index("Messages to look at first") < page.index("New versions to review")


def test_the_page_of_a_held_message_holds_all_of_it_and_who_read_it_is_written_down(
    staff, staff_user, held
):
    page = staff.get(page_of(held))
    assert words_in(page) == list(SAID.values())
    assert "Any link" in text(page)
    assert page.headers["Cache-Control"].count("no-store")
    line = LogEntry.objects.get(object_id=held.pk)
    assert (line.user, line.change_message) == (staff_user, "Read on the desk.")
    assert "Read on the desk." in text(staff.get(f"{LIST}{held.pk}/history/"))


def test_what_a_client_wrote_is_text_and_nothing_else(staff):
    wrote = '<script>alert(1)</script><a href="https://evil.example">x</a> https://evil.example'
    held = factories.MessageFactory(held=True, said={"text": wrote, "name": "<b>x</b>"})
    page = staff.get(page_of(held)).content.decode()
    assert "<script>alert" not in page
    assert "<b>x" not in page
    assert 'href="https://evil' not in page


@pytest.mark.parametrize("state", STATES)
def test_what_is_handed_on_is_never_shown_to_staff_by_any_address(staff, state):
    answered = factories.today() if state in ("answered", "full", "referred") else None
    message = factories.MessageFactory(
        state=state, held_for="Any link", answered_at=answered and factories.days_ago_at(0)
    )
    pages = [page_of(message), f"{LIST}?state=all", f"{LIST}?state={state}&q=Tess",
             f"{LIST}{message.pk}/history/", f"{LIST}{message.pk}/delete/", "/admin/"]  # fmt: skip
    for address in pages:
        assert words_in(staff.get(address)) == []
    assert "Only the therapist reads" in text(staff.get(page_of(message)))
    assert not LogEntry.objects.exists()
    with pytest.raises(ValidationError, match="Nobody but the therapist"):
        moderation.read(message, by=None)


def test_a_message_is_not_found_by_what_is_sealed_or_by_its_mark(staff, held):
    for lookup in ("mark", "mark__startswith", "sealed", "sealed__contains", "held_for"):
        assert staff.get(LIST, {lookup: held.mark}, follow=True).status_code == 400


def test_who_may_look_but_not_decide_reads_no_words(in_role, held):
    onlooker = in_role(None, "view_message")
    page = onlooker.get(page_of(held))
    assert page.status_code == 200
    assert words_in(page) == []
    assert "Hand it on" not in text(page)
    assert onlooker.post(release(held)).status_code == 403
    assert in_role("curator").get(page_of(held)).status_code == 403
    assert words_in(in_role("reviewer").get(page_of(held))) == list(SAID.values())


def test_what_no_key_opens_says_so_and_waits(staff, held, settings):
    settings.MESSAGE_KEYS = ["a key of more than thirty-two characters, another one"]
    page = staff.get(page_of(held))
    assert "No key in MESSAGE_KEYS opens this message" in text(page)
    assert release(held) not in page.content.decode()
    assert not LogEntry.objects.exists()
    said = text(staff.post(release(held), follow=True))
    assert "It waits here until the key is back" in said
    held.refresh_from_db()
    assert held.state == "held"


def test_words_that_speak_of_dying_are_pointed_at(staff, held):
    assert "speak of dying" not in text(staff.get(page_of(held)))
    urgent = factories.MessageFactory(held=True, said={"text": "I want to die."})
    assert "These words speak of dying" in text(staff.get(page_of(urgent)))


# --- deciding


def test_a_therapist_who_was_withdrawn_meanwhile_is_pointed_at(staff, held):
    said = f"The public does not see {held.therapist.name} now."
    assert said not in text(staff.get(page_of(held)))
    Therapist.objects.filter(pk=held.therapist_id).update(status="withdrawn")
    assert said in text(staff.get(page_of(held)))


def test_forty_are_decided_one_after_the_other(staff, staff_user):
    waiting = factories.MessageFactory.create_batch(4, held=True)
    first = staff.get(page_of(waiting[0]))
    assert "4 wait in all" in text(first)

    answer = staff.post(release(waiting[0]), follow=True)
    assert f"Handed on: {waiting[0]}" in text(answer)
    assert answer.redirect_chain == [(page_of(waiting[1]), 302)]
    assert staff.post(refuse(waiting[1])).url == page_of(waiting[2])
    # Left for later: after the youngest comes the oldest.
    assert staff.post(release(waiting[3])).url == page_of(waiting[2])
    assert staff.post(release(waiting[2])).url == "/admin/"

    states = Message.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["sent", "refused", "sent", "sent"]
    going = Delivery.objects.values_list("message", "kind", "state").order_by("message")
    assert list(going) == [(waiting[n].pk, "message", "waiting") for n in (0, 2, 3)]
    lines = LogEntry.objects.filter(object_id__in=[waiting[0].pk, waiting[1].pk])
    said = set(lines.values_list("user", "change_message"))
    assert {(staff_user.pk, "Handed on."), (staff_user.pk, "Kept back: it is fraud.")} <= said
    assert not any(word in str(list(lines.values())) for word in SAID.values())


@pytest.mark.parametrize(
    ("first", "second"),
    [(moderation.release, release), (moderation.release, refuse), (moderation.refuse, refuse)],
)
def test_who_comes_second_is_told_by_whom_it_was_decided(staff, held, first, second):
    first(held, by=factories.UserFactory(username="ben-staff"))
    said = text(staff.post(second(held), follow=True))
    assert "was decided by ben-staff already" in said
    assert held.deliveries.count() == (first is moderation.release)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_decide_once(staff_user):
    held, outcomes = factories.MessageFactory(held=True), []
    start = threading.Barrier(2)

    def decide(verb):
        start.wait()
        try:
            verb(held, by=staff_user)
            outcomes.append(verb.__name__)
        except ValidationError as error:
            outcomes.append(error.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=[moderation.release]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(one == "release" for one in outcomes) == [False, True]
    assert any("was decided by ana-staff already. It is now: Handed on." in one for one in outcomes)
    assert held.deliveries.count() == 1


def test_what_staff_kept_back_by_mistake_is_handed_on_after_all(staff, held):
    moderation.refuse(held, by=None)
    page = staff.get(page_of(held))
    assert words_in(page) == list(SAID.values())
    assert "Hand it on" in text(page)
    staff.post(release(held))
    held.refresh_from_db()
    assert held.state == "sent"
    assert held.deliveries.get().kind == "message"


@pytest.mark.parametrize("verb", [None, moderation.refuse])
def test_its_therapist_sees_nothing_of_what_is_held_or_kept_back(owner, profile, verb):
    held = factories.MessageFactory(therapist=profile, held=True)
    if verb:
        verb(held, by=None)
    assert words_in(owner.get("/my/messages/")) == []
    assert owner.get(f"/my/messages/{held.pk}/").status_code == 404
    moderation.release(held, by=None)
    assert SAID["text"] in text(owner.get(f"/my/messages/{held.pk}/"))


def test_what_a_therapist_marked_as_spam_is_read_by_staff_and_never_handed_on(staff):
    spam = factories.MessageFactory(spam=True)
    factories.DeliveryFactory(message=spam, state="delivered", delivered_at=spam.received_at)
    listed = staff.get(f"{LIST}?state=spam")
    assert spam.therapist.name in text(listed)
    page = staff.get(page_of(spam))
    assert words_in(page) == list(SAID.values())
    assert "Hand it on" not in text(page)
    said = text(staff.post(release(spam), follow=True))
    assert "was decided already. It is now: Spam." in said


def test_deciding_needs_a_post_a_right_and_a_row(staff, client, held):
    assert staff.get(release(held)).status_code == 405
    assert client.post(release(held)).status_code == 302
    assert Client(enforce_csrf_checks=True).post(release(held)).status_code in (302, 403)
    held.refresh_from_db()
    assert held.state == "held"
    gone = release(held)
    held.delete()
    assert "has been erased meanwhile" in text(staff.post(gone, follow=True))


def test_what_is_erased_while_somebody_decides_is_told(held):
    messages.erase(Message.objects.get(pk=held.pk))
    for verb in (moderation.release, moderation.refuse, moderation.read):
        with pytest.raises(ValidationError, match="erased meanwhile"):
            verb(held, by=None)


@pytest.mark.django_db(transaction=True)
def test_its_therapist_can_go_while_staff_hand_it_on(held, staff_user):
    faults = []

    def leave():
        try:
            leaving.erase(held.therapist)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    going = threading.Thread(target=leave)
    with transaction.atomic():
        moderation.release(held, by=staff_user)  # its letter is written down when this ends
        going.start()
        wait_until(waits_for_a_row)
    going.join(40)
    assert not faults
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()


def waits_for_a_row():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def test_a_burst_of_one_kind_is_decided_at_once(staff):
    factories.MessageFactory.create_batch(150, held=True, held_for="Many messages of one sender")
    other = factories.MessageFactory(held=True)
    page = staff.get(LIST, {"why": "Many messages of one sender"})
    assert "Many messages of one sender (150)" in text(page)
    assert other.therapist.name not in text(page)
    ticked = {"action": "refuse", "select_across": "1", "_selected_action": [other.pk]}
    said = text(staff.post(f"{LIST}?why=Many+messages+of+one+sender", ticked, follow=True))
    assert "Kept back: 150." in said
    assert Message.objects.get(state="held") == other


def test_what_of_a_burst_may_not_be_is_told_and_the_rest_is_done(staff, monkeypatch):
    """Five sentences at most, and no more rows at once than a page has time for."""
    monkeypatch.setattr(verbs, "MOST_AT_ONCE", 8)
    decided = factories.MessageFactory.create_batch(7, state="sent")
    waiting = factories.MessageFactory.create_batch(2, held=True)
    ticked = [one.pk for one in (*decided, *waiting)]
    answer = staff.post(
        f"{LIST}?state=all", {"action": "release", "_selected_action": ticked}, follow=True
    )
    said = text(answer)
    assert "Handed on: 2." in said
    assert said.count("was decided already") == 5
    assert "And 1 more that may not be." in said
    assert "8 go at once. The others are as they were." in said


def test_a_burst_is_decided_whole_or_not_at_all(staff, monkeypatch):
    """Killed half way, nothing is half done."""
    factories.MessageFactory.create_batch(3, held=True)
    calls = []

    def breaks(message, *, by):
        calls.append(moderation.refuse(message, by=by))
        if len(calls) == 2:
            raise KeyboardInterrupt

    verb = Verb("refuse", "", "", breaks)
    monkeypatch.setattr(admin.site._registry[Message], "verbs", (verb,))
    with pytest.raises(KeyboardInterrupt):
        staff.post(LIST, {"action": "refuse", "select_across": "1", "_selected_action": [1]})
    assert Message.objects.filter(state="held").count() == 3


def test_a_reason_that_nobody_has_shows_an_empty_list(staff, held):
    assert held.therapist.name not in text(staff.get(LIST, {"why": "x" * 5000}))


# --- erasing


def test_managers_erase_a_message_on_request_and_reviewers_cannot(in_role, held):
    factories.DeliveryFactory(message=held)
    address = f"{LIST}{held.pk}/delete/"
    reviewer = in_role("reviewer")
    assert "Erase now" not in text(reviewer.get(page_of(held)))
    assert reviewer.post(address, {"post": "yes"}).status_code == 403

    manager = in_role("manager")
    assert "Erase now" in text(manager.get(page_of(held)))
    asks = manager.get(address)
    assert asks.status_code == 200
    assert words_in(asks) == []
    assert LogEntry.objects.filter(object_id=held.pk).exists()  # who read it
    manager.post(address, {"post": "yes"})
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()
    [line] = LogEntry.objects.filter(content_type__model="message")
    assert (line.object_repr, line.object_id) == ("1 message of a client", None)


def test_a_therapist_whom_clients_wrote_to_can_be_deleted_by_hand(in_role, held):
    factories.DeliveryFactory(message=held)
    factories.ProposalFactory(therapist=held.therapist)
    therapist = held.therapist
    manager = in_role("manager")
    manager.get(page_of(held))
    manager.post(f"/admin/therapists/therapist/{therapist.pk}/delete/", {"post": "yes"})
    assert not Message.objects.exists()
    assert not LogEntry.objects.filter(content_type__model="message").exists()
    assert not type(therapist).objects.exists()


# --- a rule out of what was read


def test_a_phrase_of_what_was_read_becomes_a_rule(in_role, held):
    reviewer = in_role("reviewer")
    form = Form(reviewer.get(page_of(held)), "rule_form")
    form.fill(phrase="since the zeppelin left", note="A wave of them in November.")
    answer = reviewer.post("/admin/therapists/holdrule/add/", form.sent(), follow=True)
    assert answer.redirect_chain == [(page_of(held), 302)]
    assert "From now on messages with “since the zeppelin left” wait for staff" in text(answer)
    rule = HoldRule.objects.get(phrase="since the zeppelin left")
    assert rule.is_active


def test_a_rule_that_is_there_already_is_refused_with_a_sentence(staff, held):
    HoldRule.objects.create(phrase="zeppelin")
    form = Form(staff.get(page_of(held)), "rule_form").fill(phrase="zeppelin")
    said = text(staff.post("/admin/therapists/holdrule/add/", form.sent()))
    assert "There is this rule already" in said
    assert HoldRule.objects.filter(phrase="zeppelin").count() == 1
