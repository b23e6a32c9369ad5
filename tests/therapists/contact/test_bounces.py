"""Letters that come back, in the shapes in which mail servers give them back."""

import io
import sys
import time

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from tests.mail import MailServer
from tests.therapists.contact.cast import letter_of, written
from therapists.contact import bounces, delivery
from therapists.models import Delivery, Message

pytestmark = pytest.mark.django_db

State = Delivery.State

POSTFIX = """\
Return-Path: <>
Delivered-To: {to}
Received: by mail.directory.example (Postfix)
\tid 4F2C11A0; Sat, 28 Nov 2026 10:00:00 -0500 (EST)
From: MAILER-DAEMON@mail.directory.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4F2C11A0.1795878000/mail.directory.example"

This is a MIME-encapsulated message.

--4F2C11A0.1795878000/mail.directory.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

<tess@post.example>: host mx.post.example said: 550 5.1.1 <tess@post.example>: Recipient address
    rejected (in reply to RCPT TO command)

--4F2C11A0.1795878000/mail.directory.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.directory.example
X-Postfix-Queue-ID: 4F2C11A0
Arrival-Date: Sat, 28 Nov 2026 09:59:58 -0500 (EST)

Final-Recipient: rfc822; tess@post.example
Original-Recipient: rfc822;tess@post.example
Action: {action}
Status: {status}
Remote-MTA: dns; mx.post.example
Diagnostic-Code: smtp; 550 5.1.1 <tess@post.example>: Recipient address rejected

--4F2C11A0.1795878000/mail.directory.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

Subject: Attune: somebody has written to you
To: tess@post.example

Hello Tess, I lie awake since the quagmire at work.

--4F2C11A0.1795878000/mail.directory.example--
"""

EXIM = """\
Return-path: <>
Envelope-to: {to}
X-Failed-Recipients: tess@post.example
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@exim.example>
To: {to}
Content-Type: multipart/report; report-type=delivery-status; boundary=1795878000-eximdsn-804289383
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender

--1795878000-eximdsn-804289383
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

--1795878000-eximdsn-804289383
Content-type: message/delivery-status

Reporting-MTA: dns; exim.example

Action: {action}
Final-Recipient: rfc822;tess@post.example
Status: {status}
Remote-MTA: dns; mx.post.example
Diagnostic-Code: smtp; 550 no such user

--1795878000-eximdsn-804289383
Content-type: message/rfc822

Return-path: <{to}>

--1795878000-eximdsn-804289383--
"""

EXCHANGE = """\
From: <postmaster@exchange.example>
To: <{to}>
Date: Sat, 28 Nov 2026 15:00:00 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_8f3c2f8e-1d0f-4a53-9a25-1f0c2d3e4f50_"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: en-US
Message-ID: <8f3c2f8e@exchange.example>
Subject: Undeliverable: Attune: somebody has written to you
Auto-Submitted: auto-replied

--_8f3c2f8e-1d0f-4a53-9a25-1f0c2d3e4f50_
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="_alt_"

--_alt_
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

tess@post.example wasn't found at post.example.

--_alt_
Content-Type: text/html; charset="us-ascii"

<html><body>wasn't found</body></html>

--_alt_--

--_8f3c2f8e-1d0f-4a53-9a25-1f0c2d3e4f50_
Content-Type: message/delivery-status

Reporting-MTA: dns;MW4PR01.prod.exchange.example
Received-From-MTA: dns;mail.directory.example
Arrival-Date: Sat, 28 Nov 2026 14:59:59 +0000

Final-Recipient: rfc822;tess@post.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found
X-Display-Name: tess

--_8f3c2f8e-1d0f-4a53-9a25-1f0c2d3e4f50_
Content-Type: message/rfc822

Subject: Attune: somebody has written to you

--_8f3c2f8e-1d0f-4a53-9a25-1f0c2d3e4f50_--
"""
SHAPES = {"postfix": POSTFIX, "exim": EXIM, "exchange": EXCHANGE}
AUTOREPLY = """\
From: tess@post.example
To: {to}
Subject: Out of office
Auto-Submitted: auto-replied
Content-Type: text/plain

I am away until Monday. Action: failed Status: 5.1.1
"""


