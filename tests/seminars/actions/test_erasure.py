"""Being forgotten: what no law asks for goes at once, the rest on its day; the chain holds and totals stay."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session as WebSession
from django.core.management import call_command
from django.core.serializers import serialize
from django.test import Client

from seminars.actions import erasure, invitations, keeping
from seminars.errors import Refused
from seminars.evidence import chain
from seminars.models import (
    ApiToken,
    CalendarKey,
    ErasureRequest,
    FeedVersion,
    Invitation,
    Letter,
    Person,
    PresenceEvent,
    SealedSheet,
    SignInLink,
)
from seminars.moments import as_if, now
from seminars.queries import remaining, sealed
from seminars.queries.holdings import HOLDINGS, Fate, references
from seminars.vocabulary import LetterState, Role
from tests import cast
from tests.keepsakes import CANARY, scatter, sealed_difficult, sealing_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(tmp_path, settings):
    sealing_at(tmp_path, settings)
    made = sealed_difficult()
    scatter(made[0].session, made[0].people["ange"], made[0].people["elia"])
    return made


def paid_and_over(made):
    with as_if(datetime(2028, 6, 30, tzinfo=UTC)):
        keeping.note_payment(project="", paid_on=date(2028, 3, 1), by=made[0].people["camille"])
    return as_if(datetime(2034, 1, 1, 12, tzinfo=UTC))


def everything_said():
    """All columns of all tables, as text."""
    models = [model for model in apps.get_models() if model is not WebSession]
    return "\n".join(serialize("json", model._base_manager.all()) for model in models)


def test_at_once_her_ways_in_her_words_and_her_letters_go(made):
    session, ange = made[0].session, made[0].people["ange"]
    cast.signed_in(Client(), ange)
    other = cast.signed_in(Client(), made[0].people["bruna"])
    request = erasure.ask(person=ange)
    ange.refresh_from_db()
    assert (ange.is_active, ange.email, ange.name) == (False, f"{ange.code}@erased.invalid", "Ange Esquisse")
    for model in (CalendarKey, ApiToken, SignInLink):
        assert not model.objects.filter(person=ange).exists()
    assert not FeedVersion.objects.exclude(name="public").exists()
    assert not ange.groups.exists()
    assert not Letter.objects.filter(person=ange).exclude(content=None).exists()
    assert not Letter.objects.filter(person=ange, state=LetterState.PENDING).exists()
    assert Invitation.objects.get(session=session, person=ange).note == ""
    assert [web.get_decoded()["_auth_user_id"] for web in WebSession.objects.all()] == [
        other.session["_auth_user_id"]
    ]
    assert "ange@example.org" not in everything_said()
    assert (request.keep_until, request.erased_at) == (None, None)


def test_what_the_law_asks_for_stays_until_its_day(made):
    ange = made[0].people["ange"]
    erasure.ask(person=ange)
    with as_if(datetime(2030, 1, 1, tzinfo=UTC)):
        assert erasure.finish_due() == {}
    with paid_and_over(made):
        pass
    with as_if(datetime(2030, 1, 1, tzinfo=UTC)):
        assert erasure.finish_due() == {"dated": 1}
    assert ErasureRequest.objects.get().keep_until == date(2033, 12, 31)
    assert "Ange Esquisse" in json.dumps(SealedSheet.objects.get().people)
    with as_if(datetime(2033, 12, 31, 23, tzinfo=UTC)):
        assert erasure.finish_due() == {}
    with as_if(datetime(2034, 1, 1, 1, tzinfo=UTC)):
        assert erasure.finish_due() == {"erased": 1}
        assert erasure.finish_due() == {}


def test_once_erased_nothing_leads_to_her_and_the_chain_holds(made, capsys):
    session, ange = made[0].session, made[0].people["ange"]
    ange.refresh_from_db()
    salt, totals = ange.salt, [(row.minutes, row.percent) for row in sealed.sheet_of(session).rows]
    count, head = PresenceEvent.objects.count(), sealed.latest(session).head
    erasure.ask(person=ange)
    with paid_and_over(made):
        erasure.finish_due()
    said = everything_said()
    for trace in ("Ange Esquisse", "ange@example.org", salt):
        assert trace not in said
    assert json.dumps(CANARY)[1:-1] + " word" in said  # a word to everybody stays, and names nobody
    assert f"{CANARY} note" not in said
    assert f"{CANARY} key" not in said
    ange.refresh_from_db()
    assert (ange.name, ange.salt, ange.organisation, ange.country, ange.key) == ("—", "", None, "", None)
    assert not PresenceEvent.objects.filter(person=ange).exists()
    assert (PresenceEvent.objects.count(), sealed.latest(session).head) == (count, head)
    assert [(row.minutes, row.percent) for row in sealed.sheet_of(session).rows] == totals
    assert chain.commitment("", ange.code) not in said
    call_command("verify_attendance")
    assert "hold" in capsys.readouterr().out


def test_each_reference_meets_the_fate_that_the_table_says(made):
    ange = made[0].people["ange"]
    erasure.ask(person=ange)
    left = {
        name for name, model, field in references() if model._base_manager.filter(**{field: ange}).exists()
    }
    assert not {name for name in left if HOLDINGS[name].fate == Fate.GOES_NOW}
    with paid_and_over(made):
        erasure.finish_due()
    left = {
        name for name, model, field in references() if model._base_manager.filter(**{field: ange}).exists()
    }
    assert left == {"Invitation.person"}
    assert {HOLDINGS[name].fate for name in left} == {Fate.STAYS}


def test_who_authored_is_erased_from_every_line_too(made):
    session, elia = made[0].session, made[0].people["elia"]
    erasure.ask(person=elia)
    with paid_and_over(made):
        erasure.finish_due()
    assert "Elia Prova" not in everything_said()
    assert not PresenceEvent.objects.filter(author=elia).exists()
    assert any(name for name, _reason in sealed.sheet_of(session).declarations)


def test_others_are_left_as_they_were(made):
    bruna = made[0].people["bruna"]
    before = serialize("json", Person.objects.filter(pk=bruna.pk))
    with paid_and_over(made):
        erasure.ask(person=made[0].people["ange"])
    assert serialize("json", Person.objects.filter(pk=bruna.pk)) == before
    assert "Bruna Schizzo" in json.dumps(SealedSheet.objects.get().people)


def test_who_stands_on_no_sheet_is_erased_at_once(stranger):
    request = erasure.ask(person=stranger)
    stranger.refresh_from_db()
    assert request.erased_at is not None
    assert (stranger.name, stranger.is_active) == ("—", False)
    assert ErasureRequest.objects.get().person is None


def test_what_is_to_come_goes_on_without_her_and_no_letter_leaves(dominique, ange, bruna):
    session = cast.make_session(dominique)
    cast.invite(session, ange, bruna)
    erasure.ask(person=ange)
    assert list(session.invitations.active().values_list("person", flat=True)) == [bruna.pk]
    assert not Letter.objects.filter(person=ange, state=LetterState.PENDING).exists()
    assert Letter.objects.filter(person=bruna, state=LetterState.PENDING).exists()
    invitations.invite(
        session=session, by=dominique, addresses=[invitations.Address(1, "ange@example.org")]
    )  # her address is free again, for somebody who is not the one erased
    assert Person.objects.by_email("ange@example.org").pk != ange.pk


def test_who_runs_what_is_to_come_hands_it_over_first(dominique):
    session = cast.make_session(dominique)
    with pytest.raises(Refused) as refused:
        erasure.ask(person=dominique)
    assert refused.value.code == "erasure_leads"
    assert list(remaining.led(dominique)) == [session]
    dominique.refresh_from_db()
    assert dominique.is_active


def test_nobody_is_forgotten_twice(made):
    ange = made[0].people["ange"]
    erasure.ask(person=ange)
    with pytest.raises(Refused) as refused:
        erasure.ask(person=ange)
    assert refused.value.code == "erasure_asked"


def test_a_substitute_who_is_named_by_another_is_forgotten_too(dominique, ange, bruna):
    session = cast.make_session(dominique)
    (invitation,) = cast.invite(session, ange)
    asked = {"name": "Bruna Schizzo", "language": "it", "asked_at": now()}
    invitation.substitutions.create(email="BRUNA@example.org", **asked)
    invitation.substitutions.create(
        email="bruna@example.org", decided_at=now() + timedelta(hours=1), is_accepted=False, **asked
    )
    erasure.ask(person=bruna)
    assert [(each.name, each.email) for each in invitation.substitutions.all()] == [
        ("—", f"{bruna.code}@erased.invalid")
    ]
    assert Person.objects.filter(role=Role.PARTICIPANT, is_active=True).count() == 1
