"""The convocation by its links, and sending it to everybody who comes."""

from datetime import timedelta
from io import BytesIO

import pypdf
import pytest
from django.core.cache import caches
from django.urls import reverse

from seminars.actions import answers, invitations, letters, sessions
from seminars.models import Letter
from seminars.moments import local
from seminars.vocabulary import Answer, LetterKind, LetterState
from tests import cast, letterbox
from web import documents

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    caches["shared"].clear()


@pytest.fixture
def session(elia):
    return cast.make_session(elia)


@pytest.fixture
def invitation(session, ange):
    (found,) = cast.invite(session, ange)
    return found


def text(response) -> str:
    assert response.headers["Content-Type"] == "application/pdf"
    return " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(response.content)).pages)


def test_she_reads_her_convocation_in_the_language_she_asks_for(client, invitation):
    there = reverse("invitation-convocation", args=[invitation.token])
    french, italian = client.get(there), client.get(there, {"language": "it"})
    assert invitation.session.title_fr in text(french)
    assert invitation.session.title_it in text(italian)
    assert "sessionid" not in client.cookies
    assert invitation.person.name in text(french)


def test_a_withdrawn_link_opens_no_paper_and_an_unknown_one_is_absent(client, invitation, elia):
    there = reverse("invitation-convocation", args=[invitation.token])
    invitations.withdraw(invitation=invitation, by=elia)
    assert client.get(there).status_code == 410
    assert client.get(reverse("invitation-convocation", args=["nobody.xyz"])).status_code == 404


def test_there_is_no_convocation_to_a_cancelled_session(client, invitation, elia):
    sessions.cancel(session=invitation.session, by=elia)
    assert client.get(reverse("invitation-convocation", args=[invitation.token])).status_code == 404


def test_somebody_who_asks_too_often_waits(client, invitation):
    there = reverse("invitation-convocation", args=[invitation.token])
    answers_ = [client.get(there).status_code for _ in range(21)]
    assert answers_ == [200] * 20 + [429]


def test_a_host_reads_it_for_a_person_and_for_nobody_else(client, session, invitation, elia, bruna):
    cast.signed_in(client, elia)
    assert invitation.person.name in text(
        client.get(reverse("convocation", args=[session.code, invitation.person.code]))
    )
    assert client.get(reverse("convocation", args=[session.code, bruna.code])).status_code == 404


def test_the_trainers_words_stand_in_the_paper_with_their_placeholders_filled(client, session, invitation):
    session.own_words.create(
        kind=LetterKind.CONVOCATION, text_fr="Pour {name} : prévoir {nothing}.", at=session.created_at
    )
    said = text(client.get(reverse("invitation-convocation", args=[invitation.token])))
    assert f"Pour {invitation.person.name}" in said.replace("\n", " ")
    assert "{name}" not in said


def test_convocations_go_to_who_said_yes_once_for_each_state_of_the_session(
    client, session, invitation, elia, bruna, tmp_path, settings
):
    cast.invite(session, bruna)
    answers.answer(invitation=invitation, answer=Answer.YES)
    cast.signed_in(client, elia)
    there = reverse("session-convocations", args=[session.code])
    assert client.post(there).status_code == 302
    client.post(there)
    (letter,) = Letter.objects.filter(kind=LetterKind.CONVOCATION)
    assert letter.person == invitation.person
    mails = [mail for mail in letterbox.Letterbox(settings, tmp_path).run() if "application/pdf" in mail.tree]
    (mail,) = mails
    assert mail.tree == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    file = next(part for part in mail.message.walk() if part.get_content_type() == "application/pdf")
    assert invitation.session.title_fr in pypdf.PdfReader(BytesIO(file.get_content())).pages[0].extract_text()
    assert mail.recipients == [invitation.person.email]
    sessions.edit(session=session, by=elia, title_fr="Un autre titre")
    invitations.withdraw(invitation=session.invitations.get(person=bruna), by=elia)
    client.post(there)
    assert Letter.objects.filter(kind=LetterKind.CONVOCATION).count() == 1, "the paper still holds"
    moved = [
        (slot.starts_at + timedelta(days=1), slot.ends_at + timedelta(days=1)) for slot in session.slots.all()
    ]
    sessions.move(
        session=session,
        by=elia,
        slots=[tuple(local(at, session.timezone).replace(tzinfo=None) for at in slot) for slot in moved],
    )
    answers.answer(invitation=session.invitations.get(person=invitation.person), answer=Answer.YES)
    client.post(there)
    assert Letter.objects.filter(kind=LetterKind.CONVOCATION).count() == 2


def test_who_said_no_has_no_paper_and_nobody_once_it_has_begun(client, session, invitation, clock):
    there = reverse("invitation-convocation", args=[invitation.token])
    answers.answer(invitation=invitation, answer=Answer.NO)
    assert client.get(there).status_code == 404
    answers.answer(invitation=invitation, answer=Answer.YES)
    assert client.get(there).status_code == 200
    clock.at(session.starts_at + timedelta(minutes=1))
    assert client.get(there).status_code == 404


def test_a_paper_that_cannot_be_made_leads_back_to_a_page_that_says_so(
    client, invitation, monkeypatch, caplog
):
    def fail(*given: object) -> None:
        raise ValueError("paper: wrong")

    monkeypatch.setattr(documents, "paper_of", fail)
    response = client.get(
        reverse("invitation-convocation", args=[invitation.token]),
        follow=True,
        headers={"Accept-Language": "en"},
    )
    assert response.redirect_chain == [(reverse("invitation", args=[invitation.token]), 302)]
    assert 'class="' in response.content.decode()
    assert "can be made" in caplog.text


def test_a_summary_pasted_with_signs_that_nobody_sees_is_kept_without_them(client, session, elia):
    cast.signed_in(client, elia)
    there = reverse("session-edit", args=[session.code])
    form = client.get(there).context["form"]
    kept = {name: form[name].value() for name in form.fields}
    given = {name: "" if value is None else value for name, value in kept.items()}
    client.post(
        there, given | {"summary_fr": "\ufeffTexte\x02 col\ufefflé\x0bfin", "title_fr": "Un\x02 ti\ufefftre"}
    )
    session.refresh_from_db()
    assert (session.summary_fr, session.title_fr) == ("Texte collé\nfin", "Un titre")


def test_a_convocation_that_came_back_is_not_sent_again_with_the_old_hour(client, session, invitation, elia):
    answers.answer(invitation=invitation, answer=Answer.YES)
    cast.signed_in(client, elia)
    client.post(reverse("session-convocations", args=[session.code]))
    lost = Letter.objects.filter(kind=LetterKind.CONVOCATION)
    lost.update(state=LetterState.FAILED)
    assert letters.retry(session=session, by=elia) == 1
    lost.update(state=LetterState.FAILED)
    day = timedelta(days=1)
    start, end = (
        local(moment, session.timezone).replace(tzinfo=None) + day
        for moment in (session.starts_at, session.ends_at)
    )
    sessions.move(session=session, by=elia, slots=[(start, end)])
    assert letters.retry(session=session, by=elia) == 0


def test_nobody_who_said_yes_is_said_in_words(client, session, invitation, elia):
    cast.signed_in(client, elia)
    response = client.post(reverse("session-convocations", args=[session.code]), follow=True)
    assert not Letter.objects.filter(kind=LetterKind.CONVOCATION).exists()
    assert response.status_code == 200
