"""Saved groups: made, renamed, filled, emptied, deleted, and only by whom they belong to."""

import pytest
from django.test import Client
from django.urls import reverse

from seminars.actions import answers, groups, people
from seminars.models import Group, Letter, Person
from seminars.permissions import TABLE
from seminars.vocabulary import Answer, Role
from tests import cast

pytestmark = pytest.mark.django_db
EN = {"headers": {"accept-language": "en"}}


def at(group, name="group"):
    return reverse(name, args=[group.code])


def test_pasted_addresses_become_a_group_and_no_letter_leaves(client, elia, ange):
    cast.signed_in(client, elia)
    given = {"name": "  Cuneo\r\n1 ", "addresses": "ange@example.org; Nuova <nuova@example.it>"}
    answer = client.post(reverse("groups"), given)
    group = Group.objects.get()
    assert answer.url == at(group)
    assert (group.name, group.organisation, group.created_by) == ("Cuneo 1", elia.organisation, elia)
    assert set(group.people.values_list("email", flat=True)) == {"ange@example.org", "nuova@example.it"}
    assert not Letter.objects.exists()


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("", "ange@example.org"),
        ("Cuneo", ""),
        ("Cuneo", "ange@example.org, bad"),
        ("x" * 121, "ange@example.org"),
        ("Cuneo", "\n".join(f"p{n}@x.org" for n in range(301))),
    ],
)
def test_what_is_no_group_is_refused_and_what_was_typed_stays(client, elia, ange, name, addresses):
    cast.signed_in(client, elia)
    page = client.post(reverse("groups"), {"name": name, "addresses": addresses})
    assert page.status_code == 422
    assert page.context["form"]["name"].value() == name
    assert page.context["form"]["addresses"].value() == addresses
    assert not Group.objects.exists()
    assert not Person.objects.filter(email="p0@x.org").exists()


def test_the_people_of_a_session_are_kept_as_the_page_showed_them(client, elia, ange, bruna):
    session = cast.make_session(elia)
    first, _second = cast.invite(session, ange, bruna)
    answers.answer(invitation=first, answer=Answer.YES)
    cast.signed_in(client, elia)
    for show, members in (("", {ange, bruna}), ("yes", {ange})):
        client.post(reverse("groups"), {"session": session.code, "show": show, "name": f"G{show}"})
        assert set(Group.objects.get(name=f"G{show}").people.all()) == members


def test_the_people_of_a_foreign_session_can_not_be_kept(client, elia, dominique, ange):
    session = cast.make_session(dominique)
    cast.invite(session, ange)
    cast.signed_in(client, elia)
    for code in (session.code, "zzzzzzzzzzzz", ""):
        assert client.post(reverse("groups"), {"session": code, "name": "G"}).status_code == 404
    assert not Group.objects.exists()


def test_a_group_without_a_name_leads_back_to_the_people(client, elia, ange):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    cast.signed_in(client, elia)
    answer = client.post(reverse("groups"), {"session": session.code, "name": " "})
    assert answer.url == reverse("session-people", args=[session.code])
    assert not Group.objects.exists()


def test_a_group_is_renamed_filled_emptied_and_deleted(client, elia, ange, bruna, cyrille):
    group = groups.make(by=elia, name="Cuneo", people=[ange])
    cast.signed_in(client, elia)
    client.post(at(group), {"name": "Nice"})
    client.post(at(group, "group-add"), {"add-addresses": "bruna@example.org, cyrille@example.org"})
    group.refresh_from_db()
    assert (group.name, set(group.people.all())) == ("Nice", {ange, bruna, cyrille})
    client.post(at(group, "group-empty"), {"person": [bruna.code, "zzz"]})
    assert set(group.people.all()) == {ange, cyrille}
    client.post(at(group, "group-empty"), {"all": "1", "sure": "1"})
    assert group.people.count() == 0
    assert "Nobody is in this group." in client.get(at(group), **EN).content.decode()
    assert client.post(at(group, "group-delete")).url == reverse("groups")
    assert not Group.objects.exists()
    assert Person.objects.filter(pk=ange.pk).exists()


@pytest.mark.parametrize("ticked", [[], ["zzz"]])
def test_where_nobody_is_ticked_the_page_says_so_and_praises_nothing(client, elia, ange, bruna, ticked):
    group = groups.make(by=elia, name="Cuneo", people=[ange])
    other = groups.make(by=elia, name="Nice", people=[bruna])
    cast.signed_in(client, elia)
    given = {"person": [*ticked, bruna.code] if ticked else []}
    page = client.post(at(group, "group-empty"), given, follow=True, **EN)
    (told,) = page.context["messages"]
    assert (told.level_tag, str(told)) == (
        "warning",
        "Nobody is ticked. Tick whoever shall leave the group.",
    )
    assert (group.people.count(), other.people.count()) == (1, 1)


def test_to_empty_a_group_is_asked_first_and_can_be_left(client, elia, ange, bruna):
    group = groups.make(by=elia, name="Cuneo", people=[ange, bruna])
    cast.signed_in(client, elia)
    page = client.post(at(group, "group-empty"), {"all": "1"}, follow=True, **EN)
    assert group.people.count() == 2
    html = page.content.decode()
    assert "Take all 2 people out of the group?" in html
    assert "Leave as it is" in html
    assert "Take all 2" not in client.get(at(group), **EN).content.decode()
    client.post(at(group, "group-empty"), {"all": "1", "sure": "1"})
    assert group.people.count() == 0
    assert 'name="sure"' not in client.get(at(group) + "?empty=1").content.decode(), (
        "nobody is left to ask about"
    )


