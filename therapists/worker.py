"""Works through the queue for years: procrastinate's worker, begun again whenever it had to end.

Procrastinate's own worker ends with its connection to the database. Here it is begun again until it
is asked to stop (SIGTERM, SIGINT, SIGHUP, or the end of the process it belongs to), and beside it
somebody looks every few seconds for what got lost: jobs of workers that were killed, and letters
that are due and have no job.
"""

import asyncio
import contextlib
import logging
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException, ProcrastinateException
from procrastinate.psycopg_connector import PsycopgConnector

from therapists.contact import delivery

log = logging.getLogger(__name__)

# A worker that has not been heard of for so long is taken for dead; it is heard of every 10.
DEAD_AFTER = 60
LONGEST_PAUSE = 30
OF_THE_DATABASE = (ConnectorException, OperationalError, InterfaceError, psycopg.Error)


async def work(concurrency, belongs_to=None):
    """Send what there is to send until asked to stop. What is being sent by then is sent."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, partial(_ask_to_stop, loop, number, stop))
    # One for each letter, and for what is looked up beside them.
    loop.set_default_executor(ThreadPoolExecutor(concurrency + 2))
    # What broke with the database's connection is told once, below.
    loop.set_exception_handler(lambda loop, context: None)
    watch = asyncio.create_task(_watch(belongs_to, stop)) if belongs_to else None
    state = _State()
    while not stop.is_set():
        fault = await _shift(concurrency, state, stop)
        if not stop.is_set():
            state.stopped(fault)
            await _wait(stop, state.pause)
    if watch:
        watch.cancel()


def _ask_to_stop(loop, number, stop):
    """Asked a second time, it ends at once."""
    loop.remove_signal_handler(number)
    signal.signal(number, signal.SIG_DFL)
    delivery.stopping.set()
    stop.set()


async def _watch(parent, stop):
    """`make run` has a worker that ends with its server, however that ended."""
    while os.getppid() == parent:
        await asyncio.sleep(0.5)
    delivery.stopping.set()
    stop.set()


async def _wait(stop, seconds):
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


class _State:
    """Says once that the queue stopped, and once that it works again."""

    def __init__(self):
        self.pause, self.is_down = 0.5, False

    def stopped(self, fault):
        if not self.is_down:
            log.warning("The queue stopped (%s) and begins again as soon as it can", fault)
            self.is_down = True
        else:
            self.pause = min(self.pause * 2, LONGEST_PAUSE)

    def works(self):
        if self.is_down:
            log.warning("The queue works again")
        self.pause, self.is_down = 0.5, False


async def _shift(concurrency, state, stop):
    """Work until it is over, one way or another. Returns the kind of fault that ended it."""
    try:
        # Also starts the embedded server, should it be gone.
        await _in_a_thread(lambda: connection.ensure_connection())
    except Exception as error:
        return type(error).__name__
    connector = PsycopgConnector(
        kwargs=connector_params(), min_size=1, max_size=3, timeout=10, reconnect_timeout=10
    )
    try:
        with app.replace_connector(connector):
            try:
                await connector.open_async()
                return await _side_by_side(
                    # Signals are ours. Cancelled, it ends what it has begun.
                    app.run_worker_async(concurrency=concurrency, install_signal_handlers=False),
                    _keep_up(state),
                    stop.wait(),
                )
            finally:
                await connector.close_async()
    except Exception as error:
        return _told(error)


async def _side_by_side(worker, *beside):
    """Run them until one ends, then end the others. Returns the kind of fault, or "".

    The worker is asked to end once, and ends what it has begun. Those beside it are asked until
    they do: over a connection that is lost at this moment, libraries ask the database again and
    forget that they were cancelled.
    """
    worker, *beside = tasks = [asyncio.ensure_future(one) for one in (worker, *beside)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    worker.cancel()
    while running := [task for task in tasks if not task.done()]:
        for task in beside:
            task.cancel()
        await asyncio.wait(running, timeout=1)
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    faults = [_told(one) for one in outcomes if isinstance(one, Exception)]
    return faults[0] if faults else "its connection ended"


def _told(fault):
    """The name of its kind. What is not the database's is a fault of ours, and told where it is."""
    if not isinstance(fault, OF_THE_DATABASE):
        log.error("The queue's worker broke", exc_info=fault)
    return type(fault).__name__


async def _keep_up(state):
    """Every few seconds: give a job to what is due and has none, and take over from the dead."""
    while True:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
            with contextlib.suppress(ProcrastinateException):  # another worker was quicker
                await app.job_manager.retry_job(job)
        numbers = await _in_a_thread(delivery.jobless)
        if numbers:
            each = [{"delivery": number} for number in numbers]
            await app.configure_task(delivery.TASK).batch_defer_async(*each)
        state.works()
        await asyncio.sleep(settings.QUEUE_UPKEEP_EVERY)


async def _in_a_thread(question):
    """The answer; Django's connections belong to threads, and the loop's own must not wait."""

    def asked():
        close_old_connections()
        try:
            return question()
        finally:
            close_old_connections()

    return await sync_to_async(asked, thread_sensitive=False)()
