"""Letters drawn in series are, octet for octet, the letters drawn one by one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from seminars import moments
from seminars.actions import (
    answers,
    invitations,
    letters,
    own_words,
    people,
    sealing,
    sessions,
    substitutions,
)
from seminars.models import Letter, Person, Session, TeamMember
from seminars.moments import as_if
from seminars.vocabulary import OWN_WORDS, STOPPABLE, LetterKind, LetterState, Mode, Role, State
from seminars.wording import Series, render
from seminars.wording.mail import KINDS
from seminars.wording.told import line
from seminars.work.mailing import envelope
from tests import cast
from tests.letterbox import read

pytestmark = pytest.mark.django_db
NAMES = [
    "Ange Esquisse",
    'Ange "Gigi" Esquisse',
    "O'Neil & <b>Fils</b>",
    "Zoë Œuvre-Élan, infirmière; coopérante transfrontalière de la vallée de la Maira et d'ailleurs",
    "100% %s {{ name }} \\ ^n",
    "名前",
    "Rossi, Anna: <anna@example.net>",
    "=?utf-8?q?tricked?=",
    "  two  spaces ",
    "line\r\nBcc: thief@example.net",
    "x" * 120,
]


def wall(session: Session, **later: float) -> tuple[datetime, datetime]:
    start, end = (
        moments.local(moment, session.timezone).replace(tzinfo=None) + timedelta(**later)
        for moment in (session.starts_at, session.ends_at)
    )
    return start, end


@pytest.fixture
def crowd(db: None) -> list[Person]:
    """People with hard names, of two languages, and one who reads English on the clock of Rome."""
    found = [cast.person(f"crowd{n}", name, country="FR" if n % 2 else "IT") for n, name in enumerate(NAMES)]
    Person.objects.filter(pk=found[0].pk).update(language="en")
    Person.objects.filter(pk=found[1].pk).update(email="a+b/c=d?e~f@sub.example-host.org")
    return list(Person.objects.filter(key__startswith="crowd").order_by("pk"))


def invited(session: Session, crowd: list[Person]) -> None:
    cast.invite(session, *crowd)
    Letter.objects.update(state=LetterState.SENT)


def moved(session: Session, crowd: list[Person]) -> None:
    invited(session, crowd)
    first = session.invitations.get(person=crowd[3])
    answers.answer(invitation=first, answer="yes")
    sessions.move(session=session, by=session.created_by, slots=[wall(session, days=1)], place="Cuneo")


def edited(session: Session, crowd: list[Person]) -> None:
    invited(session, crowd)
    for number, said in enumerate(["yes", "maybe", "no"]):
        invitation = session.invitations.get(person=crowd[number])
        answers.answer(invitation=invitation, answer=said)
    sessions.edit(session=session, by=session.created_by, title_fr="Les mots\ndu <i>soin</i>, & cætera")


def cancelled(session: Session, crowd: list[Person]) -> None:
    invited(session, crowd)
    sessions.cancel(session=session, by=session.created_by)


def withdrawn(session: Session, crowd: list[Person]) -> None:
    invited(session, crowd)
    for invitation in session.invitations.all():
        invitations.withdraw(invitation=invitation, by=session.created_by)


def written(session: Session, crowd: list[Person]) -> None:
    invited(session, crowd)
    letters.publish(session=session, by=session.created_by, text_fr="Un café ?\n\n<script>", text_it="")


def posted(kind: LetterKind) -> Callable[[Session, list[Person]], None]:
    def post(session: Session, crowd: list[Person]) -> None:
        invited(session, crowd)
        session.refresh_from_db()
        for invitation in session.invitations.all():
            letters.post(kind=kind, invitation=invitation, revision=letters.freeze(session))

    return post


def decided(session: Session, crowd: list[Person]) -> None:
    invited(session, crowd)
    ways = (substitutions.confirm, substitutions.decline)
    for number, invitation in enumerate(session.invitations.all()):
        wish = substitutions.ask(
            invitation=invitation, name=f"Zoé <{number}>", email=f"instead{number}@example.org"
        )
        ways[number % 2](substitution=wish, by=session.created_by)


def entering(session: Session, crowd: list[Person]) -> None:
    for person in crowd:
        people.ask_link(email=person.email)


def sealed(session: Session, crowd: list[Person]) -> None:
    TeamMember.objects.bulk_create(
        TeamMember(session=session, person=person, role=Role.TRAINER) for person in crowd
    )
    ended = {"state": State.ENDED, "opened_at": session.starts_at, "closed_at": session.ends_at}
    Session.objects.filter(pk=session.pk).update(**ended)
    with as_if(session.ends_at):
        sealing.seal(session=session, by=crowd[0])


WAYS = {
    LetterKind.INVITATION: lambda session, crowd: cast.invite(session, *crowd),
    LetterKind.UPDATE: moved,
    LetterKind.CANCELLATION: cancelled,
    LetterKind.WITHDRAWAL: withdrawn,
    LetterKind.MESSAGE: written,
    LetterKind.REMINDER: posted(LetterKind.REMINDER),
    LetterKind.ASKING: posted(LetterKind.ASKING),
    LetterKind.CONVOCATION: posted(LetterKind.CONVOCATION),
    LetterKind.SUBSTITUTION: decided,
    LetterKind.FEEDBACK: posted(LetterKind.FEEDBACK),
    LetterKind.SIGN_IN: entering,
    LetterKind.SEAL: sealed,
}


def test_every_kind_has_its_way_here() -> None:
    assert set(WAYS) == set(KINDS)
    assert set(LetterKind) - set(KINDS) <= {LetterKind.CONVOCATION}


def assert_drawn_alike(kind: str, least: int) -> None:
    waiting = list(Letter.objects.filter(state=LetterState.PENDING, kind=kind).order_by("created_at"))
    assert len(waiting) >= least
    series = Series()
    series.expect(waiting)
    for letter in waiting:
        content = render(letter)
        assert series.draw(letter) == content
        mail = read(content)
        assert envelope(content) == (mail.sender, letter.person.email)
        assert mail.recipients == [letter.person.email]
        assert ("List-Unsubscribe" in mail.message) is (kind in STOPPABLE)


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize(
    "more", [{}, {"mode": Mode.HYBRID, "place": "Cuneo; sala «B»"}, {"is_confidential": True}]
)
def test_a_letter_of_a_series_is_the_letter_drawn_alone(
    elia: Person, crowd: list[Person], kind: LetterKind, more: dict[str, Any]
) -> None:
    WAYS[kind](cast.make_session(elia, summary_fr="Trois mots.", **more), crowd)
    assert_drawn_alike(kind, len(crowd))


@pytest.mark.parametrize("kind", [kind for kind in OWN_WORDS if kind in KINDS])
def test_words_of_the_trainers_own_are_drawn_alike(
    elia: Person, crowd: list[Person], kind: LetterKind
) -> None:
    session = cast.make_session(
        elia, title_it="Le {name} & <b>{trainer}</b>", mode=Mode.HYBRID, place="{hour}"
    )
    text = "{name}, {title}: {day}, {hour}, {place}.\n\n<script>100%</script> {trainer} %s\n{name}"
    own_words.say(session=session, by=elia, kind=kind, texts={"fr": text, "it": f"Ecco {text}"})
    WAYS[kind](session, crowd)
    assert_drawn_alike(kind, len(crowd))


def test_from_the_day_of_the_session_on_the_way_into_its_room_is_a_button(
    elia: Person, crowd: list[Person]
) -> None:
    session = cast.make_session(elia)
    cast.invite(session, *crowd)
    late = session.invitations.filter(person__in=crowd[::2])
    eve = session.starts_at - timedelta(days=1)
    Letter.objects.update(stamp=eve)
    Letter.objects.filter(invitation__in=late).update(stamp=eve + timedelta(hours=20))
    assert_drawn_alike(LetterKind.INVITATION, len(crowd))
    found = {letter.stamp: read(render(letter)).html for letter in Letter.objects.all()}
    assert ['class="go plain"' in found[stamp] for stamp in sorted(found)] == [False, True]


def test_who_comes_in_place_of_whom_is_drawn_alike(elia: Person, crowd: list[Person]) -> None:
    session = cast.make_session(elia)
    decided(session, crowd)
    assert_drawn_alike(LetterKind.INVITATION, len(crowd) // 2)
    series = Series()
    waiting = list(Letter.objects.filter(state=LetterState.PENDING, kind=LetterKind.INVITATION))
    series.expect(waiting)
    for letter in waiting:
        (wish,) = letter.invitation.replaces.all()
        assert line(wish.invitation.person.name) in line(read(series.draw(letter)).text)


def test_changed_words_are_drawn_alike_whatever_each_has_answered(elia: Person, crowd: list[Person]) -> None:
    edited(cast.make_session(elia), crowd)
    assert_drawn_alike(LetterKind.UPDATE, len(crowd))


def test_each_is_told_the_change_since_her_own_last_letter(elia: Person, crowd: list[Person]) -> None:
    session = cast.make_session(elia)
    moved(session, crowd)
    reached = [person.pk for person in crowd[:5]]
    Letter.objects.filter(state=LetterState.PENDING, person__in=reached).update(state=LetterState.SENT)
    session.refresh_from_db()
    sessions.move(session=session, by=elia, slots=[wall(session, days=3)])
    assert_drawn_alike(LetterKind.UPDATE, len(crowd))


def test_of_many_letters_each_kind_and_language_is_drawn_once(
    elia: Person, crowd: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.invite(cast.make_session(elia), *[person for person in crowd if person.name == person.name.strip()])
    drawn: list[str] = []
    real = render.__globals__["draft"]

    def draft(telling: Any) -> Any:
        drawn.append(telling.language)
        return real(telling)

    monkeypatch.setattr("seminars.wording.series.draft", draft)
    series = Series()
    for letter in Letter.objects.exclude(person__name__contains="\r"):
        series.draw(letter)
    assert sorted(drawn) == ["en", "fr", "it"]


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.text(max_size=120), local=st.from_regex(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}", fullmatch=True)
)
def test_any_name_and_address_is_drawn_alike_or_refused_alike(
    elia: Person, ange: Person, name: str, local: str
) -> None:
    if not Letter.objects.exists():
        cast.invite(cast.make_session(elia), ange)
    letter = Letter.objects.select_related("person").get()
    letter.person.name, letter.person.email = name, f"{local}@example.org"
    assert told(lambda: Series().draw(letter)) == told(lambda: render(letter))


def told(draw: Callable[[], bytes]) -> bytes | str:
    try:
        return draw()
    except ValueError as refused:
        return type(refused).__name__
