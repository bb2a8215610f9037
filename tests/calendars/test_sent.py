"""Sends every kind of message in both languages and zones across both clock changes of 2027, with difficult names.

What has to be among what was sent is `coverage.required()`; the last step of `make test` looks for it.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from seminars.actions import invitations, sessions
from seminars.ical import imip
from seminars.ical.entry import Attendee, Entry, Organizer
from seminars.ical.rules import Rule
from seminars.ical.series import Guest, Series, Step
from seminars.models import Invitation, Person
from seminars.models.sessions import new_uid
from seminars.vocabulary import Mode
from tests import cast
from tests.calendars import coverage
from tests.judge import judge_mail
from tests.letterbox import Letterbox, Mail, read

ZONES = ("Europe/Paris", "Europe/Rome")
CHANGES = (datetime(2027, 3, 28), datetime(2027, 10, 31))
TITLES = {
    "fr": 'Dire « non », c’est "aider"; l’été : 🌻\nsuite',
    "it": 'Dire «no», perché "aiuta"; l’età: 🌻\nseguito',
}
NAMES = {"fr": 'Zoé "Gigi" Modèle; dite: la Brève, 🌻', "it": 'Noè "Gigi" Prova; detta: la Città, è 🌻'}
LONG = {"fr": "Très longue séance " * 11, "it": "Perché una sessione lunga " * 8}
DAY = timedelta(days=1)


@pytest.fixture
def letterbox(settings: Any, tmp_path: Path) -> Letterbox:
    return Letterbox(settings, tmp_path)


@pytest.fixture
def readers(db: None) -> dict[str, Person]:
    named = {"fr": ("zoe", "FR"), "it": ("noe", "IT")}
    return {
        language: cast.person(key, NAMES[language], country=country)
        for language, (key, country) in named.items()
    }


def sent_of(mails: list[Mail]) -> set[coverage.Combination]:
    sent = []
    for mail in mails:
        judged, language = judge_mail(mail.content), str(mail.message["Content-Language"])
        assert judged.faults == []
        if judged.calendar is not None:
            sent.append(coverage.Sent(language, judged.recipient, "", judged.calendar))
    return coverage.found(sent)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", CHANGES, ids=["March", "October"])
def test_a_session_is_invited_to_changed_and_cancelled(
    elia, readers, letterbox, clock, settings, zone, change
):
    start = change - DAY * 2 + timedelta(hours=9)
    session = cast.make_session(
        elia,
        start,
        timezone=zone,
        mode=Mode.HYBRID,
        place="Salle 1",
        title_fr=TITLES["fr"],
        title_it=TITLES["it"],
    )
    mails: list[Mail] = []

    def then(act: Callable[..., object], **given: Any) -> None:
        session.refresh_from_db()
        act(session=session, by=elia, **given)
        clock.forward(minutes=settings.EDITS_MERGED_MINUTES + 1)
        mails.extend(letterbox.run())

    cast.invite(session, *readers.values())
    mails += letterbox.run()
    later = change + DAY + timedelta(hours=14)
    then(sessions.move, slots=[(later, later + timedelta(hours=2))])
    then(sessions.move, slots=[(later, later + timedelta(hours=2))], place='Salle 2; étage 3, "bis"')
    then(sessions.edit, title_fr=LONG["fr"].strip()[:200], title_it=LONG["it"].strip()[:200])
    for language, country in (("fr", "FR"), ("it", "IT")):
        person = cast.person(f"late-{language}", f"Late {language}", country=country)
        cast.invite(session, person, by=elia)
        mails += letterbox.run()
        invitations.withdraw(invitation=Invitation.objects.get(session=session, person=person), by=elia)
        mails += letterbox.run()
    then(sessions.cancel)
    kinds = coverage.KINDS[: coverage.KINDS.index("series")]
    named = {when for when, at in coverage.CHANGES.items() if at.month == change.month}
    wanted = {(kind, tongue, zone, when) for kind in kinds for tongue in coverage.LANGUAGES for when in named}
    assert wanted - sent_of(mails) == set()


def test_a_confidential_session_says_nothing_of_itself(elia, readers, letterbox):
    start = datetime(2027, 3, 29, 9)
    titles = {"title_fr": "Le secret de Zoé", "title_it": "Il segreto di Noè"}
    session = cast.make_session(
        elia, start, mode=Mode.HYBRID, place="Salle 3", summary_fr="secret", is_confidential=True, **titles
    )
    cast.invite(session, *readers.values())
    mails = letterbox.run()
    assert {(coverage.CONFIDENTIAL, tongue) for tongue in coverage.LANGUAGES} <= sent_of(mails)
    for mail in mails:
        said = mail.calendar.replace(b"\r\n ", b"").decode().lower()
        assert not any(word in said for word in ("secret", "segreto", "salle 3"))


def entry(language: str, zone: str, first: datetime) -> Entry:
    made = datetime(2027, 1, 10, 8, tzinfo=UTC)
    start = first.replace(tzinfo=ZoneInfo(zone))
    return Entry(
        uid=new_uid(),
        sequence=0,
        stamp=made,
        created=made,
        modified=made,
        start=start,
        end=start + timedelta(hours=3),
        summary=TITLES[language],
        description="Riga; due, tre\nÉté \\ fin",
        location="Salle 1",
        url="https://viso.example/s/K7Q2",
        conference="https://viso.example/i/K7Q2/room/",
        conference_label="Rejoindre : la séance",
        language=language,
        rrule=Rule(freq="WEEKLY", count=6),
    )


class Post:
    """Sends the steps of a series to one reader, an hour apart."""

    def __init__(self, language: str) -> None:
        self.language, self.stamp, self.mails = language, datetime(2027, 1, 11, 8, tzinfo=UTC), list[Mail]()

    def send(self, step: Step, reader: str = "zoe") -> None:
        self.stamp = max([self.stamp + timedelta(hours=1), *(told.stamp for told in step.told)])
        organizer = Organizer(f"sessions+{reader}@viso.example", "Viso")
        person = Attendee(
            f"{reader}@example.org", NAMES[self.language], partstat="ACCEPTED", language=self.language
        )
        content = imip.compose(
            sender=(organizer.name, organizer.email),
            recipient=(" ".join(NAMES[self.language].split()), person.email),
            subject=step.told[0].summary,
            text="Bonjour",
            html=f'<p lang="{self.language}">Bonjour</p>',
            message_id=f"<{step.told[0].uid.partition('@')[0]}.{len(self.mails)}@viso.example>",
            date=self.stamp,
            language=self.language,
            calendar=step.message(Guest(organizer, person), stamp=self.stamp),
            method=step.method,
        )
        self.mails.append(read(content))


@pytest.mark.parametrize("language", coverage.LANGUAGES)
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", CHANGES, ids=["March", "October"])
def test_a_series_is_changed_forked_and_cancelled(language, zone, change):
    post, first = Post(language), change - DAY * 18 + timedelta(hours=9)
    series = Series(entry(language, zone, first))
    days, at = series.days, iter(datetime(2027, 2, 1, 8, tzinfo=UTC) + DAY * number for number in range(20))
    post.send(series.told())
    moved = series.alter_one(days[3], at=next(at), start=days[3] + timedelta(hours=26), location="Salle 2")
    post.send(moved)
    gone = moved.series.cancel_one(days[4], at=next(at))
    post.send(gone)
    post.send(gone.series.told(), reader="late")
    out = gone.series.remove(at=next(at))
    post.send(out, reader="late")
    reworded = out.series.alter(at=next(at), summary="Autre / Altro")
    post.send(reworded)
    ended, begun = reworded.series.fork(
        days[2], uid=new_uid(), at=next(at), start=days[2] + timedelta(hours=5)
    )
    post.send(ended)
    post.send(begun)
    post.send(begun.series.cancel(at=next(at)))
    named = {when for when, moment in coverage.CHANGES.items() if moment.month == change.month}
    kinds = coverage.KINDS[coverage.KINDS.index("series") :]
    wanted = {(kind, language, zone, when) for kind in kinds for when in named}
    assert wanted - sent_of(post.mails) == set()
