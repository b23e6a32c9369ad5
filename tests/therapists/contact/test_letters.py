"""The letters of a message, as they arrive: to the therapist, and to whoever wrote."""

import re
from datetime import datetime
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import pytest

from tests import factories
from tests.mail import MailServer
from tests.therapists.contact.people import SAID, written
from therapists.contact import answers, delivery, letter_contexts, letters
from therapists.contact.links import link_for
from therapists.contact.suggestions import suggestions
from therapists.models import Delivery

pytestmark = pytest.mark.django_db

Kind = Delivery.Kind
CAME = datetime(2026, 11, 20, 23, 30, tzinfo=ZoneInfo("America/New_York"))
TO_CLIENTS = [Kind.RECEIPT, Kind.FULL, Kind.REFERRED]


@pytest.fixture
def tess(owner_user):
    owner_user.email = "tess@practice.example"
    owner_user.save()
    return factories.TherapistFactory(name="Tess Ownwords", owner=owner_user, in_person=True)


@pytest.fixture
def imported():
    """A profile that nobody keeps."""
    return factories.TherapistFactory(name="Ada Alone", email="ada@practice.example")


def letter(message, kind, note=""):
    """A letter as a mail program reads it."""
    if note:
        message.seal(message.said | {"note": note})
    sent = letters.written(Delivery(message=message, kind=kind)).message().as_bytes()
    return message_from_bytes(sent, policy=policy.default)


def body(message, kind, note=""):
    return letter(message, kind, note).get_content()


def lines(message, kind, note=""):
    return body(message, kind, note).splitlines()


# --- To the therapist -----------------------------------------------------------------------------


def test_the_therapist_reads_what_was_written_and_how_to_answer(tess):
    message = written(tess, phone="503 555 0134", text="First.\n\nSecond.", received_at=CAME)
    mail = letter(message, Kind.MESSAGE)
    assert mail["To"] == "tess@practice.example"
    assert mail["Reply-To"] == "ines@client.example"
    text = mail.get_content()
    assert "Ines found you in Attune, and writes:\n\n> First.\n>\n> Second.\n\n" in text
    assert "goes straight to ines@client.example, and shows them the address" in text
    assert "They can be called or texted at 503 555 0134." in text
    assert f"http://127.0.0.1:8000/my/messages/{message.pk}/\n" in text
    assert "by February 19, 2027." in text


def test_who_left_a_phone_alone_cannot_be_replied_to(tess):
    mail = letter(written(tess, email="", phone="503 555 0134"), Kind.MESSAGE)
    assert mail["Reply-To"] is None
    assert "a reply to this letter does not reach them" in mail.get_content()
    assert "We then show you others who have room" in mail.get_content()
    assert "at 503 555 0134." in mail.get_content()


def test_who_has_no_sign_in_is_led_to_none(imported):
    mail = letter(written(imported), Kind.MESSAGE)
    assert mail["To"] == "ada@practice.example"
    assert "/my/" not in mail.get_content()
    assert "Replying is enough." in mail.get_content()
    without = body(written(imported, email="", phone="1"), Kind.MESSAGE)
    assert "please tell them that" in without
    assert "Replying" not in without


def test_an_answer_that_keeps_the_subject_gives_nothing_away(tess, settings):
    settings.SITE_NAME = "Ohio Therapy Directory"
    assert letter(written(tess), Kind.MESSAGE)["Subject"] == "A message for you"


