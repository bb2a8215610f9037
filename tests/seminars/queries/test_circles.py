"""Who was together before: earlier sessions that a host may see, and the groups that she may keep."""

from datetime import timedelta

import pytest

from seminars.actions import groups, people
from seminars.models import Person, Session
from seminars.permissions import Actor, Level, allows
from seminars.queries import circles
from seminars.vocabulary import Role
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def before(elia: Person, ange: Person, bruna: Person) -> Session:
    session = cast.make_session(elia)
    cast.invite(session, ange, bruna)
    return session


@pytest.fixture
def present(elia: Person, before: Session) -> Session:
    return cast.make_session(elia, before.starts_at + timedelta(days=7))


def test_earlier_sessions_of_the_same_activity_are_offered_newest_first(elia, ange, before, present):
    second = cast.make_session(elia, before.starts_at + timedelta(days=1))
    cast.invite(second, ange)
    cast.make_session(elia, before.starts_at + timedelta(days=2))  # nobody was invited
    cast.invite(cast.make_session(elia, before.starts_at, activity=cast.activity("A3")), ange)
    cast.invite(cast.make_session(elia, present.starts_at + timedelta(days=1)), ange)
    found = circles.earlier(present, elia)
    assert [(one.session, one.invited, one.present) for one in found] == [(second, 1, 0), (before, 2, 0)]


def test_only_who_is_still_invited_and_may_enter_is_counted_and_found(elia, ange, bruna, before, present):
    people.suspend(person=ange)
    (one,) = circles.earlier(present, elia)
    assert one.invited == 1
    assert circles.people_of(before, circles.INVITED) == [bruna]
    assert circles.people_of(before, circles.PRESENT) == []
    before.invitations.filter(person=bruna).update(withdrawn_at=before.created_at)
    assert circles.earlier(present, elia) == []


def test_sessions_of_others_are_not_offered(dominique, ange, before):
    hers = cast.make_session(dominique, before.starts_at + timedelta(days=7))
    assert circles.earlier(hers, dominique) == []
    assert before not in circles.hosted_by(ange)


def test_hosts_are_those_who_may_see_the_people(elia, dominique, ange, before):
    colleague = cast.person("coco", "Coco Ordina", Role.COORDINATOR, "IT", "it-coop")
    for person in (elia, dominique, ange, colleague):
        actor = Actor(person, Level.FULL)
        assert (before in circles.hosted_by(person)) is allows("seminars.see_people", actor, before)
    assert before in circles.hosted_by(colleague)


def test_groups_are_those_that_she_may_keep(elia, dominique, ange, bruna):
    alone = cast.person("solo", "Solo Sola", Role.TRAINER)
    other = cast.person("other", "Altra Sola", Role.TRAINER)
    colleague = cast.person("coco", "Coco Ordina", Role.COORDINATOR, "IT", "it-coop")
    made = [groups.make(by=by, name=by.name, people=[bruna]) for by in (elia, dominique, alone)]
    everybody = (elia, dominique, ange, bruna, alone, other, colleague)
    for person in everybody:
        actor = Actor(person, Level.FULL)
        hers = {group for group in made if allows("seminars.keep_group", actor, group)}
        assert set(circles.groups_of(person)) == hers
    assert list(circles.groups_of(colleague)) == [made[0]]


def test_who_leads_a_session_without_planning_any_has_no_groups(dominique, ange, cyrille):
    groups.make(by=dominique, name="Secret", people=[cyrille])
    cast.make_session(dominique, team=[(ange, Role.TRAINER)])
    assert ange.organisation == dominique.organisation
    assert not circles.groups_of(ange).exists()


def test_the_number_of_a_group_is_that_of_the_people_shown(elia, ange, bruna):
    group = groups.make(by=elia, name="Cuneo", people=[ange, bruna])
    people.suspend(person=ange)
    assert circles.groups_of(elia).get().size == 1  # type: ignore[attr-defined]  # annotated
    assert circles.members(group) == [bruna]
    assert [address.email for address in circles.addresses_of(circles.members(group))] == [bruna.email]
