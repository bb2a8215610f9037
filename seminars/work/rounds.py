"""The worker's rounds, in a thread of the server or in a process of its own: letters, what is due, stale leases."""

import logging
import os
import secrets
import socket
import threading
import time

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import InterfaceError, OperationalError, connection

from seminars.actions import attendance, checks, forgetting, letters, people, reminders, substitutions
from seminars.work.certifying import Certifier
from seminars.work.deliveries import Postman
from seminars.work.inbox import Inbox
from seminars.work.mailing import Away
from seminars.work.retaining import Keeper

log = logging.getLogger(__name__)
LONGEST_REST = 30.0
DUE_SECONDS = 30.0
"""How often a worker looks for reminders that are due."""
DAY = 86_400.0


def new_owner() -> str:
    """A name for this worker's claims, of at most 60 characters."""
    return f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"


def work(stop: threading.Event, postman: Postman | None = None) -> None:
    """Works until told to stop: then the letter in hand is finished, and what else is held is given back.
    Whoever names the postman may `let_go` what it holds before that.

    A database or a mail server that is away is waited for, longer each time. Any other fault is logged and waited for
    likewise: a live room must not close because a letter could not leave.
    """
    postman, inbox, rest = postman or Postman(new_owner()), Inbox(), settings.WORK_PAUSE_SECONDS
    certifier, keeper = Certifier(new_owner()), Keeper()
    swept, posted, tidied = -settings.SWEEP_SECONDS, -DUE_SECONDS, -DAY
    try:
        while not stop.is_set():
            try:
                if time.monotonic() - swept >= settings.SWEEP_SECONDS / 3:
                    swept = time.monotonic()
                    attendance.sweep()
                    checks.ask_due()
                if time.monotonic() - posted >= DUE_SECONDS:
                    posted = time.monotonic()
                    reminders.post_due()
                if time.monotonic() - tidied >= DAY:
                    tidied = time.monotonic()
                    _tidy()
                inbox.visit(stop)
                sent = postman.round(stop)
                rest = settings.WORK_PAUSE_SECONDS
                has_more = [certifier.round(), keeper.round()]
                if any(has_more) or sent:
                    continue
            except Away:
                rest = min(2 * rest, LONGEST_REST)
            except (OperationalError, InterfaceError) as fault:
                rest = min(2 * rest, LONGEST_REST)
                log.warning("the database is away (%s), next try in %.1f s", fault, rest)
                _hang_up()
            except Exception:
                rest = min(2 * rest, LONGEST_REST)
                log.exception("a round of work failed, next try in %.1f s", rest)
                _hang_up()
            stop.wait(rest)
    finally:
        _give_back(postman, certifier)
        _hang_up()


def _tidy() -> None:
    """Once a day: what nobody needs any more goes."""
    SessionStore.clear_expired()
    letters.forget_bytes()
    people.forget_links()
    substitutions.forget()
    forgetting.forget_strangers()


def _give_back(postman: Postman, certifier: Certifier) -> None:
    try:
        postman.close()
        certifier.close()
    except (OperationalError, InterfaceError) as fault:
        log.warning("claims were not given back, their leases will end: %s", fault)


def let_go(postman: Postman) -> None:
    """After a stop, from another thread: a mail server that takes its time over one letter holds up that one only."""
    try:
        postman.let_go()
    except (OperationalError, InterfaceError) as fault:
        log.warning("claims were not given back, their leases will end: %s", fault)
    finally:
        _hang_up()


def _hang_up() -> None:
    """A broken connection is useless, and a thread that ends must leave none open; in a transaction it is not ours."""
    if not connection.in_atomic_block:
        connection.close()