@pytest.fixture
def sent(settings):
    """A letter that the mail server took."""
    settings.BOUNCES_TO = "bounces@directory.example"
    message = written()
    delivery.deliver(letter_of(message).pk)
    return letter_of(message)


def report(held, shape=POSTFIX, action="failed", status="5.1.1", to=None):
    to = bounces.sender_of(held) if to is None else to
    return shape.format(to=to, action=action, status=status).encode()


def read(raw, *arguments, monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    call_command("read_bounce", *arguments, stdout=out)
    return out.getvalue()


def test_a_letter_leaves_with_a_sender_of_its_own_on_its_envelope(settings):
    settings.BOUNCES_TO = "bounces@directory.example"
    settings.DEFAULT_FROM_EMAIL = "Attune <letters@directory.example>"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        held = letter_of(written())
        delivery.deliver(held.pk)
    assert server.senders == [bounces.sender_of(held)]
    assert server.senders[0].startswith(f"bounces+{held.pk}-")
    assert server.letters[0]["From"] == "Attune <letters@directory.example>"


def test_without_an_address_for_it_the_sender_is_the_usual_one():
    delivery.deliver(letter_of(written()).pk)
    assert mail.outbox[0].from_email == "Attune <directory@localhost>"


@pytest.mark.parametrize("shape", SHAPES)
def test_what_comes_back_is_given_up_and_told_to_staff(sent, shape, monkeypatch):
    said = read(report(sent, SHAPES[shape]), monkeypatch=monkeypatch)
    sent.refresh_from_db()
    assert said == f"Letter {sent.pk}: The address gave it back (5.1.1). Staff are told.\n"
    assert (sent.state, sent.fault) == (State.DEAD, "The address gave it back (5.1.1).")
    assert sent.closed_on is None
    assert Message.objects.get().handed_on_at is None


def test_what_was_given_up_after_days_of_trying_is_so_too(sent):
    bounces.read(report(sent, status="4.4.7"))
    sent.refresh_from_db()
    assert (sent.state, sent.fault) == (State.DEAD, "The address gave it back (4.4.7).")


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_late_is_noted_and_stays(sent, shape):
    bounces.read(report(sent, SHAPES[shape], action="delayed", status="4.4.1"))
    sent.refresh_from_db()
    assert (sent.state, sent.fault) == (
        State.DELIVERED,
        "The mail server is still trying (4.4.1).",
    )


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_what_has_arrived_changes_nothing(sent, action):
    assert bounces.read(report(sent, action=action, status="2.0.0")) == "The letter has arrived."
    sent.refresh_from_db()
    assert (sent.state, sent.fault) == (State.DELIVERED, "")


def test_read_twice_it_is_the_same_and_what_staff_closed_stays_closed(sent, staff_user):
    bounces.read(report(sent))
    sent.refresh_from_db()
    delivery.close(sent, by=staff_user)
    bounces.read(report(sent, status="5.7.1"))
    sent.refresh_from_db()
    assert sent.fault == "The address gave it back (5.1.1)."
    assert sent.closed_by == staff_user


def test_sent_again_it_can_come_back_again(sent):
    bounces.read(report(sent))
    delivery.try_again(sent, by=None)
    delivery.deliver(sent.pk)
    sent.refresh_from_db()
    assert sent.state == State.DELIVERED
    bounces.read(report(sent, status="5.2.1"))
    sent.refresh_from_db()
    assert sent.fault == "The address gave it back (5.2.1)."


def test_the_address_may_come_from_the_mail_server_and_in_capitals(sent, monkeypatch):
    raw = report(sent, to="somebody@directory.example")
    said = read(raw, "--to", bounces.sender_of(sent).upper(), monkeypatch=monkeypatch)
    assert "gave it back" in said


@pytest.mark.parametrize(
    "to",
    [
        "bounces@directory.example", "", "bounces+1@directory.example",
        "bounces+{pk}-0123456789abcdef@directory.example",
        "bounces+999999999999999999-0123456789abcdef@directory.example",
        "bounces+99999999999999999999999999-0123456789abcdef@directory.example",
    ],
)  # fmt: skip
def test_nobody_can_end_a_letter_without_its_own_address(sent, to, monkeypatch):
    said = read(report(sent, to=to.format(pk=sent.pk)), monkeypatch=monkeypatch)
    assert said.startswith("This is about no letter that we know")
    sent.refresh_from_db()
    assert sent.state == State.DELIVERED


def test_what_was_erased_meanwhile_is_a_sentence(sent, monkeypatch):
    raw = report(sent)
    Message.objects.all().delete()
    assert "may have been erased" in read(raw, monkeypatch=monkeypatch)


def test_an_automatic_answer_ends_no_letter(sent, monkeypatch):
    raw = AUTOREPLY.format(to=bounces.sender_of(sent)).encode()
    assert read(raw, monkeypatch=monkeypatch).startswith("This is no report")
    sent.refresh_from_db()
    assert (sent.state, sent.fault) == (State.DELIVERED, "")


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\n", b"\x00\xff\xfe" * 100, b"To: =?broken?=\n\n", b":" * 5000,
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status",
        b"Content-Type: multipart/report\n\nno boundary",
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
                 for n in range(3000)),
    ],
)  # fmt: skip
def test_rubbish_is_a_sentence(raw, sent, monkeypatch):
    said = read(raw, "--to", bounces.sender_of(sent), monkeypatch=monkeypatch)
    assert said.startswith("This ")
    sent.refresh_from_db()
    assert sent.state == State.DELIVERED


