"""Whatever changes the bytes of a feed raises its version, in the same transaction; nothing else has to be watched."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType

import pytest
from django.conf import settings as installed
from django.db import transaction

from seminars import moments
from seminars.actions import answers, feeds, invitations, people, programme, sessions, substitutions
from seminars.errors import Refused
from seminars.models import ApiToken, CalendarKey, FeedVersion, Invitation, Person, Session, Substitution
from seminars.queries import calendars, scopes
from seminars.queries.calendars import Edition
from seminars.queries.scopes import PUBLIC
from seminars.vocabulary import Answer, FeedScope, Mode, Role
from tests import cast
from tests.seminars.exchange.files import alone

pytestmark = pytest.mark.django_db
Seen = dict[tuple[str, str], Edition]
PARTS = (("activity", "A1"), ("organisation", "it-coop"), ("side", "it"), ("kind", "distance_training"))


@dataclass
class World:
    """A trainer, her team, two invited people and one who is not, each with a calendar; three sessions."""

    trainer: Person
    member: Person
    ange: Person
    bruna: Person
    cyrille: Person
    session: Session
    draft: Session
    running: Session

    def invitation(self, person: Person) -> Invitation:
        return Invitation.objects.get(session=self.session, person=person)

    def key(self, person: Person, *, is_weak: bool = False) -> CalendarKey:
        return CalendarKey.objects.get(person=person, is_weak=is_weak, scope=FeedScope.ALL)


def hour(days: int = 3) -> list[sessions.Wall]:
    start = moments.local(moments.now(), "Europe/Paris") + timedelta(days=days)
    start = start.replace(hour=10, minute=0, second=0, microsecond=0, tzinfo=None)
    return [(start, start + timedelta(hours=2))]


@pytest.fixture
def world(elia: Person, ange: Person, bruna: Person, cyrille: Person) -> World:
    member = cast.person("p04", "Paola Quattro", Role.TRAINER, "IT", "it-coop")
    for person in (elia, member, ange, bruna, cyrille):
        people.make_calendar_key(person=person, name="phone")
    for scope in (FeedScope.COMING, FeedScope.LEADING):
        people.make_calendar_key(person=elia, name=scope, scope=scope, language="en", past_days=60)
        people.make_calendar_key(person=bruna, name=scope, scope=scope, lasts=90)
    more = {"team": [(member, Role.INTERPRETER)], "is_public": True}
    session = cast.make_session(elia, **more)
    cast.invite(session, ange, bruna)
    people.make_calendar_key(person=ange, name="by a letter's link", is_weak=True)
    answers.answer(invitation=Invitation.objects.get(person=bruna), answer="no")
    draft = cast.make_session(elia, is_draft=True, **more)
    running = cast.make_session(elia, moments.now() + timedelta(minutes=5), **more)
    cast.invite(running, ange)
    sessions.open_(session=running, by=elia)
    return World(elia, member, ange, bruna, cyrille, session, draft, running)


def seen() -> Seen:
    """Every feed there is, by the name of its version and its language."""
    found = {
        (key.key_hash, ""): calendars.feed(scopes.of_key(key))
        for key in CalendarKey.objects.filter(revoked_at=None, person__is_active=True).select_related(
            "person"
        )
    }
    for language, _name in installed.LANGUAGES:
        found[PUBLIC, language] = calendars.feed(scopes.of_everybody(language))
    for by, key in PARTS:
        part = scopes.of_part("fr", by, key)
        assert part is not None
        found[PUBLIC, f"{by}/{key}"] = calendars.feed(part)
    return found


def numbers() -> dict[str, int]:
    return dict(FeedVersion.objects.values_list("name", "version"))


def edited(**texts: object) -> Callable[[World], object]:
    return lambda world: sessions.edit(session=world.session, by=world.trainer, **texts)


def moved(which: str = "session", **more: object) -> Callable[[World], object]:
    return lambda world: sessions.move(
        session=getattr(world, which), by=world.trainer, slots=hour(), **(more | {"is_past_meant": True})
    )


def planned(**more: object) -> Callable[[World], object]:
    return lambda world: cast.make_session(world.trainer, **({"team": [(world.member, Role.TRAINER)]} | more))


def settled(**more: str) -> Callable[[World], object]:
    given = {"name": "Ange", "language": "fr", "timezone": "Europe/Paris"} | more
    return lambda world: people.settle_preferences(person=world.ange, **given)


def answered(person: str, answer: str) -> Callable[[World], object]:
    return lambda world: answers.answer(invitation=world.invitation(getattr(world, person)), answer=answer)


def replaced(world: World) -> Substitution:
    """Ange asks that Cyrille comes instead."""
    return substitutions.ask(
        invitation=world.invitation(world.ange), name=world.cyrille.name, email=world.cyrille.email
    )


def invited_again(world: World) -> None:
    invitations.withdraw(invitation=world.invitation(world.ange), by=world.trainer)
    cast.invite(world.session, world.ange)


TRAINER, MEMBER, ANGE, BRUNA, CYRILLE = "trainer", "member", "ange", "bruna", "cyrille"
ALL = {TRAINER, MEMBER, ANGE, BRUNA, PUBLIC}
ACTS: dict[str, tuple[Callable[[World], object], set[str]]] = {
    "sessions.plan": (planned(is_public=True), {TRAINER, MEMBER, PUBLIC}),
    "sessions.plan not public": (planned(), {TRAINER, MEMBER}),
    "sessions.plan a draft": (planned(is_public=True, is_draft=True), set()),
    "sessions.schedule": (
        lambda world: sessions.schedule(session=world.draft, by=world.trainer),
        {TRAINER, MEMBER, PUBLIC},
    ),
    "sessions.move": (moved(), ALL),
    "sessions.move to another zone": (moved(timezone="Europe/Rome"), ALL),
    "sessions.move to a place": (moved(mode=Mode.HYBRID, place="Cuneo"), ALL),
    "sessions.move a draft": (moved("draft"), set()),
    "sessions.edit a title": (edited(title_it="Altre parole"), ALL),
    "sessions.edit a summary": (edited(summary_fr="Autrement"), ALL),
    "sessions.edit the capacity": (edited(capacity=12), ALL),
    "sessions.edit out of the public": (edited(is_public=False), ALL),
    "sessions.edit out of the public and its title": (edited(is_public=False, title_fr="Autre"), ALL),
    "sessions.edit to confidential": (edited(is_confidential=True), ALL),
    "sessions.cancel": (lambda world: sessions.cancel(session=world.session, by=world.trainer), ALL),
    "sessions.discard": (lambda world: sessions.discard(session=world.draft, by=world.trainer), set()),
    "sessions.open_": (lambda world: sessions.open_(session=world.running, by=world.trainer), set()),
    "sessions.close": (
        lambda world: sessions.close(session=world.running, by=world.trainer, reason="over"),
        set(),
    ),
    "invitations.invite": (lambda world: cast.invite(world.session, world.cyrille), {CYRILLE}),
    "invitations.invite to what runs": (lambda world: cast.invite(world.running, world.cyrille), {CYRILLE}),
    "answers.answer no": (answered(ANGE, "no"), {ANGE}),
    "answers.answer yes after no": (answered(BRUNA, "yes"), {BRUNA}),
    "answers.answer_several": (
        lambda world: answers.answer_several(
            person=world.ange, answers={world.invitation(world.ange).pk: Answer.NO}
        ),
        {ANGE},
    ),
    "answers.settle_language": (
        lambda world: answers.settle_language(person=world.ange, language="it", timezone=world.ange.timezone),
        {ANGE},
    ),
    "substitutions.ask": (lambda world: replaced(world), set()),
    "substitutions.forget": (lambda world: substitutions.forget(), set()),
    "substitutions.take_back": (
        lambda world: substitutions.take_back(invitation=replaced(world).invitation),
        set(),
    ),
    "substitutions.confirm": (
        lambda world: substitutions.confirm(substitution=replaced(world), by=world.trainer),
        {ANGE, CYRILLE},
    ),
    "substitutions.decline": (
        lambda world: substitutions.decline(substitution=replaced(world), by=world.trainer),
        set(),
    ),
    "invitations.withdraw": (
        lambda world: invitations.withdraw(invitation=world.invitation(world.ange), by=world.trainer),
        ALL,
    ),
    "invitations.withdraw and invite": (invited_again, ALL),
    "people.make_link": (lambda world: people.make_link(person=world.ange), set()),
    "people.ask_link": (lambda world: people.ask_link(email=world.ange.email), set()),
    "people.enter_by_link": (
        lambda world: people.enter_by_link(token=people.make_link(person=world.ange).token),
        set(),
    ),
    "people.make_calendar_key": (
        lambda world: people.make_calendar_key(person=world.ange, name="other"),
        set(),
    ),
    "people.renew": (lambda world: people.renew(key=world.key(world.bruna), lasts=30), set()),
    "people.make_api_token": (
        lambda world: people.make_api_token(person=world.ange, name="script", may_write=True),
        set(),
    ),
    "people.revoke": (lambda world: people.revoke(key=world.key(world.bruna)), {BRUNA}),
    "people.revoke another's token": (
        lambda world: people.revoke(
            key=ApiToken.objects.get_or_create(
                person=world.bruna, key_hash="0", defaults={"created_at": moments.now()}
            )[0]
        ),
        set(),
    ),
    "people.suspend": (lambda world: people.suspend(person=world.ange), {ANGE}),
    "people.settle_preferences language": (settled(language="it"), {ANGE}),
    "people.settle_preferences zone": (settled(timezone="Europe/Rome"), {ANGE}),
    "people.settle_preferences name": (settled(name="Ange Autre"), set()),
    "programme.take_in": (
        lambda world: programme.take_in(programme=alone("A1-04", public=True)),
        {MEMBER, PUBLIC},
    ),
}


def owners(world: World, names: set[str]) -> set[str]:
    found = {key.key_hash: key.person_id for key in CalendarKey.objects.all()}
    people_ = {getattr(world, who).pk: who for who in (TRAINER, MEMBER, ANGE, BRUNA, CYRILLE)}
    return {PUBLIC if name == PUBLIC else people_[found[name]] for name in names}


def changed(before: Seen, after: Seen) -> set[str]:
    """Names of feeds whose bytes are others now, or that are gone."""
    return {place[0] for place in before if place not in after or before[place].body != after[place].body}


def raised(before: dict[str, int], after: dict[str, int]) -> set[str]:
    assert all(after[name] > before[name] for name in before.keys() & after if after[name] != before[name])
    return {name for name in before if after.get(name) != before[name]}


@pytest.mark.parametrize("act", ACTS)
def test_an_act_that_changes_a_feed_raises_its_version_with_it(world: World, act: str) -> None:
    do, expected = ACTS[act]
    bodies, before = seen(), numbers()
    with transaction.atomic():
        do(world)
        transaction.set_rollback(True)
    assert (numbers(), changed(bodies, seen())) == (before, set())
    do(world)
    others, after = changed(bodies, seen()), raised(before, numbers())
    assert owners(world, others) == expected  # otherwise this shows nothing
    assert others <= after


@pytest.mark.parametrize(
    "module", [sessions, invitations, answers, substitutions, people, programme], ids=lambda one: one.__name__
)
def test_no_act_is_forgotten_above(module: ModuleType) -> None:
    acts = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for name, value in vars(module).items()
        if hasattr(value, "__wrapped__") and value.__module__ == module.__name__
    }
    assert acts
    assert acts <= {act.partition(" ")[0] for act in ACTS}


def test_who_has_no_part_in_it_keeps_her_version(world: World) -> None:
    name, version = world.key(world.cyrille).key_hash, numbers()
    for act in ("sessions.move", "sessions.edit a title", "invitations.withdraw", "sessions.cancel"):
        ACTS[act][0](world)
    assert numbers()[name] == version[name]


def test_every_living_key_has_a_version_and_no_other(world: World) -> None:
    def alive() -> set[str]:
        return {key.key_hash for key in CalendarKey.objects.filter(revoked_at=None, person__is_active=True)}

    assert numbers().keys() == alive() | {PUBLIC}
    invitations.withdraw(invitation=world.invitation(world.ange), by=world.trainer)  # ends the weak key
    people.suspend(person=world.bruna)
    people.revoke(key=world.key(world.member))
    people.make_calendar_key(person=world.bruna, name="too late")
    assert numbers().keys() == alive() | {PUBLIC}
    assert len(alive()) == 5


def test_two_changes_of_one_second_have_two_versions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    present, name = moments.now(), world.key(world.ange).key_hash
    monkeypatch.setattr(feeds, "now", lambda: present)
    found = []
    for answer in ("yes", "no", "maybe"):
        answered(ANGE, answer)(world)
        found.append(numbers()[name])
    assert len(set(found)) == 3
    assert found == sorted(found)


def test_many_acts_together_raise_each_version_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    present = moments.now() + timedelta(minutes=1)
    monkeypatch.setattr(feeds, "now", lambda: present)
    with transaction.atomic(), feeds.together():
        for _ in range(3):
            planned(is_public=True)(world)
        assert numbers()[PUBLIC] < int(present.timestamp())
    assert numbers()[PUBLIC] == numbers()[world.key(world.member).key_hash] == int(present.timestamp())


def test_what_failed_together_raises_nothing(world: World) -> None:
    before = numbers()
    with pytest.raises(Refused), transaction.atomic(), feeds.together():
        planned(is_public=True)(world)
        raise Refused("not_now")
    assert numbers() == before


def test_the_public_version_comes_back_where_its_row_is_lost(world: World) -> None:
    FeedVersion.objects.filter(name=PUBLIC).delete()
    planned(is_public=True)(world)
    assert PUBLIC in numbers()


def lived(world: World, chance: random.Random) -> None:
    """Something that happens, to a session and people chosen at random."""
    world.session = chance.choice(list(Session.objects.exclude(pk=world.draft.pk)))
    do = chance.choice([act for act, _expected in ACTS.values()] + [planned(is_public=True)] * 3)
    with suppress(Refused, Invitation.DoesNotExist, CalendarKey.DoesNotExist, Session.DoesNotExist):
        do(world)


@pytest.mark.parametrize("seed", range(3))
def test_while_version_and_hour_stand_the_bytes_stand(world: World, clock: cast.Clock, seed: int) -> None:
    """Weeks of a life: acts and leaps of time in any order, each feed built anew after each step."""
    chance, moved_by = random.Random(seed), 0
    bodies, before = seen(), numbers()
    for _ in range(25):
        if chance.random() < 0.3:
            clock.forward(days=chance.choice((0, 1, 30, 60, 181)), hours=chance.random() * 3)
        else:
            lived(world, chance)
        after, numbers_after, present = seen(), numbers(), moments.now()
        for place, edition in bodies.items():
            until = edition.until or datetime.max.replace(tzinfo=present.tzinfo)
            if numbers_after.get(place[0]) == before[place[0]] and present <= until:
                assert after[place] == edition
            else:
                moved_by += 1
        bodies, before = after, numbers_after
    assert moved_by > 10