def test_who_is_suspended_is_counted_nowhere(client, elia, ange, bruna):
    group = groups.make(by=elia, name="Cuneo", people=[ange, bruna])
    people.suspend(person=ange)
    cast.signed_in(client, elia)
    for address in (reverse("groups"), at(group)):
        html = client.get(address, **EN).content.decode()
        assert "1 person" in html
        assert "2 people" not in html


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("group", {"name": "Nice"}),
        ("group-add", {"add-addresses": "bruna@example.org"}),
        ("group-empty", {"all": "1", "sure": "1"}),
        ("group-empty", {"person": "zzz"}),
        ("group-delete", {}),
    ],
)
def test_a_group_that_somebody_else_deletes_meanwhile_is_absent(client, elia, ange, monkeypatch, name, given):
    group = groups.make(by=elia, name="Cuneo", people=[ange])
    cast.signed_in(client, elia)

    def found_and_then_deleted(actor, found=None):
        Group.objects.filter(pk=group.pk).delete()
        return True

    monkeypatch.setitem(TABLE, "seminars.keep_group", found_and_then_deleted)
    assert client.post(at(group, name), given).status_code == 404
    assert not Person.objects.filter(email="bruna@example.org").exists()


def test_who_leads_one_session_but_plans_none_is_offered_no_group(client, dominique, ange, cyrille):
    assert ange.organisation == dominique.organisation
    assert ange.role == Role.PARTICIPANT
    group = groups.make(by=dominique, name="Secret list", people=[cyrille])
    session = cast.make_session(dominique, team=[(ange, Role.TRAINER)])
    cast.signed_in(client, ange)
    address = reverse("session-people", args=[session.code])
    assert client.get(reverse("groups")).status_code == 404
    shown = client.get(address)
    assert shown.status_code == 200
    assert "Secret list" not in shown.content.decode()
    for addresses in ("", "zz@example.org"):
        sent = client.post(address, {"addresses": addresses, "groups": [group.code]})
        assert sent.status_code == 422
        for secret in ("Secret list", cyrille.name, cyrille.email):
            assert secret not in sent.content.decode()
    cast.signed_in(client, dominique)
    assert "Secret list" in client.get(address).content.decode()


def test_whoever_plans_finds_the_groups_from_her_account(client, elia, ange):
    assert reverse("groups") in cast.signed_in(client, elia).get(reverse("account")).content.decode()
    assert reverse("groups") not in cast.signed_in(client, ange).get(reverse("account")).content.decode()


def test_wrong_words_stay_at_their_field(client, elia, ange):
    group = groups.make(by=elia, name="Cuneo", people=[ange])
    cast.signed_in(client, elia)
    assert client.post(at(group), {"name": ""}).status_code == 422
    page = client.post(at(group, "group-add"), {"add-addresses": "bruna@example.org, bad"})
    assert page.status_code == 422
    assert page.context["add_form"]["addresses"].value() == "bruna@example.org, bad"
    assert group.people.count() == 1


def test_to_look_changes_nothing(client, elia, ange):
    group = groups.make(by=elia, name="Cuneo", people=[ange])
    cast.signed_in(client, elia)
    for name in ("group-add", "group-empty", "group-delete"):
        assert client.get(at(group, name)).url == at(group)
    assert group.people.count() == 1


def test_a_group_belongs_to_its_organisation(elia, dominique, ange, andrea):
    group = groups.make(by=elia, name="Cuneo", people=[ange])
    colleague = cast.person("coco", "Coco Ordina", Role.COORDINATOR, "IT", "it-coop")
    assert cast.signed_in(Client(), colleague).get(at(group)).status_code == 200
    for foreign in (dominique, andrea, ange):
        browser = cast.signed_in(Client(), foreign)
        assert browser.get(at(group)).status_code == 404
        for name in ("group", "group-add", "group-empty", "group-delete"):
            assert browser.post(at(group, name), {"name": "X", "all": "1"}).status_code == 404
        assert "Cuneo" not in browser.get(reverse("groups")).content.decode()
    Person.objects.filter(pk=elia.pk).update(organisation=dominique.organisation)
    elia.refresh_from_db()
    assert cast.signed_in(Client(), elia).get(at(group)).status_code == 404, "she has left it"


def test_who_has_no_organisation_keeps_her_own(ange):
    alone = cast.person("solo", "Solo Sola", Role.TRAINER)
    other = cast.person("other", "Altra Sola", Role.TRAINER)
    group = groups.make(by=alone, name="Mine", people=[ange])
    assert cast.signed_in(Client(), alone).get(at(group)).status_code == 200
    assert cast.signed_in(Client(), other).get(at(group)).status_code == 404


def test_the_list_asks_the_database_as_often_for_three_groups_as_for_one(
    client, elia, ange, django_assert_num_queries
):
    cast.signed_in(client, elia)
    groups.make(by=elia, name="A", people=[ange])
    client.get(reverse("groups"))
    with django_assert_num_queries(3):
        client.get(reverse("groups"))
    for name in "BC":
        groups.make(by=elia, name=name, people=[ange])
    with django_assert_num_queries(3):
        client.get(reverse("groups"))
