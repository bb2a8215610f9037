"""A process that acts when it is told, beside servers that have to see it: `python -m tests.web.feedactor`.

One command a line, `name argument`; one line of JSON when its transaction has committed.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - models need the loaded apps
from django.db import close_old_connections, connection  # noqa: E402

from seminars.actions import answers, people, sessions  # noqa: E402
from seminars.models import CalendarKey, FeedVersion, Invitation, Person, Session  # noqa: E402
from seminars.vocabulary import Role  # noqa: E402
from tests import cast  # noqa: E402
from web.feedversions import LISTENER  # noqa: E402


def seed(_: str) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    trainer = cast.person("elia", "Elia Prova", Role.TRAINER, "IT", "it-coop")
    session = cast.make_session(trainer, is_public=True)
    keys = {}
    for name in ("ange", "bruna", "cyrille"):
        guest = cast.person(name, name.title())
        cast.invite(session, guest)
        keys[name] = people.make_calendar_key(person=guest, name="phone")[1]
    return keys


def edit(title: str) -> None:
    session = Session.objects.get()
    sessions.edit(session=session, by=session.created_by, title_fr=title)


def answer(answer: str) -> None:
    answers.answer(invitation=Invitation.objects.get(person__key="ange"), answer=answer)


def revoke(name: str) -> None:
    people.revoke(key=CalendarKey.objects.get(person__key=name))


def renew(name: str) -> None:
    people.renew(key=CalendarKey.objects.get(person__key=name))


def suspend(name: str) -> None:
    people.suspend(person=Person.objects.get(key=name))


def drop(name: str) -> None:
    """As somebody would do by hand in the database."""
    key = CalendarKey.objects.get(person__key=name)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM seminars_feedversion WHERE name = %s", [key.key_hash])


def used(name: str) -> str | None:
    return str(CalendarKey.objects.get(person__key=name).last_used_at)


def versions(_: str) -> int:
    return FeedVersion.objects.count()


def cut(_: str) -> int:
    """Ends the connections by which servers listen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = %s",
            [LISTENER],
        )
        (count,) = cursor.fetchone()
    return int(count)


ACTS: dict[str, Callable[[str], Any]] = {
    act.__name__: act for act in (seed, edit, answer, revoke, renew, suspend, drop, used, versions, cut)
}


def main() -> None:
    for line in sys.stdin:
        name, _, given = line.rstrip("\n").partition(" ")
        print(json.dumps(ACTS[name](given)), flush=True)
        close_old_connections()


if __name__ == "__main__":
    main()
