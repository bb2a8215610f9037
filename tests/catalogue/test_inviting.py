"""Catalogue D-06: nobody is invited by somebody without the right to it, by whatever way people can be named.

By series and waiting list it is not possible yet: they do not exist.
"""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from seminars.actions import groups
from seminars.models import Group, Invitation, Letter, Person, Session
from seminars.vocabulary import Role
from tests import cast
from tests.api.calls import script
from tests.catalogue.post import Sink, send

CSV = "email,name\nsomebody.new@example.org,Somebody New\n"
NEW = "somebody.new@example.org"


@pytest.fixture
def planned(elia: Person, dominique: Person) -> Session:
    """Elia's session, in whose team Dominique speaks: she sees it and may invite nobody."""
    session = cast.make_session(elia)
    session.team.create(person=dominique, role=Role.SPEAKER)
    return session


@pytest.fixture
def last_cycle(elia: Person, ange: Person, bruna: Person) -> Session:
    """Elia's of the same activity, a day before, with two people."""
    tomorrow = cast.make_session(elia)
    before = cast.make_session(
        elia, cast.moments.local(tomorrow.starts_at, "Europe/Paris").replace(tzinfo=None)
    )
    cast.invite(before, ange, bruna)
    return before


@pytest.fixture
def group(elia: Person, ange: Person, bruna: Person) -> Group:
    return groups.make(by=elia, name="The last cycle", people=[ange, bruna])


def ways(last_cycle: Session, group: Group) -> dict[str, dict[str, Any]]:
    """What a form of the people's page may carry."""
    return {
        "pasted": {"addresses": NEW},
        "a list": {"file": SimpleUploadedFile("people.csv", CSV.encode(), "text/csv")},
        "last cycle": {"earlier": f"{last_cycle.code}:invited"},
        "a group": {"groups": group.code},
    }


def counted() -> tuple[int, int, int]:
    return Invitation.objects.count(), Letter.objects.count(), Person.objects.count()


@pytest.mark.django_db
def test_d06_a_speaker_of_the_team_invites_by_no_way(
    planned: Session, last_cycle: Session, group: Group, dominique: Person, mailing: Sink
) -> None:
    send()
    mailing.taken.clear()
    before, browser = counted(), cast.signed_in(Client(), dominique)
    answers = {
        name: browser.post(reverse("session-people", args=[planned.code]), given).status_code
        for name, given in ways(last_cycle, group).items()
    }
    sent = {"rows": CSV, "to": NEW, "addresses": NEW, "is_over_meant": "on"}
    answers["review"] = browser.post(reverse("session-invite", args=[planned.code]), sent).status_code
    interface = script(dominique).post(f"sessions/{planned.code}/invitations/", {"addresses": [NEW]})
    assert interface.status_code == 403
    assert set(answers.values()) == {404}, answers  # a page that one may not use answers as an absent one
    assert counted() == before
    send()
    assert mailing.taken == []


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["last cycle", "a group"])
def test_d06_people_of_a_foreign_session_or_group_are_reached_from_no_session_of_ones_own(
    last_cycle: Session, group: Group, dominique: Person, mailing: Sink, way: str
) -> None:
    send()
    mailing.taken.clear()
    own = cast.make_session(dominique)
    before, browser = counted(), cast.signed_in(Client(), dominique)
    answer = browser.post(reverse("session-people", args=[own.code]), ways(last_cycle, group)[way])
    absent = {"earlier": "zzzzzzzzzzzz:invited"} if way == "last cycle" else {"groups": "zzzzzzzzzzzz"}
    unknown = browser.post(reverse("session-people", args=[own.code]), absent)
    assert (answer.status_code, unknown.status_code) == (422, 422)
    page = answer.content.decode()
    assert "ange@example.org" not in page
    assert "Ange Esquisse" not in page
    assert counted() == before
    send()
    assert mailing.taken == []


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["last cycle", "a group"])
def test_d06_who_has_the_right_reaches_them_after_the_review_and_not_before(
    elia: Person, last_cycle: Session, group: Group, mailing: Sink, way: str
) -> None:
    """The control: the same form, from her who may."""
    own = cast.make_session(elia, cast.moments.local(last_cycle.ends_at, "Europe/Paris").replace(tzinfo=None))
    send()
    mailing.taken.clear()
    browser = cast.signed_in(Client(), elia)
    review = browser.post(reverse("session-people", args=[own.code]), ways(last_cycle, group)[way])
    assert review.status_code == 200
    assert own.invitations.count() == 0
    sent = {"rows": review.context["table"], "to": ["ange@example.org", "bruna@example.org"]}
    browser.post(reverse("session-invite", args=[own.code]), sent)
    send()
    assert sorted(to for to, _ in mailing.taken) == ["ange@example.org", "bruna@example.org"]
