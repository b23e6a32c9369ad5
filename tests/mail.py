"""A real mail server on this machine, which refuses and hangs up as a test wants."""

import asyncio
import threading
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from tests.processes import free_port


class MailServer:
    """Takes letters for anybody but `refuses`; hangs up on each of `drops` once."""

    def __init__(self):
        self.letters, self.refuses, self.drops = [], set(), []
        self.has_letter, self.may_answer = threading.Event(), threading.Event()
        self.may_answer.set()  # cleared, it takes the next letter and says nothing
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def port(self):
        return self.controller.port

    @property
    def receivers(self):
        """To whom letters went, in their order."""
        return [letter["To"] for letter in self.letters]

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.drops:
            self.drops.remove(address)
            server.transport.abort()
            return "421 goodbye"
        if address in self.refuses:
            return "550 nobody of this name here"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        self.has_letter.set()
        await asyncio.get_running_loop().run_in_executor(None, self.may_answer.wait, 30)
        return "250 taken"

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()
