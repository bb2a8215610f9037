"""Sixty people answer at the same moment, by their letters' links at both doors: each answer is kept once, in order."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.catalogue.crowd import Crowd, Page, when
from tests.catalogue.served import ORIGIN, Real

PEOPLE = 60
ROUNDS = ("yes", "maybe", "no")
ANSWERS = """
SELECT person.key, invitation.answer, invitation.note FROM seminars_invitation invitation
JOIN seminars_person person ON person.id = invitation.person_id
"""
SEQ = "SELECT live_seq FROM seminars_session"


def answer_of(real: Real, who: str, answer: str, note: str, door: int) -> int:
    token = "t" * 32
    headers = [
        f"Cookie: csrftoken={token}",
        f"Origin: {ORIGIN}",
        "Content-Type: application/x-www-form-urlencoded",
    ]
    body = f"csrfmiddlewaretoken={token}&answer={answer}&note={note}"
    path = f"/i/{real.data['invitations'][who]}/answer/"
    return real.ask("POST", path, *headers, body=body, door=door)[0]


async def test_g01_sixty_people_answer_at_once_and_each_answer_is_kept_once_in_order(
    fresh: Callable[..., Any], figures: Callable[..., None]
) -> None:
    real: Real = fresh()
    people = real.data["guests"][:PEOPLE]
    together, taken = threading.Barrier(PEOPLE), Counter[int]()
    slowest = [0.0]

    def answers(place: int) -> None:
        for number, answer in enumerate(ROUNDS):
            together.wait(60)
            began = time.monotonic()
            taken[answer_of(real, people[place], answer, f"{answer}-{place}", place + number)] += 1
            slowest.append(time.monotonic() - began)

    with real:
        host = Page(real, "dominique", as_host=True)
        async with Crowd([host]):
            before = real.rows(SEQ)[0][0]
            with ThreadPoolExecutor(PEOPLE) as threads:
                loop = asyncio.get_running_loop()
                await asyncio.gather(
                    *(loop.run_in_executor(threads, answers, place) for place in range(PEOPLE))
                )
            after = real.rows(SEQ)[0][0]
            await when(lambda: host.number >= after, 15)
            seen = Counter(
                row["answer"] for row in host.state["people"].values() if row["role"] == "participant"
            )
            numbers = [frame[1] for _, frame in host.frames if frame[0] in ("live.changed", "tick")]
    kept = {key: (answer, note) for key, answer, note in real.rows(ANSWERS)}
    figures(answers=taken.total(), statuses=dict(taken), numbers=after - before, slowest_seconds=max(slowest))
    assert set(taken) <= {302, 303}
    assert after - before == PEOPLE * len(ROUNDS)
    assert {kept[who] for who in people} == {("no", f"no-{place}") for place in range(PEOPLE)}
    assert all(kept[who][1] == f"no-{place}" for place, who in enumerate(people))
    assert seen["no"] == PEOPLE
    assert numbers == sorted(numbers)
