"""What the review knows before sending: what the act will do, and nothing that is none of her business who asks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from seminars.actions import invitations, quotas
from seminars.exchange.address import Address
from seminars.models import Letter, Organisation, Person, Session, Unsubscription
from seminars.moments import now
from seminars.queries import prospects
from seminars.queries.prospects import Prospect, Review
from seminars.vocabulary import LetterKind, LetterState
from tests import cast
from tests.web.forms import acquainted

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia: Person) -> Session:
    return cast.make_session(elia)


def look(session: Session, by: Person, *emails: str) -> Review:
    addresses = [Address(number, email) for number, email in enumerate(emails, 1)]
    return prospects.review(session, addresses, by=by)


def only(review: Review) -> Prospect:
    (found,) = [*review.coming, *review.already]
    return found


def names(prospect: Prospect) -> list[str]:
    return [note.name for note in prospect.notes]


def letters(session: Session, state: str, *, hours_ago: int = 0, why: str = "") -> None:
    moment = now() - timedelta(hours=hours_ago)
    session.letters.update(state=state, last_error=why, created_at=moment, stamp=moment)


# --- The review and the act agree -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "hours_here", "elsewhere", "hours_elsewhere", "is_unreached", "notes"),
    [
        (LetterState.SENT, 2, LetterState.FAILED, 0, False, ["elsewhere"]),
        (LetterState.SENT, 0, LetterState.FAILED, 2, False, []),
        (LetterState.FAILED, 2, LetterState.SENT, 0, True, ["bounced", "invited"]),
        (LetterState.DEAD, 0, LetterState.FAILED, 2, True, ["bounced", "invited"]),
        (LetterState.PENDING, 0, LetterState.SENT, 2, False, []),
    ],
)
def test_who_gets_her_letter_again_is_who_did_not_get_that_of_this_invitation(
    session, elia, ange, here, hours_here, elsewhere, hours_elsewhere, is_unreached, notes
):
    other = cast.make_session(elia)
    cast.invite(session, ange)
    cast.invite(other, ange)
    letters(session, here, hours_ago=hours_here)
    letters(other, elsewhere, hours_ago=hours_elsewhere)
    review = look(session, elia, ange.email)
    assert [names(each) for each in review.coming] == ([notes] if is_unreached else [])
    assert [names(each) for each in review.already] == ([] if is_unreached else [notes])
    before = Letter.objects.filter(session=session).count()
    done = invitations.invite(session=session, by=elia, addresses=[Address(1, ange.email)])
    assert (done.again, done.already) == (([ange], []) if is_unreached else ([], [ange]))
    assert Letter.objects.filter(session=session).count() - before == is_unreached


@pytest.mark.parametrize(
    "written", ["organisation fr-elan", "Organisation FR-ÉLAN", "fr-elan", "organizzazione fr-élan"]
)
def test_seats_count_an_organisation_as_the_act_finds_it(session, elia, written):
    said = {"name_fr": "Organisation fr-élan", "name_it": "Organizzazione fr-élan"}
    elan = Organisation.objects.create(key="fr-elan", country="FR", **said)
    quotas.keep(session=session, by=elia, seats={elan: 1})
    people = [Address(n, f"p{n}@example.org", organisation=written) for n in (1, 2)]
    review = prospects.review(session, people, by=elia)
    assert [(one.organisation, one.over) for one in review.over] == [(elan, 1)]
    assert {one.organisation for one in review.coming} == {elan}
    with pytest.raises(invitations.Refused, match="over_quota"):
        invitations.invite(session=session, by=elia, addresses=people)


def test_as_many_questions_for_forty_named_organisations_as_for_one(session, elia, ange, bruna, cyrille):
    acquainted(elia, ange, bruna, cyrille)
    counts = []
    for many in (1, 40):
        rows = [Address(n, f"p{n}@example.org", organisation=f"Ente {n}") for n in range(many)]
        rows += [Address(99, one.email) for one in (ange, bruna, cyrille)[: 3 if many > 1 else 1]]
        with CaptureQueriesContext(connection) as asked:
            prospects.review(session, rows, by=elia)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


# --- Who is ticked --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["noreply@x.org", "marie@gmial.com"])
def test_what_is_most_likely_a_mistake_is_not_ticked(session, elia, email):
    review = look(session, elia, email, "ok@gmail.com")
    assert [each.address.email for each in review.chosen] == ["ok@gmail.com"]


def test_who_is_suspended_is_named_and_not_ticked(session, elia, ange):
    acquainted(elia, ange)
    Person.objects.filter(pk=ange.pk).update(is_active=False)
    review = look(session, elia, ange.email)
    assert (names(only(review)), review.chosen) == (["suspended"], [])


# --- Whose business it is -------------------------------------------------------------------------------------------


def strange(session: Session, by: Person, person: Person) -> bool:
    """Whether nothing is said of her but what was written."""
    found = only(look(session, by, person.email))
    return found.is_new and found.name != person.name and not found.notes and found.organisation is None


def test_somebody_nobody_here_has_met_is_shown_as_new_and_invited_as_herself(session, elia, dominique, ange):
    cast.invite(cast.make_session(dominique), ange)
    Letter.objects.update(state=LetterState.FAILED, last_error="550 5.1.1 no such user")
    Unsubscription.objects.create(person=ange, kind=LetterKind.REMINDER, at=now())
    Person.objects.filter(pk=ange.pk).update(language="en")
    assert strange(session, elia, ange)
    done = invitations.invite(session=session, by=elia, addresses=[Address(1, ange.email, "X")])
    assert [each.person for each in done.new] == [ange]


def test_whoever_was_invited_by_her_or_works_beside_her_is_known_to_her(
    session, elia, bruna, ange, cyrille, camille
):
    assert not strange(session, elia, bruna), "of her organisation"
    assert strange(session, elia, ange)
    acquainted(elia, ange)
    assert not strange(session, elia, ange)
    colleague = cast.person("gio", "Gio Prova", organisation_key="it-coop", country="IT")
    assert not strange(cast.make_session(colleague), colleague, ange), "her organisation's session"
    assert strange(cast.make_session(camille), camille, ange)
    cast.invite(session, cyrille)
    assert not strange(session, elia, cyrille), "invited to this very session"


def test_a_bounce_of_a_foreign_session_is_not_told(session, elia, dominique, ange):
    acquainted(elia, ange)
    cast.invite(cast.make_session(dominique), ange)
    Letter.objects.update(state=LetterState.FAILED, last_error="550 5.1.1 no such user")
    assert names(only(look(session, elia, ange.email))) == []
