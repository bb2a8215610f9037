"""Inviting people, and a person's own invitation: to look changes nothing, to click answers."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session as Cookie
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seminars.actions import answers, attendance, invitations, sessions
from seminars.models import Invitation, Letter, Person, PresenceEvent, Session
from seminars.vocabulary import Answer, LetterKind, LetterState, State
from tests import cast
from tests.web.forms import invite
from web.access import LEVEL
from web.offers import answer_words

pytestmark = pytest.mark.django_db


def people(session: Session) -> str:
    return reverse("session-people", args=[session.code])


def said(response: Any) -> str:
    return " ".join(map(str, response.context["messages"]))


def link(invitation: Invitation, name: str = "invitation") -> str:
    return reverse(name, args=[invitation.token])


# --- Inviting -----------------------------------------------------------------------------------------------------


def test_addresses_pasted_in_any_usual_form_are_invited(client, elia, ange):
    session = cast.make_session(elia)
    cast.signed_in(client, elia)
    text = 'Ange Esquisse <ange@example.org>, "Rossi, Luca" <luca@example.it>;bruna@example.org\nmailto:x@example.fr'
    response = invite(client, session, text)
    assert response.redirect_chain
    emails = set(session.invitations.values_list("person__email", flat=True))
    assert emails == {"ange@example.org", "luca@example.it", "bruna@example.org", "x@example.fr"}
    assert said(response) == "4 letters are on their way."


def test_good_addresses_are_invited_and_bad_ones_stay_in_the_box(client, elia):
    session = cast.make_session(elia)
    cast.signed_in(client, elia)
    response = invite(
        client, session, "ange@example.org\nluca@example\nbruna@example.org, no at sign\ncyrille@example.org"
    )
    assert response.status_code == 422
    assert session.invitations.count() == Letter.objects.count() == 3
    form = response.context["form"]
    assert form["addresses"].value() == "luca@example\nno at sign"
    assert form.errors["addresses"] == [
        "Line 1, “luca@example”: a dot is missing after “example”.",
        "Line 2, “no at sign”: there is no @.",
    ]
    assert "3 letters are on their way." in response.content.decode()


def test_an_address_twice_is_named_and_gets_one_letter(client, elia, ange):
    session = cast.make_session(elia)
    cast.signed_in(client, elia)
    english = {"accept-language": "en"}
    page = client.post(people(session), {"addresses": "ange@example.org\nANGE@EXAMPLE.ORG"}, headers=english)
    assert "Written twice, counted once: ange@example.org." in page.content.decode()
    invite(client, session, "ange@example.org\nANGE@EXAMPLE.ORG")
    assert Letter.objects.count() == 1


def test_who_is_invited_already_is_named_and_gets_no_second_letter(client, elia, ange, bruna):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    cast.signed_in(client, elia)
    page = client.post(people(session), {"addresses": "ange@example.org"})
    assert [each.person for each in page.context["review"].already] == [ange]
    assert "button go" not in page.content.decode(), "nothing to send"
    invite(client, session, "ange@example.org, bruna@example.org")
    assert Letter.objects.count() == 2


@pytest.mark.parametrize(
    "text", ["", "  \n ,; ", "nobody", "\n".join(f"p{n}@example.org" for n in range(301))]
)
def test_nobody_to_invite_or_too_many_is_refused_at_the_box(client, elia, text):
    session = cast.make_session(elia)
    cast.signed_in(client, elia)
    response = invite(client, session, text)
    assert response.status_code == 422
    assert response.context["form"].errors["addresses"]
    assert response.context["form"]["addresses"].value().strip() == text.strip()
    assert not session.invitations.exists()


def test_a_draft_and_a_cancelled_session_invite_nobody(client, elia):
    cast.signed_in(client, elia)
    draft = cast.make_session(elia, is_draft=True)
    cancelled = sessions.cancel(session=cast.make_session(elia), by=elia)
    for session in (draft, cancelled):
        assert "<textarea" not in client.get(people(session)).content.decode()
        assert invite(client, session, "ange@example.org").status_code == 422


def test_the_table_shows_answers_and_the_state_of_the_newest_letter(client, elia, ange, bruna):
    session = cast.make_session(elia)
    first, second = cast.invite(session, ange, bruna)
    Letter.objects.filter(invitation=first).update(state=LetterState.SENT)
    Letter.objects.filter(invitation=second).update(state=LetterState.DEAD)
    answers.answer(invitation=first, answer=Answer.YES, note="Je viens <à> pied")
    cast.signed_in(client, elia)
    response = client.get(people(session))
    page = response.content.decode()
    assert [(guest.invitation.answer, guest.letter) for guest in response.context["guests"]] == [
        ("yes", "sent"),
        ("", "dead"),
    ]
    assert response.context["counts"] == {"yes": 1, "maybe": 0, "no": 0, "none": 1}
    assert "Je viens &lt;à&gt; pied" in page
    assert 'class="chip bad"' in page


def test_the_page_asks_the_database_as_often_for_thirty_as_for_one(client, elia):
    session = cast.make_session(elia)
    cast.signed_in(client, elia)
    counts = []
    for many in (1, 30):
        addresses = [invitations.Address(number, f"p{number}@example.org") for number in range(many)]
        invitations.invite(session=session, by=elia, addresses=addresses)
        with CaptureQueriesContext(connection) as asked:
            assert len(client.get(people(session)).context["guests"]) == many
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14


def test_a_withdrawn_invitation_leaves_the_table_and_its_link_opens_nothing(client, elia, ange):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    Letter.objects.update(state=LetterState.SENT)
    token = invitation.token
    cast.signed_in(client, elia)
    address = reverse("invitation-withdraw", args=[session.code, ange.code])
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == 302
    assert Letter.objects.filter(kind=LetterKind.WITHDRAWAL).count() == 1
    assert client.get(people(session)).context["guests"] == []
    assert Client().get(reverse("invitation", args=[token])).status_code == 410, "she is told"
    assert client.post(address).status_code == 404


def test_only_hosts_see_and_invite_people(client, elia, ange, stranger):
    session = cast.make_session(elia, is_public=True)
    cast.invite(session, ange)
    for person in (ange, stranger):
        cast.signed_in(client, person)
        assert [client.get(people(session)).status_code, client.post(people(session)).status_code] == [
            404,
            404,
        ]
    assert Client().get(people(session)).status_code == 302


# --- Her own invitation -------------------------------------------------------------------------------------------


def test_to_look_changes_nothing_and_starts_no_session(client, elia, ange):
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    before = Invitation.objects.values().get()
    for name in ("invitation", "invitation-room", "invitation-feedback"):
        assert client.get(link(invitation, name)).status_code == 200
    assert Invitation.objects.values().get() == before
    assert "sessionid" not in client.cookies
    assert not Cookie.objects.exists()


def test_the_link_opens_in_her_language_unless_the_browser_has_chosen(client, elia, bruna):
    (invitation,) = cast.invite(cast.make_session(elia), bruna)
    response = client.get(link(invitation), headers={"accept-language": "fr"})
    assert response.headers["Content-Language"] == "it"
    assert '<html lang="it">' in response.content.decode()
    client.cookies["django_language"] = "en"
    assert '<html lang="en">' in client.get(link(invitation)).content.decode()


@pytest.mark.parametrize("value", ["yes", "maybe", "no"])
def test_one_click_answers_and_starts_a_weak_session(client, elia, ange, value):
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    answered = {"answer": value, "note": "Avec plaisir"}
    response = client.post(link(invitation, "invitation-answer"), answered, follow=True)
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.note) == (value, "Avec plaisir")
    assert response.redirect_chain == [(link(invitation), 302)]
    assert client.session[LEVEL] == "invited"
    page = response.content.decode()
    assert len(response.context["messages"]) == 1
    assert page.count('aria-pressed="true"') == 1
    assert reverse("today") in page
    assert (link(invitation, "invitation-room") in page) == (value != "no")
    assert page.count("button go") == (value != "no"), "after a no there is nothing more to do"
    assert page.count(answer_words(invitation)) == 1, "said once: above, not in the heading too"
    assert f"<h2>{answer_words(invitation)}</h2>" in client.get(link(invitation)).content.decode()


def test_an_answer_may_lead_back_to_a_page_of_ours_and_nowhere_else(client, elia, ange):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    back = reverse("session", args=[session.code])
    post = {"answer": "yes"}
    assert client.post(link(invitation, "invitation-answer"), post | {"next": back}).url == back
    elsewhere = post | {"next": "https://example.com/"}
    assert client.post(link(invitation, "invitation-answer"), elsewhere).url == link(invitation)


@pytest.mark.parametrize(
    "typed", [{}, {"answer": ""}, {"answer": "perhaps"}, {"answer": "yes", "note": "x" * 301}]
)
def test_an_answer_that_is_none_is_refused_and_the_note_kept(client, elia, ange, typed):
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    response = client.post(link(invitation, "invitation-answer"), {"note": "Un mot"} | typed)
    assert response.status_code == 422
    assert typed.get("note", "Un mot") in response.content.decode()
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.note) == ("", "")
    assert "sessionid" not in client.cookies


def test_answers_close_at_the_start(client, elia, ange, clock):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    clock.at(session.starts_at)
    assert 'value="yes"' not in client.get(link(invitation)).content.decode()
    assert client.post(link(invitation, "invitation-answer"), {"answer": "no"}).status_code == 422


def test_before_the_answer_yes_is_filled_and_when_the_room_opens_join_is(client, elia, ange, clock):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    assert 'class="button go" name="answer" value="yes"' in client.get(link(invitation)).content.decode()
    clock.at(session.starts_at - timedelta(minutes=10))
    page = client.get(link(invitation)).content.decode()
    assert page.count("button go") == 1
    assert f'<a class="button go big full" href="{link(invitation, "invitation-room")}">' in page
    assert 'value="yes"' in page, "answers are still taken"


def test_a_cancelled_session_says_so_and_asks_nothing(client, elia, ange):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    sessions.cancel(session=session, by=elia)
    page = client.get(link(invitation)).content.decode()
    assert 'class="notice bad"' in page
    assert 'name="answer"' not in page


@pytest.mark.parametrize("name", ["invitation", "invitation-room", "invitation-feedback"])
def test_a_guessed_link_opens_nothing(client, elia, ange, name):
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    for token in (
        invitation.code,
        f"{invitation.code}.AAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "x",
        f"é.{invitation.code}",
    ):
        assert client.get(reverse(name, args=[token])).status_code == 404


@pytest.mark.parametrize("name", ["invitation-answer", "invitation-join"])
def test_a_click_elsewhere_on_the_web_answers_nothing(elia, ange, name):
    (invitation,) = cast.invite(cast.make_session(elia), ange)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link(invitation, name), {"answer": "yes"}).status_code == 403
    assert strict.get(link(invitation, name)).status_code == 302, "to the page with the form"
    invitation.refresh_from_db()
    assert (invitation.answer, PresenceEvent.objects.count()) == ("", 0)


def test_join_takes_her_in_and_leads_to_the_video(client, elia, ange, clock, settings):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    clock.at(session.starts_at - timedelta(minutes=5))
    ids = {"connection": str(uuid.uuid4()), "event": str(uuid.uuid4())}
    for _again in range(2):
        response = client.post(link(invitation, "invitation-join"), ids)
    assert response.status_code == 303
    assert response.url.startswith(f"https://{settings.VIDEO_HOST}/")
    assert client.session[LEVEL] == "invited"
    assert PresenceEvent.objects.count() == 1, "a repeated click is one event"
    settings.VIDEO_MODE = "embed"
    response = client.post(link(invitation, "invitation-join"), ids)
    assert (response.status_code, response.url) == (303, reverse("session-room", args=[session.code]))


def test_joining_a_session_in_a_hall_leads_to_no_video(client, elia, ange, clock):
    session = cast.make_session(elia, mode="in-person", place="Cuneo")
    (invitation,) = cast.invite(session, ange)
    clock.at(session.starts_at)
    response = client.post(link(invitation, "invitation-join"))
    assert response.url == reverse("session-room", args=[session.code])
    assert attendance.people_present(session) == [ange.pk]


def test_join_before_the_room_opens_says_when(client, elia, ange):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    response = client.post(link(invitation, "invitation-join"), follow=True)
    assert response.redirect_chain == [(link(invitation, "invitation-room"), 302)]
    assert len(response.context["messages"]) == 1
    assert attendance.people_present(session) == []


def test_feedback_is_reached_by_a_click(client, elia, ange, clock):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    clock.at(session.starts_at)
    sessions.open_(session=session, by=elia)
    clock.at(session.ends_at)
    sessions.close(session=session, by=elia)
    response = client.post(link(invitation, "invitation-feedback"))
    assert response.url == reverse("session-feedback", args=[session.code])
    assert client.session[LEVEL] == "invited"


def test_a_forwarded_link_gives_no_hosts_power(client, elia, andrea):
    """Andrea coordinates the host's side; through her invitation's link nobody becomes a host."""
    session = cast.make_session(elia, host=andrea.organisation)
    (invitation,) = cast.invite(session, andrea)
    client.post(link(invitation, "invitation-answer"), {"answer": "yes"})
    assert Person.objects.get(pk=client.session["_auth_user_id"]) == andrea
    assert client.get(reverse("session", args=[session.code])).status_code == 200
    for refused in (client.get(people(session)), client.post(reverse("session-cancel", args=[session.code]))):
        assert refused.url.startswith("/sign-in/?next=")
    session.refresh_from_db()
    assert session.state == State.SCHEDULED


def test_who_is_signed_in_as_somebody_else_is_told_before_the_click(client, elia, bruna, dominique):
    (invitation,) = cast.invite(cast.make_session(elia), bruna)
    cast.signed_in(client, dominique)
    own = cast.signed_in(Client(), bruna)
    for name in ("invitation", "invitation-room", "invitation-feedback"):
        page = client.get(link(invitation, name)).content.decode()
        assert 'class="notice care"' in page
        assert "Bruna Schizzo" in page
        assert 'class="notice care"' not in own.get(link(invitation, name)).content.decode()


def test_an_answer_for_somebody_else_is_kept_and_leaves_the_browser_as_it_was(client, elia, bruna, dominique):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, bruna)
    cast.signed_in(client, dominique)
    post = {"answer": "no"}
    english = {"accept-language": "en"}
    response = client.post(link(invitation, "invitation-answer"), post, follow=True, headers=english)
    invitation.refresh_from_db()
    assert invitation.answer == "no"
    assert said(response) == "The answer of Bruna Schizzo is kept: No. You stay signed in as yourself."
    assert Person.objects.get(pk=client.session["_auth_user_id"]) == dominique
    assert client.session[LEVEL] == "full"


def test_who_came_by_one_letter_goes_on_by_the_next(client, elia, ange, bruna):
    session = cast.make_session(elia)
    first, second = cast.invite(session, ange, bruna)
    for invitation in (first, second):
        client.post(link(invitation, "invitation-answer"), {"answer": "yes"})
        assert Person.objects.get(pk=client.session["_auth_user_id"]) == invitation.person


def test_who_is_inside_already_is_led_back_and_not_asked_to_join_again(client, elia, ange, clock):
    session = cast.make_session(elia)
    (invitation,) = cast.invite(session, ange)
    clock.at(session.starts_at)
    attendance.arrive(session=session, person=ange, connection=uuid.uuid4(), event=uuid.uuid4())
    address = f"/i/{invitation.token}/room/"
    assert "data-join" in client.get(address).content.decode()
    cast.signed_in(client, ange, invited=True)
    page = client.get(address).content.decode()
    assert "data-join" not in page
    assert f"/sessions/{session.code}/room/" in page
