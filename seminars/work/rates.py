"""How fast letters may leave: so many in any minute or hour, to the server as a whole and to one domain's addresses.

A rate is a few places, each free again some seconds after a letter took it; so that no window of that length ever holds
more, however many workers there are. Letters that had to wait form one line: each is given a moment, at which its place
comes before those of letters that came later, which stand behind as long as anybody waits. Places and line lie in the
cache that all processes share, and in each process's own memory while that is away.
"""

import time
from dataclasses import dataclass, field

from django.conf import settings
from django.core.cache import caches

from seminars.models import Letter
from seminars.postal import read_rate
from seminars.vocabulary import LetterKind

REMEMBERED = 3600.0
"""Seconds for which a letter that is late for its moment still stands before newcomers: its worker was away."""


@dataclass
class Rate:
    """One rate, for each `who` apart."""

    name: str
    places: int
    seconds: int
    turns: dict[str, int] = field(default_factory=dict)
    """By `who`, the place that is probably free: mostly one question is enough."""

    def take(self, who: str) -> tuple[str, float]:
        """(the place taken, 0.0), or ("", seconds until one is free)."""
        shared, turn = caches["shared"], self.turns.get(who, 0)
        self.turns[who] = (turn + 1) % self.places
        names = [f"rate:{self.name}:{who}:{number}" for number in range(self.places)]
        if shared.add(names[turn], time.time() + self.seconds, self.seconds):
            return names[turn], 0.0
        for _ in range(2):
            present, taken = time.time(), shared.get_many(names)
            for name in names:
                if name not in taken and shared.add(name, present + self.seconds, self.seconds):
                    return name, 0.0
            if len(taken) == self.places:
                break
        frees = min(taken.values(), default=present + self.seconds)
        return "", min(max(0.05, frees - present), float(self.seconds))

    def ask(self, who: str, letter: Letter) -> tuple[str, float]:
        """(the place that this letter may take, 0.0), or ("", seconds until the moment that it is given).

        A sign-in mail, which somebody waits for, is tried at the next free place, before whatever waits.
        """
        if letter.kind == LetterKind.SIGN_IN:
            return self.take(who)
        line, mark = f"rate:{self.name}:{who}:line", f"rate:{self.name}:{who}:{letter.pk}"
        found, present, wait = caches["shared"].get_many([line, mark]), time.time(), 0.0
        if mark in found or found.get(line, 0.0) <= present:
            place, wait = self.take(who)
            if place:
                return place, 0.0
        return "", self._stand(line, mark, is_known=mark in found, after=present + wait)

    def _stand(self, line: str, mark: str, *, is_known: bool, after: float) -> float:
        """Seconds until a moment at the end of the line; or of those who stood in it and found no place, which is
        before it."""
        shared, present, step = caches["shared"], time.time(), self.seconds / self.places
        ends = shared.get_many([line, f"{line}:again"])
        own = f"{line}:again" if is_known else line
        moment = max(after, ends.get(own, 0.0) + step)
        pushed = step if after - present > step else 0.0  # not for one that came a hair too early
        for end, until in {own: moment, line: max(moment, ends.get(line, 0.0) + pushed)}.items():
            shared.set(end, until, until - present + self.seconds)
        shared.set(mark, 1, moment - present + REMEMBERED)
        return moment - present


@dataclass(frozen=True)
class Rates:
    """Both rates of the settings; None where none is set."""

    whole: Rate | None
    per_host: Rate | None

    def wait(self, letter: Letter) -> float:
        """Takes a place for a letter that is about to leave: 0.0, or seconds until it is to be tried again."""
        host = letter.person.email.rpartition("@")[2].lower()
        held = ""
        for rate, who in ((self.whole, "all"), (self.per_host, host)):
            if rate is None:
                continue
            place, wait = rate.ask(who, letter)
            if not place:
                if held:
                    caches["shared"].delete(held)
                return wait
            held = place
        return 0.0


def rates() -> Rates | None:
    """As the settings say; None for none. Raises ValueError where they are malformed, which a system check refuses."""
    given = (settings.MAIL_RATE, settings.MAIL_RATE_PER_HOST)
    whole, per_host = (
        Rate(name, *read_rate(words)) if words else None
        for name, words in zip(("all", "host"), given, strict=True)
    )
    return Rates(whole, per_host) if whole or per_host else None