def test_of_a_huge_mail_only_the_beginning_is_looked_at(sent, monkeypatch):
    raw = report(sent) + b"x" * 10_000_000
    assert "gave it back" in read(raw, monkeypatch=monkeypatch)
    assert sys.stdin.buffer.read() == b""  # and the mail server could hand over all of it


def test_a_mail_that_is_made_to_be_slow_is_not(sent, monkeypatch, django_assert_max_num_queries):
    parts = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(900))
    inside = parts.encode() + b"x\n" * 500_000
    begun = time.process_time()
    # A stranger's is not read at all, and of one who got a letter, not much.
    assert "no letter that we know" in read(
        b"To: tess@x.example\n" + inside, monkeypatch=monkeypatch
    )
    assert time.process_time() - begun < 1
    own = f"To: {bounces.sender_of(sent)}\n".encode()
    assert "no report" in read(own + inside, monkeypatch=monkeypatch)
    assert time.process_time() - begun < 12

    guesses = "".join(f"To: bounces+{n}-0123456789abcdef@d.example\n" for n in range(2000))
    with django_assert_max_num_queries(bounces.NUMBERS_AT_MOST):
        assert "no letter that we know" in read(guesses.encode(), monkeypatch=monkeypatch)


def test_nothing_of_the_report_is_kept_but_its_number(sent):
    raw = report(sent, status="5.1.1 tess@post.example quagmire")
    assert "quagmire" not in bounces.read(raw)
    sent.refresh_from_db()
    assert sent.fault == "The address gave it back (5.1.1)."


def test_all_mails_of_an_mbox_are_read(sent, tmp_path, monkeypatch):
    box, other = tmp_path / "bounces", AUTOREPLY.format(to="x@directory.example").encode()
    mails = [other, report(sent), b"rubbish\n"]
    box.write_bytes(
        b"".join(b"From MAILER-DAEMON Sat Nov 28 10:00:00 2026\n" + m + b"\n" for m in mails)
    )
    said = read(b"", "--mbox", str(box), monkeypatch=monkeypatch)
    assert len(said.splitlines()) == 3
    sent.refresh_from_db()
    assert sent.state == State.DEAD


def test_an_mbox_that_is_none_is_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("read_bounce", "--mbox", str(tmp_path / "nowhere"))


def test_while_the_database_is_away_the_mail_server_is_to_try_again(sent, monkeypatch):
    def away(execute, sql, params, many, context):
        raise OperationalError("connection refused")

    raw = report(sent)
    with connection.execute_wrapper(away), pytest.raises(CommandError) as raised:
        read(raw, monkeypatch=monkeypatch)
    assert raised.value.returncode == 75
