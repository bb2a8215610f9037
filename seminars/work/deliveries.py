"""Letters by the handful: claim -> draw -> keep the bytes -> send one after the other, noting each before the next."""

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from seminars.models import Letter
from seminars.moments import now
from seminars.vocabulary import LetterState
from seminars.wording import Series
from seminars.work import outbox
from seminars.work.mailing import Away, Never, NotNow, Outlet, Stale, Unanswered, Unclear, outlet
from seminars.work.needs import moot
from seminars.work.outbox import Outcome
from seminars.work.rates import rates

log = logging.getLogger(__name__)
BATCH = 100
"""After so many letters the other work has its turn."""
HANDFUL = 25
"""Claimed and drawn at once."""
FRESH = 0.25
"""Of a lease: once so much of it is over it is renewed, so that the rest is there for the letter in hand."""
ANSWERED = re.compile(r"[2-5]\d\d |sender: |cut: ")
"""Begins the words of a try that met a greeted server: what is unclear once more is this letter's own affair."""
TOLD_AFTER, TOLD_AGAIN = timedelta(minutes=15), timedelta(hours=1)
"""Once the way out was closed for so long it is said as an error, and again at such intervals."""


def deliver(*, owner: str, stop: threading.Event) -> int:
    """Sends what is due, at most a BATCH, over one connection; returns how many left. Ends early when told to stop.
    Raises Away when the way out is closed, since the next letter would fare no better."""
    postman = Postman(owner)
    try:
        return postman.round(stop)
    finally:
        postman.close()


def hand_over(letters: Iterable[Letter], way: Outlet) -> int:
    """Draws and sends letters that no database knows, for measuring; returns how many. Raises as `Outlet.send`."""
    series, count = Series(), 0
    for letter in letters:
        way.ready()
        way.send(letter, series.draw(letter))
        count += 1
    return count


