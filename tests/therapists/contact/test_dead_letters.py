"""Letters that did not arrive, as staff see them; and whether letters leave at all."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from tests import factories
from tests.factories import SAID
from tests.pages import Form, text
from therapists.contact import delivery, queue
from therapists.models import Delivery

pytestmark = pytest.mark.django_db

LIST = "/admin/therapists/delivery/"


@pytest.fixture
def dead():
    return factories.DeliveryFactory(dead=True)


def page_of(letter):
    return f"{LIST}{letter.pk}/change/"


def test_a_dead_letter_stands_on_the_desk_and_leads_to_its_therapist(staff, dead):
    desk = staff.get("/admin/")
    assert "Letters that did not arrive 1" in text(desk)
    assert f'href="{page_of(dead)}"' in desk.content.decode()
    listed = staff.get(LIST)
    therapist = dead.message.therapist
    assert "The message, to the therapist" in text(listed)
    assert "The mail server could not be used. tried 11 times" in text(listed)
    for page in (listed, staff.get(page_of(dead))):
        assert f"/admin/therapists/therapist/{therapist.pk}/change/" in page.content.decode()


def test_it_is_tried_again_from_the_list(staff, dead):
    address = f"{LIST}{dead.pk}/try-again/"
    assert f'formaction="{address}"' in staff.get(LIST).content.decode()
    answer = staff.post(address, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "On its way again" in text(answer)
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.fault) == ("waiting", 0, "")
    assert ProcrastinateJob.objects.get().args == {"delivery": dead.pk}
    assert "Sent on its way again." in text(staff.get(f"{LIST}{dead.pk}/history/"))
    assert "nothing to try again" in text(staff.post(address, follow=True))


def test_it_is_closed_and_leaves_the_desk(staff, staff_user, dead):
    staff.post(f"{LIST}{dead.pk}/close/")
    dead.refresh_from_db()
    assert (dead.closed_by, dead.closed_on) == (staff_user, factories.today())
    assert "Letters that did not arrive 1" not in text(staff.get("/admin/"))
    assert "by ana-staff" in text(staff.get(f"{LIST}?state=closed"))
    assert "closed this already" in text(staff.post(f"{LIST}{dead.pk}/close/", follow=True))


def test_many_are_tried_again_at_once(staff):
    dead = factories.DeliveryFactory.create_batch(3, dead=True)
    ticked = {"action": "try_again", "_selected_action": [one.pk for one in dead]}
    assert "On its way again: 3." in text(staff.post(LIST, ticked, follow=True))
    assert Delivery.objects.filter(state="waiting").count() == 3


def test_what_waits_for_more_than_a_day_is_seen_with_what_went_wrong(staff):
    slow = factories.DeliveryFactory(
        queued_at=factories.days_ago_at(2), attempts=5, fault="The mail server is slow."
    )
    fresh = factories.DeliveryFactory()
    page = text(staff.get(f"{LIST}?state=slow"))
    assert slow.message.therapist.name in page
    assert "The mail server is slow. tried 5 times" in page
    assert fresh.message.therapist.name not in page
    assert f"{LIST}{slow.pk}/try-again/" not in page
    assert slow.message.therapist.name not in text(staff.get(LIST))


@pytest.mark.parametrize("kind", Delivery.Kind.values)
def test_no_page_of_a_letter_holds_a_word_or_an_address_of_the_client(staff, kind):
    letter = factories.DeliveryFactory(dead=True, kind=kind)
    delivery.close(letter, by=None)
    pages = [page_of(letter), f"{LIST}{letter.pk}/history/", f"{LIST}?state=all", "/admin/"]
    for address in pages:
        page = staff.get(address).content.decode()
        assert not any(word in page for word in SAID.values())


def test_who_has_no_address_for_letters_is_said(staff):
    letter = factories.DeliveryFactory(dead=True, message__therapist__email="")
    assert "We hold no address for letters" in text(staff.get(page_of(letter)))
    letter = factories.DeliveryFactory(dead=True, message__therapist__email="tess@own.example")
    assert "Is the address right?" in text(staff.get(page_of(letter)))


def test_an_address_that_staff_correct_is_where_the_next_try_goes(staff, mailoutbox):
    letter = factories.DeliveryFactory(dead=True, message__therapist__email="tess@gone.example")
    page = f"/admin/therapists/therapist/{letter.message.therapist_id}/change/"
    assert f'href="{page}">on the therapist’s page' in staff.get(page_of(letter)).text
    filled = Form(staff.get(page), "therapist_form").fill(email="tess@found.example")
    assert staff.post(page, filled.sent()).status_code == 302
    staff.post(f"{LIST}{letter.pk}/try-again/")
    delivery.deliver(letter.pk)
    letter.refresh_from_db()
    assert letter.state == "delivered"
    [mail] = mailoutbox
    assert mail.to == ["tess@found.example"]
    assert SAID["text"] in mail.body
    assert "Letters that did not arrive 1" not in text(staff.get("/admin/"))


def test_staff_are_told_where_the_address_of_a_letter_stands_and_who_may_change_it(
    staff, client, other_profile
):
    owner = other_profile.owner
    owner.email = "otto@own.example"
    owner.save()
    with_sign_in = factories.DeliveryFactory(dead=True, message__therapist=other_profile)
    without = factories.DeliveryFactory(dead=True, message__therapist__email="tess@own.example")
    page = staff.get(page_of(with_sign_in))
    assert f'href="/admin/auth/user/{owner.pk}/change/">on the page of their sign-in' in page.text
    assert "nobody reads this message" in text(staff.get(page_of(without)))

    reviewer = factories.UserFactory(is_staff=True)
    reviewer.groups.add(Group.objects.get(name="reviewer"))
    client.force_login(reviewer)
    page = client.get(page_of(with_sign_in))
    assert "They can change it themselves, or a manager does." in text(page)
    assert "/admin/auth/" not in page.text
    assert "A manager can correct it on the therapist’s page" in text(client.get(page_of(without)))


def test_buttons_want_a_post_and_a_right(staff, client, dead):
    for verb in ("try-again", "close"):
        assert staff.get(f"{LIST}{dead.pk}/{verb}/").status_code == 405
        assert client.post(f"{LIST}{dead.pk}/{verb}/").status_code == 302
    dead.refresh_from_db()
    assert (dead.state, dead.closed_on) == ("dead", None)
    gone = f"{LIST}{dead.pk}/close/"
    dead.message.delete()
    assert "has been erased meanwhile" in text(staff.post(gone, follow=True))


# --- whether letters leave

STUCK = "Letters are not leaving: the queue’s worker does not run."


def worker_was_here(seconds_ago):
    """A worker registers itself, by procrastinate's own function, and falls silent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT worker_id FROM procrastinate_register_worker_v1()")
        number = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = "
            "clock_timestamp() - make_interval(secs => %s) WHERE id = %s",
            [seconds_ago, number],
        )


