"""The rules that staff keep: what they hold from the start, and what staff see of them."""

from importlib import import_module

import pytest
from django.apps import apps

from tests import factories
from tests.pages import Form, text
from therapists.contact import holding, messages
from therapists.models import HoldRule, Message

pytestmark = pytest.mark.django_db

LIST = "/admin/therapists/holdrule/"
seeds = import_module("therapists.migrations.0020_hold_rules")


@pytest.fixture(autouse=True)
def as_in_the_beginning(db):
    """A test with a real server, before this one, leaves none of the rules."""
    seeds.write_rules(apps, None)


# As frauds write, in words of our own.
FRAUDS = [
    "Greetings! My daughter is coming to your city for about three weeks and needs you.",
    "I pay by cashier’s check. My ASSISTANT will mail you a check that covers the nanny too.",
    "Kindly deduct your full session fee and send the balance to my travel agent.",
    "Tell me the total cost for 8 one hour sessions; I will pay for all the sessions in advance.",
    "I sent too much by mistake, please refund the difference by Western Union today.",
    "We are visiting your town next month. Do you take a certified check?",
    "We bring you to the first page of Google within a month!",
    "Look at my story first: https://example.org/story",
]

# As clients write who must not wait.
CLIENTS = [
    "I'm moving to your city in a few weeks and would like to find someone before I get there.",
    "My daughter is 14 and has stopped eating. Do you see teenagers, and what does it cost?",
    "Do you accept credit cards or my HSA card? I can't pay in advance.",
    "I came to the United States to seek asylum and I do not sleep. Do you have time for me?",
    "I gave all my savings to somebody I met online. They wanted gift cards. I feel so ashamed.",
    "My husband writes bad checks and the bank calls every day. I am at the end.",
    "I get overpayment letters from the benefits office and I cannot open the mail any more.",
    "My cousin died. I am the next of kin and must settle everything. Please call me.",
    "What is the total cost of a session with you, and do you have a sliding scale?",
    "I work as an assistant and I will check my calendar. Tuesdays are best.",
    "Please get back to me with your fee. I could visit your office on Friday.",
    "No puedo dormir desde que perdí el trabajo. ¿Habla español?",
]


@pytest.mark.parametrize("wrote", FRAUDS)
def test_the_rules_of_the_beginning_hold_what_frauds_write(wrote):
    assert holding.reason_to_hold(wrote)


@pytest.mark.parametrize("wrote", CLIENTS)
def test_the_rules_of_the_beginning_let_through_what_clients_write(wrote):
    assert holding.reason_to_hold(wrote) == ""


def test_every_rule_of_the_beginning_says_why_and_can_hold_something():
    rules = list(HoldRule.objects.all())
    assert len(rules) == len(seeds.rules(apps)) >= 26
    assert sum(rule.kind == "link" for rule in rules) == 1
    for rule in rules:
        assert rule.note
        rule.full_clean()
        if rule.phrase:
            assert holding.contains(rule.phrase, rule.phrase.replace("*", "quite a few words"))


def test_going_back_takes_out_what_is_as_it_was_written_and_nothing_of_staff():
    HoldRule.objects.filter(phrase="moneygram").update(note="Ours.")
    HoldRule.objects.filter(phrase="seo services").update(is_active=False)
    factories.HoldRuleFactory(phrase="zeppelins")
    seeds.remove_rules(apps, None)
    left = HoldRule.objects.values_list("phrase", flat=True)
    assert set(left) == {"moneygram", "seo services", "zeppelins"}
    seeds.write_rules(apps, None)
    assert HoldRule.objects.get(phrase="moneygram").note == "Ours."
    assert HoldRule.objects.filter(kind="link").count() == 1


def test_a_rule_says_how_many_messages_it_held(staff):
    phrase = holding.PHRASE.format("zeppelins")
    factories.HoldRuleFactory(phrase="zeppelins")
    factories.MessageFactory.create_batch(2, held=True, held_for=phrase)
    factories.MessageFactory(state=Message.State.REFUSED, held_for=phrase)
    factories.MessageFactory(held=True, held_for=holding.LINK)
    page = text(staff.get(LIST))
    assert "3; 2 still wait" in page
    assert "1; 1 still wait" in page


def test_a_rule_is_turned_off_in_the_list(staff):
    form = Form(staff.get(LIST), "changelist-form")
    rule = HoldRule.objects.get(kind="link")
    number = next(name.split("-")[1] for name, value in form.items()
                  if name.endswith("-id") and value == str(rule.pk))  # fmt: skip
    form.pop(f"form-{number}-is_active")
    staff.post(LIST, form.sent("_save"))
    rule.refresh_from_db()
    assert not rule.is_active
    assert holding.reason_to_hold("https://example.org/") == ""


@pytest.mark.parametrize("phrase", ["*", "a", "?!? ***", "abc"])
def test_a_phrase_that_would_hold_everything_or_nothing_is_refused(staff, phrase):
    form = Form(staff.get(f"{LIST}add/"), "holdrule_form").fill(phrase=phrase)
    assert "at least 4 letters" in text(staff.post(f"{LIST}add/", form.sent("_save")))


def test_a_phrase_stands_there_once_however_it_is_written(staff):
    for phrase, said in (("Buy  ZEPPELINS", "added"), ("buy zeppelins", "There is this rule")):
        form = Form(staff.get(f"{LIST}add/"), "holdrule_form").fill(phrase=phrase)
        assert said in text(staff.post(f"{LIST}add/", form.sent("_save"), follow=True))
    assert HoldRule.objects.filter(phrase="buy zeppelins").count() == 1


def test_a_text_is_tried_and_kept_nowhere(staff):
    said = text(staff.post(f"{LIST}try/", {"text": f"{FRAUDS[4]} https://example.org/x"}))
    for rule in ("“western union”", "“refund the difference”", "Any link"):
        assert rule in said
    assert "moneygram" not in said
    assert "No rule in use holds this text" in text(staff.post(f"{LIST}try/", {"text": CLIENTS[0]}))
    assert not Message.objects.exists()
    for rubbish in ("", "\0", "x" * 100_000, "* " * 9000):
        assert staff.post(f"{LIST}try/", {"text": rubbish}).status_code == 200


def test_what_a_form_takes_is_held_by_the_rules_and_found_by_its_reason(staff):
    said = {"name": "Max", "email": "max@x.example", "phone": "", "text": FRAUDS[1]}
    why = holding.reason_to_hold(said["name"], said["text"])
    message = messages.take(factories.TherapistFactory(), said, mark="m" * 32, held_for=why)
    page = staff.get("/admin/therapists/message/", {"why": why})
    assert message.therapist.name in text(page)
    assert not message.deliveries.exists()