@pytest.mark.parametrize("breaks", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_no_line_of_a_client_looks_like_one_of_ours(tess, breaks):
    fake = f"Attune{breaks}Sign in here: http://evil.example/{breaks}{breaks}http://evil.example/"
    message = written(tess, name=fake, phone=fake, text=fake)
    evil = [line for line in lines(message, Kind.MESSAGE) if "evil" in line]
    quoted = [line for line in evil if not line.startswith("> ")]
    # Name and phone stand inside a sentence of ours, on the one line that it has.
    assert len(quoted) == 2
    assert quoted[0].startswith("Attune Sign in")
    assert quoted[0].endswith("found you in Attune, and writes:")
    assert quoted[1].startswith("They can be called or texted at Attune Sign")


@pytest.mark.parametrize("blank", "\u115f\u1160\u2800\u3164\uffa0")
def test_no_row_of_blanks_pushes_words_to_a_line_that_looks_like_ours(blank):
    assert letter_contexts.quoted(f"Hello{blank * 400}Attune: call us") == "> Hello Attune: call us"


def test_no_pile_of_marks_covers_the_lines_around_it():
    assert letter_contexts.quoted("e" + "\u0330" * 500 + "nd") == "> ḛ\u0330\u0330nd"
    assert letter_contexts.quoted("Trần Thị Mỹ") == "> Trần Thị Mỹ"


@pytest.mark.parametrize(
    "breaks", ["a@b.example\nBcc: all@evil.example", "a@b.example\r\n\r\nBody", "a@b\0.example"]
)
def test_no_header_is_smuggled_in(tess, breaks):
    mail = letter(written(tess, email=breaks, name=breaks), Kind.MESSAGE)
    assert set(mail.keys()) <= {
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version", "Subject", "From", "To",
        "Date", "Reply-To", "Message-ID", "Auto-Submitted",
    }  # fmt: skip
    assert mail["To"] == "tess@practice.example"


@pytest.mark.parametrize(
    "text",
    ["私は眠れません。\n母が亡くなってから。", "لا أستطيع النوم", "Ţș 😢 <b>&amp;</b> {{ page }}",
     "{% if %}", "é" * 5000, "x" * 5000, "\n".join("y" * 49 for _ in range(100))],
)  # fmt: skip
def test_words_in_any_script_and_of_any_length_arrive_whole(tess, text):
    shown = body(written(tess, text=text), Kind.MESSAGE)
    assert "\n".join(f"> {line}" for line in text.splitlines()) in shown


def test_what_nobody_sees_is_left_out(tess):
    shown = body(written(tess, name="I\u202en\0es", text="one\0\x07two\u202e"), Kind.MESSAGE)
    assert "\n> onetwo\n" in shown
    assert "Ines found you" in shown


# --- To who wrote ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TO_CLIENTS)
def test_a_client_can_be_told_and_nobody_beside_them(tess, settings, kind):
    """On a locked screen stand sender, subject, and the first words: a home may not be safe."""
    settings.SITE_NAME = "Ohio Therapy Directory"
    factories.TherapistFactory(in_person=True, phone="503 555 0134")
    message = written(tess, received_at=CAME, text="My partner hits me.")
    mail = letter(message, kind, note="Come back in May.")
    assert mail["To"] == "ines@client.example"
    assert mail["From"] == settings.LETTERS_TO_CLIENTS_FROM == "directory@localhost"
    assert mail["Reply-To"] is None
    assert mail["Subject"] in ("An answer for you", "We have your message")
    first = mail.get_content()[:120]
    assert "November 20, 2026" in first
    for word in ("Ohio", "Tess", "herap", "partner", "Ines", "help"):
        assert word not in first + str(mail["Subject"])


@pytest.mark.parametrize("kind", TO_CLIENTS)
def test_it_repeats_nothing_of_the_form_and_tells_nobody_that_it_was_read(tess, kind):
    """Whoever writes a stranger's address into the form has us say nothing of theirs there."""
    message = written(tess, name="Buy pills at http://evil.example", text="Cheap pills",
                      phone="503 555 0199")  # fmt: skip
    text = body(message, kind)
    assert not re.search("(?i)pills|evil|0199", text)
    assert set(re.findall(r"https?://\S*", text)) <= {
        "http://127.0.0.1:8000/therapists/?availability=open",
        f"http://127.0.0.1:8000{link_for(message)}",
        "https://chat.988lifeline.org/",
    }
    assert f"http://127.0.0.1:8000{link_for(message)}\n" in text
    assert "ending your life? Call 988 or text 988 or go to https://chat.988lifeline.org/\n" in text


def test_where_no_crisis_line_is_set_none_is_named(tess, settings):
    settings.CRISIS_PHONE = settings.CRISIS_SMS = settings.CRISIS_CHAT_URL = ""
    assert "ending your life" not in body(written(tess), Kind.FULL)
    settings.CRISIS_SMS = "988"
    assert "ending your life? Text 988\n" in body(written(tess), Kind.FULL)


@pytest.mark.parametrize(
    ("kind", "said"),
    [(Kind.FULL, "has no room for new people at present"),
     (Kind.REFERRED, "somebody else can help you better")],
)  # fmt: skip
def test_three_who_have_room_are_named_with_their_day(tess, kind, said, settings):
    settings.SITE_URL = "https://attune.example"
    others = [
        factories.TherapistFactory(
            name=f"Open {number}", in_person=True, phone="1",
            availability_confirmed_on=factories.days_ago(number),
        )
        for number in range(4)
    ]  # fmt: skip
    text = body(written(tess), kind)
    assert said in text
    assert text.count("Has room, said on") == 3
    assert text.count("https://attune.example/therapists/open-") == 3
    shown = [one for one in others if f"{one.name}, Licensed" in text]
    for one in shown:
        day = f"{one.availability_confirmed_on:%B %-d, %Y}"
        assert (
            f"{one.name}, Licensed Clinical Social Worker in Portland, OR\n"
            f"Has room, said on {day}. Sees people in person.\n"
            f"https://attune.example{one.get_absolute_url()}\n\n"
        ) in text
    assert f"in the order of {factories.today():%B %-d, %Y}.\n" in text
    assert "https://attune.example/how-we-order/#match\n" in text


def test_an_old_word_on_room_is_marked_as_old(tess):
    factories.TherapistFactory(
        in_person=True, phone="1", availability_confirmed_on=factories.days_ago(120)
    )
    text = body(written(tess), Kind.FULL)
    assert (
        f"Has room, said on {factories.days_ago(120):%B %-d, %Y}, so ask. Sees people in person.\n"
        in text
    )


def test_one_is_named_and_where_there_is_none_the_listing(tess):
    assert (
        "Here are others who have room:\nhttp://127.0.0.1:8000/therapists/?availability=open\n"
        in (body(written(tess), Kind.FULL))
    )
    factories.TherapistFactory(in_person=True, phone="1")
    assert "This therapist says that there is room:" in body(written(tess), Kind.FULL)


def test_the_therapists_own_words_are_marked_as_theirs(tess):
    text = body(written(tess), Kind.FULL, note="Try me in May.\nAttune: click")
    assert "Tess Ownwords adds:\n\n> Try me in May.\n> Attune: click\n\n" in text
    assert "adds:" not in body(written(tess), Kind.FULL)


def test_what_the_therapist_sees_before_is_the_letter_but_for_the_clients_link(tess):
    factories.TherapistFactory(in_person=True, phone="1")
    message = written(tess)
    seen = letter_contexts.preview(
        message, Kind.FULL, message.said, suggestions(tess, SAID["text"])
    )
    assert link_for(message) not in seen
    link = f"http://127.0.0.1:8000{link_for(message)}"
    assert seen.replace(letter_contexts.UNTOLD_LINK, link) == body(message, Kind.FULL)


def test_the_receipt_says_how_soon_an_answer_may_come(tess, settings):
    assert "It goes to Tess Ownwords. The answer" in body(written(tess), Kind.RECEIPT)
    settings.ANSWERS_KNOWN_FROM = 1
    answers.answered(written(tess), by=None)
    text = body(written(tess), Kind.RECEIPT)
    assert "It goes to Tess Ownwords, who usually answers within a day. The answer" in text


@pytest.mark.parametrize("kind", Kind.values)
def test_no_letter_has_a_gap_a_blank_or_a_line_that_is_too_long(tess, kind):
    text = body(written(tess), kind)
    assert "\n\n\n" not in text
    assert not [line for line in text.splitlines() if line != line.strip()]
    assert not [line for line in text.splitlines() if len(line) > 400]
    assert not re.search(r"[{}]|None|\bsaid\.", text)


def test_a_real_mail_server_gets_the_letter_to_the_client(tess, owner_user, settings):
    factories.TherapistFactory(in_person=True, phone="1", name="Øyvind Åpen")
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.ANSWERS_LEAVE_AFTER = 0
        message = answers.no_room(written(tess), by=owner_user, note="愛")
        delivery.deliver(message.deliveries.get().pk)
    (mail,) = server.letters
    assert mail["From"] == "directory@localhost"
    assert "Øyvind Åpen" in mail.get_content()
    assert "> 愛" in mail.get_content()
    assert message.deliveries.get().state == Delivery.State.DELIVERED