def test_where_letters_wait_and_no_worker_runs_the_desk_begins_with_it(staff):
    assert STUCK not in text(staff.get("/admin/"))  # nothing waits
    factories.DeliveryFactory.create_batch(2)
    page = text(staff.get("/admin/"))
    assert f"{STUCK} 2 wait, the oldest since" in page
    assert queue.COMMAND in page
    assert page.index(STUCK) < page.index("Nothing waits")

    worker_was_here(seconds_ago=5)
    page = text(staff.get("/admin/"))
    assert STUCK not in page
    assert "The queue’s worker runs." in page


def test_a_worker_that_has_been_silent_for_more_than_a_minute_counts_as_none(staff):
    factories.DeliveryFactory()
    worker_was_here(seconds_ago=90)
    assert STUCK in text(staff.get("/admin/"))


def test_the_numbers_of_the_queue_are_those_of_its_rows(staff):
    first = factories.DeliveryFactory(queued_at=factories.days_ago_at(2))
    factories.DeliveryFactory.create_batch(2)
    factories.DeliveryFactory(dead=True)
    delivery.close(factories.DeliveryFactory(dead=True), by=None)
    factories.DeliveryFactory(state="delivered", delivered_at=factories.days_ago_at(0))
    factories.DeliveryFactory(state="delivered", delivered_at=factories.days_ago_at(2))
    now = queue.health()
    assert (now.waiting, now.left_within_a_day, now.dead) == (3, 1, 1)
    assert now.oldest_queued_at == first.queued_at
    assert "3 on the way, the oldest since" in text(staff.get("/admin/"))


def test_who_may_not_see_letters_is_told_nothing_of_them(client):
    factories.DeliveryFactory()
    client.force_login(factories.UserFactory(is_staff=True))
    assert "queue" not in text(client.get("/admin/"))


def test_the_desk_asks_no_more_with_a_hundred_letters(staff):
    asked = []
    for more in (1, 30):
        factories.DeliveryFactory.create_batch(more, dead=True)
        factories.MessageFactory.create_batch(more, held=True)
        with CaptureQueriesContext(connection) as queries:
            staff.get("/admin/")
        asked.append(len(queries))
    assert asked[0] == asked[1] < 10
