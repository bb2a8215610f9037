"""Groups of people: what is kept, what is refused, and two who change one group at the same time."""

import pytest

from seminars.actions import groups, people
from seminars.errors import Refused
from seminars.exchange.address import Address
from seminars.models import Group, Person
from seminars.vocabulary import Country, Role
from tests import cast

pytestmark = pytest.mark.django_db


def test_a_group_belongs_to_its_makers_organisation_or_to_her_alone(elia, ange):
    hers = groups.make(by=elia, name="Cuneo", people=[ange])
    assert (hers.organisation, hers.created_by) == (elia.organisation, elia)
    alone = cast.person("solo", "Solo Sola", Role.TRAINER)
    assert groups.make(by=alone, name="Mine", people=[ange]).organisation is None


def test_a_name_is_one_line_without_signs_that_nobody_sees(elia, ange):
    assert groups.make(by=elia, name=" Cuneo\r\n\x00 1 ", people=[ange]).name == "Cuneo 1"
    assert len(groups.make(by=elia, name="x" * 200, people=[ange]).name) == 120


@pytest.mark.parametrize(
    ("name", "addresses", "code"),
    [("\x00 ", [Address(1, "a@example.org")], "name_missing"), ("Cuneo", [], "group_empty")],
)
def test_what_is_no_group_is_refused_and_nothing_is_kept(elia, name, addresses, code):
    with pytest.raises(Refused, match=code):
        groups.make(by=elia, name=name, addresses=addresses)
    assert not Group.objects.exists()
    assert not Person.objects.filter(email="a@example.org").exists()


def test_new_people_get_the_side_of_the_group(elia):
    group = groups.make(by=elia, name="Cuneo", addresses=[Address(1, "nuova@example.org", "Nuova Persona")])
    assert group.people.get().country == Country.ITALY


def test_an_organisation_keeps_only_so_many_groups(elia, dominique, ange, monkeypatch):
    monkeypatch.setattr(groups, "MOST_GROUPS", 1)
    groups.make(by=elia, name="A", people=[ange])
    with pytest.raises(Refused, match="too_many_groups"):
        groups.make(by=elia, name="B", people=[ange])
    groups.make(by=dominique, name="B", people=[ange])


def test_a_full_group_takes_nobody_and_stays_as_it_was(elia, ange, bruna, monkeypatch):
    monkeypatch.setattr(groups, "MOST_PEOPLE", 2)
    group = groups.make(by=elia, name="Cuneo", people=[ange, bruna])
    with pytest.raises(Refused, match="group_full"):
        groups.add(group=group, by=elia, addresses=[Address(1, "one@example.org")])
    assert set(group.people.all()) == {ange, bruna}
    assert not Person.objects.filter(email="one@example.org").exists()
    people.suspend(person=bruna)
    assert groups.add(group=group, by=elia, addresses=[Address(1, "one@example.org")]) == 1


def test_who_is_in_it_already_is_not_gained(elia, ange):
    group = groups.make(by=elia, name="Cuneo", people=[ange])
    pasted = [Address(1, ange.email.upper()), Address(2, "two@example.org")]
    assert groups.add(group=group, by=elia, addresses=pasted) == 1
    with pytest.raises(Refused, match="nobody_to_invite"):
        groups.add(group=group, by=elia, addresses=[])


def test_to_take_nobody_out_is_refused(elia, ange, bruna):
    group = groups.make(by=elia, name="Cuneo", people=[ange])
    for codes in ([], ["zzz"], [bruna.code]):
        with pytest.raises(Refused, match="nobody_ticked"):
            groups.take_out(group=group, by=elia, codes=codes)
    assert groups.take_out(group=group, by=elia, codes=[ange.code, "zzz"]) == 1
    with pytest.raises(Refused, match="group_is_empty"):
        groups.take_out(group=group, by=elia)


def test_to_empty_a_group_takes_the_suspended_too_and_counts_whom_its_page_shows(elia, ange, bruna):
    group = groups.make(by=elia, name="Cuneo", people=[ange, bruna])
    people.suspend(person=ange)
    assert groups.take_out(group=group, by=elia) == 1
    assert not group.people.exists()


def test_a_group_that_is_gone_is_changed_by_nothing(elia, ange):
    group = groups.make(by=elia, name="Cuneo", people=[ange])
    groups.delete(group=Group.objects.get(pk=group.pk), by=elia)
    for act in (
        lambda: groups.rename(group=group, by=elia, name="Nice"),
        lambda: groups.add(group=group, by=elia, addresses=[Address(1, "one@example.org")]),
        lambda: groups.take_out(group=group, by=elia),
        lambda: groups.delete(group=group, by=elia),
    ):
        with pytest.raises(Group.DoesNotExist):
            act()
    assert not Group.objects.exists()
    assert not Person.objects.filter(email="one@example.org").exists()


def test_a_deleted_group_leaves_its_people(elia, ange):
    groups.delete(group=groups.make(by=elia, name="Cuneo", people=[ange]), by=elia)
    assert Person.objects.filter(pk=ange.pk, is_active=True).exists()
