"""A real mail server on this machine, which refuses, waits, hangs up and dies as a test wants."""

import asyncio
import contextlib
import threading
from collections import Counter
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.processes import free_port

HANGS_UP = "hangs up"


class MailServer:
    """Takes letters for anybody but `refuses`; hangs up on each of `drops` once.

    `says(stage, answer)` decides what it answers at MAIL, RCPT, DATA (before the letter is taken)
    or TAKEN (when it has the letter): an answer such as "451 later", or `HANGS_UP`.
    """

    def __init__(self):
        self.letters, self.refuses, self.drops = [], set(), []
        self.senders = []  # of the envelopes, in the order of `letters`
        self.answers = []  # [stage, answer, receiver or None, how often]
        self.busy = self.busiest = 0  # letters in its hands at once
        self.has_letter, self.may_answer = threading.Event(), threading.Event()
        self.may_answer.set()  # cleared, it takes the next letter and says nothing
        self.asked, self.may_take = threading.Event(), threading.Event()
        self.may_take.set()  # cleared, it reads the next letter and does not take it yet
        self.holds = None  # receivers whose letters that is about; None: everybody's
        self.port = free_port()
        self.controller = None

    @property
    def receivers(self):
        """To whom letters went, in their order."""
        return [letter["To"] for letter in self.letters]

    @property
    def copies(self):
        """How often each letter came, by its Message-ID."""
        return Counter(letter["Message-ID"] for letter in self.letters)

    def says(self, stage, answer, to=None, times=1_000_000):
        self.answers.append([stage, answer, to, times])

    def says_nothing_special(self):
        self.answers.clear()

    def answer(self, server, stage, receiver=None):
        """What was asked for at this stage, or None; hangs up where that is it."""
        for held in self.answers:
            if held[0] == stage and held[2] in (None, receiver) and held[3] > 0:
                held[3] -= 1
                if held[1] == HANGS_UP:
                    server.transport.abort()
                    return "421 goodbye"
                return held[1]
        return None

    def live(self):
        """Listen, on the same port each time."""
        self.controller = _Controller(_Hooks(self), hostname="127.0.0.1", port=self.port)
        self.controller.start()
        return self

    def die(self):
        """Hang up on everybody, and be gone."""
        if self.controller:
            self.controller.hang_up()
            self.controller.stop()
            self.controller = None

    def __enter__(self):
        return self.live()

    def __exit__(self, *_):
        self.may_answer.set()
        self.may_take.set()
        self.die()


class _Hooks:
    """What aiosmtpd calls. Apart from `MailServer`, whose properties it would read each time."""

    def __init__(self, held):
        self.held = held

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if answer := self.held.answer(server, "MAIL"):
            return answer
        envelope.mail_from = address
        return "250 fine"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.held.drops:
            self.held.drops.remove(address)
            server.transport.abort()
            return "421 goodbye"
        if address in self.held.refuses:
            return "550 nobody of this name here"
        if answer := self.held.answer(server, "RCPT", address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        receiver, wait = envelope.rcpt_tos[0], asyncio.get_running_loop().run_in_executor
        self.held.busy += 1
        self.held.busiest = max(self.held.busiest, self.held.busy)
        try:
            if self.held.holds is None or receiver in self.held.holds:
                self.held.asked.set()
                if not self.held.may_take.is_set():  # who hangs up meanwhile has not handed it over
                    await wait(None, self.held.may_take.wait, 30)
            if answer := self.held.answer(server, "DATA", receiver):
                return answer
            self.held.letters.append(message_from_bytes(envelope.content, policy=policy.default))
            self.held.senders.append(envelope.mail_from)
            self.held.has_letter.set()
            if not self.held.may_answer.is_set():
                await wait(None, self.held.may_answer.wait, 30)
            return self.held.answer(server, "TAKEN", receiver) or "250 taken"
        finally:
            self.held.busy -= 1


class _Controller(Controller):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.talks = []

    def factory(self):
        self.talks.append(SMTP(self.handler, **self.SMTP_kwargs))
        return self.talks[-1]

    def hang_up(self):
        hung = threading.Event()

        def abort():
            for talk in self.talks:
                with contextlib.suppress(AttributeError):  # over already
                    talk.transport.abort()
            hung.set()

        self.loop.call_soon_threadsafe(abort)
        hung.wait(5)
