"""What has happened in one session and was not told yet: which facts leave as one change, and when.

It knows no loop, no thread and no database; the clock is the caller's (seconds, monotonic). Four rules:
presence, pulse and answers to a check of one tick leave together, and anything else takes them along at once; one
person's presence moves other people's screens once per hold, and the truth follows when that is over; numbers leave in
order and without a gap; where one is missing for longer than messages overtake one another, everything is told anew.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from seminars.facts import CheckAnswered, Fact, PresenceChanged, PulseTaken

OVERTAKING = 0.2
"""Seconds in which a number may still come that others have overtaken, by another thread or process."""
AGAIN = 1.0
"""Seconds after a change that could not be read."""
CALM = (PresenceChanged, PulseTaken, CheckAnswered)
"""What a whole room may say within seconds."""


@dataclass(frozen=True, slots=True)
class Change:
    """What leaves together: every number after `since` up to `seq`.

    `happened` is for those whom it touches, `shown` for everybody else; a whole change says all there is instead.
    """

    session_id: int
    since: int
    seq: int
    happened: tuple[Fact, ...] = ()
    shown: tuple[Fact, ...] = ()
    is_whole: bool = False


@dataclass(slots=True)
class Gathering:
    """The facts of one session between two changes.

    `told` is the number that every screen here has been told, None before the first snapshot; `known` the highest
    one that is known to exist. Times are `tick` and `hold` in seconds.
    """

    session_id: int
    tick: float
    hold: float
    told: int | None = None
    known: int = 0
    is_busy: bool = False
    has_spoken: bool = False
    must_tell_all: bool = False
    taken_at: float = -math.inf
    next_at: float = -math.inf
    waiting: dict[int, Fact] = field(default_factory=dict)
    moved: dict[int, float] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    gap: tuple[int, float] | None = None

    def start(self, seq: int, present: float) -> None:
        """A reader begins with a snapshot of that number; the lowest counts, until something was told."""
        if self.told is None or (seq < self.told and not self.has_spoken):
            self.told = seq
        self._forget()
        self.look(seq, present)

    def hear(self, fact: Fact, present: float) -> None:
        """A fact, in any order and perhaps repeated."""
        if self.told is None or fact.seq > self.told:
            self.waiting[fact.seq] = fact
        self.look(fact.seq, present)

    def look(self, seq: int, present: float) -> None:
        """That number exists, whether its fact ever comes or not."""
        self.known = max(self.known, seq)
        self._watch_for_gap(present)

    def due(self, present: float) -> float | None:
        """When to take the next change; None while there is nothing to tell, nobody to tell it to, or one under way."""
        if self.told is None or self.is_busy:
            return None
        if self.must_tell_all:
            return self.next_at
        head, times = self._head(), []
        if head > self.told:
            is_calm = all(isinstance(self.waiting[seq], CALM) for seq in range(self.told + 1, head + 1))
            times.append(max(self.next_at, present) if is_calm else present)
        if self.gap is not None:
            times.append(self.gap[1])
        if self.held:
            times.append(max(self.next_at, min(self.moved[person] for person in self.held) + self.hold))
        return min(times, default=None)

    def take(self, present: float) -> Change:
        """What leaves now. `done` or `failed` must follow before the next one."""
        since = self.told or 0
        self.is_busy, self.taken_at = True, present
        if self.must_tell_all or (self.gap is not None and self.gap[1] <= present):
            return self._whole(since, self.known)
        head = self._head()
        happened = tuple(self.waiting.pop(seq) for seq in range(since + 1, head + 1))
        if any(type(fact) is Fact for fact in happened):  # of a kind that only a newer process knows
            return self._whole(since, head)
        shown = (*self._shown(happened, present), *self._released(head, present))
        return Change(self.session_id, since, head, happened, shown)

    def _whole(self, since: int, seq: int) -> Change:
        """What was heard until now is in what is read from now on, or was never true: only later numbers count."""
        self.waiting.clear()
        self.known = 0
        return Change(self.session_id, since, seq, is_whole=True)

    def done(self, change: Change, seq: int, present: float) -> None:
        """The change has left; `seq` is its number, which a whole one learns when it is read."""
        self.told, self.has_spoken = seq, True
        self.known = max(self.known, seq)
        if change.is_whole:
            self.must_tell_all = False
            self.held.clear()
        reading = present - self.taken_at  # a slow database has at least half of the time for others
        self._settle(present, max(self.taken_at + self.tick, present + reading))

    def failed(self, change: Change, present: float) -> None:
        """The change could not be read: all is told as soon as it can be."""
        self.must_tell_all, self.known = True, max(self.known, change.seq)
        self._settle(present, present + AGAIN)

    def _settle(self, present: float, next_at: float) -> None:
        self.is_busy, self.next_at = False, next_at
        self._forget()
        self._watch_for_gap(present)

    def _head(self) -> int:
        """The last number up to which none is missing."""
        head = self.told or 0
        while head + 1 in self.waiting:
            head += 1
        return head

    def _forget(self) -> None:
        self.waiting = {seq: fact for seq, fact in self.waiting.items() if seq > (self.told or 0)}

    def _watch_for_gap(self, present: float) -> None:
        if self.told is None or self.is_busy:
            return
        missing = self._head() + 1
        if missing > self.known:
            self.gap = None
        elif self.gap is None or self.gap[0] != missing:
            self.gap = (missing, present + OVERTAKING)

    def _shown(self, facts: Iterable[Fact], present: float) -> Iterable[Fact]:
        """The facts without those people whose screen presence has moved just now."""
        for fact in facts:
            if not isinstance(fact, PresenceChanged):
                yield fact
            elif people := tuple(person for person in fact.people if self._may_move(person, present)):
                yield replace(fact, people=people)

    def _may_move(self, person: int, present: float) -> bool:
        last = self.moved.get(person, -math.inf)
        if last != present and last + self.hold > present:
            self.held.add(person)
            return False
        self.held.discard(person)
        self.moved[person] = present
        return True

    def _released(self, seq: int, present: float) -> Iterable[Fact]:
        """Those whose hold is over, as one fact; who moved long ago is forgotten."""
        over = {person for person, last in self.moved.items() if last + self.hold <= present}
        people = tuple(sorted(self.held & over))
        for person in over:
            del self.moved[person]
        if people:
            self.held.difference_update(people)
            self.moved.update(dict.fromkeys(people, present))
            yield PresenceChanged(self.session_id, seq, people)