class Postman:
    """One worker's way through the outbox: its connection, its moulds, and what it has still to note."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.way = outlet()
        self.rates = rates()
        self.series = Series()
        self.owed: list[Outcome] = []
        """Ended tries that the database could not take yet: noted first, or else letters would leave twice."""
        self.holds = False
        self.renewed = 0.0
        self.in_hand: UUID | None = None
        """The letter whose try is under way, or the next."""
        self.shut_since: datetime | None = None
        self.told: datetime | None = None

    def round(self, stop: threading.Event) -> int:
        """Sends at most a BATCH, returns how many left. Raises Away, or what the database raises; call it again."""
        self._clear()
        sent = taken = 0
        while taken < BATCH and not stop.is_set():
            self.renewed = time.monotonic()
            hand = outbox.claim(owner=self.owner, most=min(HANDFUL, BATCH - taken))
            if not hand:
                break
            self.holds, taken = True, taken + len(hand)
            ready = deque(self._drawn(hand))
            sent += self._carry(ready, stop)
            self.holds = bool(ready)
        self._clear()
        if not taken:
            self.way.rest()
        return sent

    def close(self) -> None:
        """Notes what ended, gives back the rest. Raises what the database raises."""
        self.way.close()
        self._clear()

    def let_go(self) -> int:
        """Gives back all but the letter in hand; for another thread, after `stop` was set. Raises as the database."""
        return outbox.release(owner=self.owner, but=self.in_hand)

    def _clear(self) -> None:
        self._note()
        if self.holds:
            outbox.release(owner=self.owner)
            self.holds = False

    def _note(self, *outcomes: Outcome) -> None:
        self.owed += outcomes
        outbox.settle(self.owed)
        self.owed = []

    def _drawn(self, hand: list[Letter]) -> list[Letter]:
        """Those of a handful that are to leave, each with its bytes, which are kept from before the first try."""
        needed: list[Letter] = []
        ended: list[Outcome] = []
        fresh: list[Letter] = []
        pointless = moot(hand)
        for letter in hand:
            if letter.pk in pointless:
                ended.append(Outcome(letter, LetterState.SUPERSEDED))
            else:
                needed.append(letter)
        self.series.expect(needed)
        for letter in needed:
            if letter.content is not None:
                continue
            try:
                letter.content = self.series.draw(letter)
                fresh.append(letter)
            except ValueError as refused:
                ended.append(Outcome(letter, LetterState.FAILED, str(refused)))
                log.exception("letter %s can't be written", letter.pk)
            except Exception as fault:
                # One letter that can't be drawn must not hold up the others; it is tried again and shown in the log.
                ended.append(Outcome(letter, None, type(fault).__name__))
                log.exception("letter %s could not be drawn", letter.pk)
        outbox.keep(fresh)
        self._note(*ended)
        return [letter for letter in needed if letter.content is not None]

    def _carry(self, hand: deque[Letter], stop: threading.Event) -> int:
        sent = 0
        while hand:
            # Before the look at `stop`: whoever sets it may let go the others at once.
            self.in_hand = hand[0].pk
            if stop.is_set():
                break
            if self._must_wait(hand):
                continue
            try:
                outcome = self._tried(hand)
            except Away as fault:
                log.warning("letter %s waits: %s", hand[0].pk, fault)
                self._tell(fault)
                self._note(Outcome(hand[0], None, str(fault), is_counted=False))
                self._clear()
                raise
            if outcome is not None:
                self.shut_since = self.told = None
                self._note(outcome)
                sent += outcome.state == LetterState.SENT
        self.in_hand = None
        return sent

    def _must_wait(self, hand: deque[Letter]) -> bool:
        """Puts off the first letter where a rate is used up: noted with the next that ends, since nothing has left."""
        wait = self.rates.wait(hand[0]) if self.rates else 0.0
        if wait:
            first = hand.popleft()
            self.owed.append(Outcome(first, None, first.last_error, is_counted=False, wait=wait))
        return bool(wait)

    def _tell(self, fault: Away) -> None:
        """Who runs this must read it, though each letter may be found waiting for no fault of its own."""
        present = now()
        self.shut_since = self.shut_since or present
        is_due = self.told is None or present - self.told >= TOLD_AGAIN
        if present - self.shut_since >= TOLD_AFTER and is_due:
            self.told = present
            log.error("no letter could leave since %s: %s", self.shut_since.isoformat(" ", "minutes"), fault)

    def _tried(self, hand: deque[Letter]) -> Outcome | None:
        """The first letter's try, taken off the hand unless the way is closed; None when it is no longer ours."""
        first = hand[0]
        try:
            if not self._sends(first, hand):
                return None
        except Never as refused:
            outcome = Outcome(first, LetterState.FAILED, str(refused))
        except Away:
            raise
        except Unclear as fault:
            log.warning("letter %s waits: %s", first.pk, fault)
            if not ANSWERED.match(first.last_error):  # the first time, it is the server's affair
                raise Away(str(fault)) from fault
            outcome = Outcome(first, None, str(fault))
        except NotNow as fault:
            log.warning("letter %s waits: %s", first.pk, fault)
            outcome = Outcome(first, None, str(fault), is_answered=not isinstance(fault, Unanswered))
        else:
            outcome = Outcome(first, LetterState.SENT)
        hand.popleft()
        return outcome

    def _sends(self, first: Letter, hand: deque[Letter]) -> bool:
        """False when it is no longer ours; once more on a new connection, where a kept one had ended meanwhile."""
        for _ in range(2):
            self.way.ready()
            if not self._holds_still(hand) or hand[0] is not first:
                return False
            try:
                self.way.send(first, bytes(first.content or b""))
            except Stale as fault:
                ended = fault
            else:
                return True
        raise ended

    def _holds_still(self, hand: deque[Letter]) -> bool:
        """Renews the leases of the hand in time, and lets go what passed to another."""
        present = time.monotonic()
        if present - self.renewed > settings.LETTER_LEASE_SECONDS * FRESH:
            ours = outbox.hold(hand)
            hand.clear()
            hand.extend(ours)
            self.renewed = present
        return bool(hand)
