"""A running and a past session full of hostile words, in the database of STATE_DIR: for the browser (C-09).

`python -m tests.catalogue.hostile` prints the codes of both and the names it has given; `… again CODE` lets one more
guest arrive and publishes one more message while pages are open.
"""

import json
import os
import sys
import uuid
from datetime import datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from seminars.actions import answers, attendance, feedback, invitations, letters, sessions  # noqa: E402 - the apps come first
from seminars.models import Organisation, Person, Session  # noqa: E402
from seminars.moments import as_if, local, now  # noqa: E402
from seminars.vocabulary import Answer, Mode  # noqa: E402
from tests import cast  # noqa: E402

HIT = "window.__hit=1"
WORDS = [
    f"<img src=x onerror={HIT}>",
    f"<svg/onload={HIT}>",
    f"javascript:{HIT}",
    f"<script>{HIT}</script>",
    f"</script><script>{HIT}</script>",
    f"'\"><b onmouseover={HIT} autofocus onfocus={HIT}>",
    f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={HIT}&gt;">',
    f'<noscript><p title="</noscript><img src=x onerror={HIT}>">',
    "{{ 7|add:7 }}{% now 'Y' %}${7*7}",
    f"<a href=javascript:{HIT}>x</a>",
]
"""Marks, attributes, a script, an address, mutation of a parser, templates."""


def plan(host: Person, start: datetime, number: int) -> Session:
    texts = {f"title_{language}": WORDS[number][:190] for language in ("fr", "it")}
    texts |= {f"summary_{language}": " ".join(WORDS) for language in ("fr", "it")}
    return cast.make_session(
        host, start, place=WORDS[1], mode=Mode.HYBRID, is_public=True, min_presence_percent=50, **texts
    )


def guests(session: Session, prefix: str) -> list[Person]:
    addresses = [
        invitations.Address(n, f"{prefix}{n}@example.org", words[:120]) for n, words in enumerate(WORDS)
    ]
    invitations.invite(session=session, by=session.created_by, addresses=addresses)
    for each in session.invitations.select_related("person"):
        answers.answer(invitation=each, answer=Answer.YES, note=WORDS[0])
    return [each.person for each in session.invitations.select_related("person").order_by("pk")]


def arrive(session: Session, *people: Person, for_video: bool = False) -> None:
    for person in people:
        keys = {"connection": uuid.uuid4(), "event": uuid.uuid4()}
        attendance.arrive(session=session, person=person, for_video=for_video, **keys)


def running(host: Person) -> Session:
    session = plan(host, local(now(), "Europe/Paris").replace(tzinfo=None) + timedelta(minutes=2), 0)
    people = guests(session, "hostile")
    session = sessions.open_(session=session, by=host)
    arrive(session, *people[:4])
    arrive(session, people[4], for_video=True)
    letters.publish(session=session, by=host, text_fr=" ".join(WORDS), text_it=" ".join(WORDS))
    return session


def past(host: Person) -> Session:
    start = now() - timedelta(days=1)
    with as_if(start - timedelta(hours=1)):
        session = plan(host, start, 6)
        people = guests(session, "past")
    with as_if(start):
        session = sessions.open_(session=session, by=host)
        arrive(session, *people[:6])
        arrive(session, people[6], for_video=True)
    with as_if(start + timedelta(minutes=95)):
        attendance.confirm(session=session, by=host, reason=WORDS[0])
        session = sessions.close(session=session, by=host, reason=WORDS[1])
        for person, words in zip(people[:6], WORDS, strict=False):
            given = dict.fromkeys(feedback.STEPS, 4) | {"pace": 3, "keep": words, "improve": words}
            feedback.give(session=session, person=person, language="fr", **given)
    return session


def main() -> None:
    if sys.argv[1:2] == ["again"]:
        session = Session.objects.get(code=sys.argv[2])
        arrive(session, session.invitations.order_by("pk")[5].person)
        letters.publish(
            session=session, by=session.created_by, text_fr=f"encore {WORDS[0]}", text_it=f"ancora {WORDS[0]}"
        )
        return
    host = Person.objects.get(key="p04")
    Organisation.objects.filter(pk=host.organisation_id).update(name_fr=WORDS[0], name_it=WORDS[1])
    host.refresh_from_db()
    codes = {"running": running(host).code, "past": past(host).code}
    json.dump(codes | {"words": WORDS}, sys.stdout)


if __name__ == "__main__":
    main()
