"""Writing to everybody, and the demonstration's mailbox."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext

from seminars.actions import answers, letters, sessions
from seminars.models import Letter, Message, Person, Session
from seminars.queries import live
from seminars.vocabulary import Audience, LetterKind, State
from seminars.wording import render
from tests import cast
from tests.letterbox import Letterbox, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def letterbox(settings: Any, tmp_path: Path) -> Letterbox:
    settings.DEMO = True
    return Letterbox(settings, tmp_path)


@pytest.fixture
def session(elia: Person) -> Session:
    return cast.make_session(elia)


def test_the_page_says_how_many_people_each_choice_reaches(client, elia, session, ange, bruna, cyrille):
    declined, coming, _ = cast.invite(session, ange, bruna, cyrille)
    answers.answer(invitation=declined, answer="no")
    answers.answer(invitation=coming, answer="yes")
    cast.signed_in(client, elia)
    html = client.get(
        f"/sessions/{session.code}/message/", headers={"Accept-Language": "en"}
    ).content.decode()
    assert "Everybody who did not say no: 2 letters" in html
    assert "Those who have not answered: 1 letter<" in html
    assert "Those who said yes: 1 letter<" in html


def test_a_word_to_some_reaches_them_alone_and_no_screen(client, elia, session, ange, bruna):
    coming, _ = cast.invite(session, ange, bruna)
    answers.answer(invitation=coming, answer="yes")
    before = Session.objects.get(pk=session.pk).live_seq
    cast.signed_in(client, elia)
    words = {"text_fr": "Répondez-vous ?", "audience": Audience.UNANSWERED}
    response = client.post(f"/sessions/{session.code}/message/", words, headers={"Accept-Language": "en"})
    assert response.status_code == 302
    assert [letter.person for letter in Letter.objects.filter(kind=LetterKind.MESSAGE)] == [bruna]
    session.refresh_from_db()
    assert session.live_seq == before
    assert live.participant_state(session, ange.pk)["messages"] == []
    page = client.get(
        f"/sessions/{session.code}/message/", headers={"Accept-Language": "en"}
    ).content.decode()
    assert "Those who have not answered, " in page


def test_a_word_to_nobody_is_refused_and_comes_back_whole(client, elia, session, ange):
    cast.invite(session, ange)
    cast.signed_in(client, elia)
    words = {"text_fr": "À jeudi", "audience": Audience.COMING}
    response = client.post(f"/sessions/{session.code}/message/", words, headers={"Accept-Language": "en"})
    assert response.status_code == 422
    assert "This would reach nobody." in response.content.decode()
    assert "À jeudi" in response.content.decode()
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("audience", "opening"),
    [
        (Audience.EVERYBODY, "writes to everybody of this session:"),
        (Audience.UNANSWERED, "writes to those who have not answered yet:"),
        (Audience.COMING, "writes to those who said yes:"),
    ],
)
def test_a_word_says_in_its_mail_to_whom_it_goes(elia, session, ange, audience, opening):
    Person.objects.filter(pk=ange.pk).update(language="en")
    (invitation,) = cast.invite(session, Person.objects.get(pk=ange.pk))
    if audience == Audience.COMING:
        answers.answer(invitation=invitation, answer="yes")
    letters.publish(session=session, by=elia, text_fr="Un mot", text_it="", audience=audience)
    mail = read(render(Letter.objects.get(kind=LetterKind.MESSAGE)))
    for words in (mail.text, mail.html):
        assert f"{elia.name} {opening}" in words


def test_a_word_to_everybody_leaves_by_mail(client, elia, session, ange, bruna):
    cast.invite(session, ange, bruna)
    cast.signed_in(client, elia)
    response = client.post(f"/sessions/{session.code}/message/", {"text_fr": "Un café ?", "text_it": ""})
    assert (response.status_code, response.headers["Location"]) == (302, f"/sessions/{session.code}/")
    assert Message.objects.get().text_fr == "Un café ?"
    assert Letter.objects.filter(kind=LetterKind.MESSAGE).count() == 2


def test_whoever_writes_while_hosting_comes_back_to_the_room(client, elia, session, ange):
    cast.invite(session, ange)
    Session.objects.filter(pk=session.pk).update(state=State.RUNNING)
    cast.signed_in(client, elia)
    host = f"/sessions/{session.code}/host/"
    page = client.get(f"/sessions/{session.code}/message/").content.decode()
    assert f'<p class="crumb"><a href="{host}">' in page
    response = client.post(f"/sessions/{session.code}/message/", {"text_it": "Pausa"})
    assert response.headers["Location"] == host


def test_the_button_carries_the_count_where_it_is_sure(client, elia, session, ange, bruna):
    address = f"/sessions/{session.code}/message/"
    cast.signed_in(client, elia)
    coming, _ = cast.invite(session, ange, bruna)
    html = client.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert html.count("Send 2 letters</button>") == 2  # below the fields, and at the foot of a phone
    answers.answer(invitation=coming, answer="yes")
    html = client.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert html.count("Send the message</button>") == 2
    assert "Send 2" not in html
    assert html.index("text_it") < html.index("Send the message")


def test_the_page_says_what_a_missing_language_means(client, elia, session):
    cast.signed_in(client, elia)
    html = client.get(
        f"/sessions/{session.code}/message/", headers={"Accept-Language": "en"}
    ).content.decode()
    assert "At least one language." in html
    assert "Without a text in Italian, Italian readers get the French one." in html
    assert "Without a text in French, French readers get the Italian one." in html
    assert '<span class="optional">' not in html


def test_changes_that_wait_leave_with_the_message_and_it_is_said(client, elia, session, ange, bruna, cyrille):
    declined, *_ = cast.invite(session, ange, bruna, cyrille)
    answers.answer(invitation=declined, answer="no")
    Letter.objects.update(state="sent")
    address, english = f"/sessions/{session.code}/message/", {"Accept-Language": "en"}
    cast.signed_in(client, elia)
    assert "your last changes" not in client.get(address, headers=english).content.decode()
    sessions.edit(session=session, by=elia, title_fr="Autres mots")
    html = client.get(address, headers=english).content.decode()
    said = r"2 letters about your last changes wait until \d+:\d\d\. They leave with this message\."
    assert re.search(said, html)
    page = client.post(address, {"text_fr": "Un café ?"}, headers=english, follow=True).content.decode()
    assert "2 letters about your last changes leave with the message." in page


def test_a_text_in_the_other_language_is_marked_as_such(client, elia, session, ange, bruna, letterbox):
    cast.invite(session, ange, bruna)
    letterbox.run()
    cast.signed_in(client, elia)
    client.post(f"/sessions/{session.code}/message/", {"text_fr": "Un café ?"})
    said = {mail.recipients[0]: mail for mail in letterbox.run()}
    french, italian = said[ange.email], said[bruna.email]
    with translation.override("it"):
        mark = str(gettext("(in French)"))
    for form in (italian.text, italian.html):
        assert form.index(mark) < form.index("Un café ?")
    assert '<div class="said" lang="fr">' in italian.html
    for form in (french.text, french.html):
        assert "(in French)" not in form
        assert "(en français)" not in form


def test_an_empty_word_is_refused_in_words(client, elia, session):
    cast.signed_in(client, elia)
    response = client.post(
        f"/sessions/{session.code}/message/", {"text_fr": " "}, headers={"Accept-Language": "en"}
    )
    assert response.status_code == 422
    assert "Write a text in at least one language." in response.content.decode()
    assert not Message.objects.exists()


def test_a_text_too_long_comes_back_whole(client, elia, session):
    cast.signed_in(client, elia)
    response = client.post(f"/sessions/{session.code}/message/", {"text_fr": "x" * 2001, "text_it": "Ecco"})
    assert response.status_code == 422
    assert "x" * 2001 in response.content.decode()
    assert "Ecco" in response.content.decode()


def test_only_hosts_write_to_everybody(client, session, ange):
    cast.invite(session, ange)
    address = f"/sessions/{session.code}/message/"
    assert client.get(address).status_code == 302
    cast.signed_in(client, ange)
    assert client.get(address).status_code == 404
    assert client.post(address, {"text_fr": "x"}).status_code == 404
    assert not Message.objects.exists()


def test_the_mailbox_lists_the_newest_letter_first(client, session, ange, bruna, letterbox, clock):
    cast.invite(session, ange)
    letterbox.run()
    clock.forward(minutes=1)
    cast.invite(session, bruna)
    letterbox.run()
    html = client.get("/demo/mail/").content.decode()
    assert html.index(bruna.email) < html.index(ange.email)
    assert html.count("/demo/mail/2") == 2


def test_an_empty_mailbox_says_what_comes_next(client, letterbox):
    assert "No letter yet." in client.get("/demo/mail/", headers={"Accept-Language": "en"}).content.decode()


def test_a_letter_is_shown_with_its_links_and_its_calendar_part(client, session, ange, letterbox):
    (invitation,) = cast.invite(session, ange)
    (mail,) = letterbox.run()
    (file,) = letterbox.place.glob("*.eml")
    html = client.get(f"/demo/mail/{file.name}/").content.decode()
    assert re.search(rf'<a href="http://localhost:8000/i/{re.escape(invitation.token)}/"', html)
    assert "METHOD:REQUEST" in html
    assert mail.subject in html


def test_a_letters_html_stands_alone_without_script_or_request(client, session, ange, letterbox):
    cast.invite(session, ange)
    (mail,) = letterbox.run()
    (file,) = letterbox.place.glob("*.eml")
    response = client.get(f"/demo/mail/{file.name}/?part=html")
    assert (
        response.content.decode() == mail.html.replace("\r\n", "\n") or response.content.decode() == mail.html
    )
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy


@pytest.mark.parametrize(
    "name", ["..%2Fsecret.eml", "secret.eml", "..", "%2e%2e%2fsecret.eml", "a.eml%00", "nothing.eml", "x.txt"]
)
def test_no_other_file_can_be_read(client, letterbox, name):
    letterbox.place.mkdir(parents=True)
    (letterbox.place.parent / "secret.eml").write_text("Subject: secret\n\nsecret")
    (letterbox.place / "x.txt").write_text("secret")
    response = client.get(f"/demo/mail/{name}/")
    assert response.status_code in (404, 410)
    assert b"Subject: secret" not in response.content


def test_without_the_demonstration_there_is_no_mailbox(client, elia, session, ange, letterbox, settings):
    cast.invite(session, ange)
    letterbox.run()
    settings.DEMO = False
    (file,) = letterbox.place.glob("*.eml")
    cast.signed_in(client, elia)
    assert client.get("/demo/mail/").status_code == 404
    assert client.get(f"/demo/mail/{file.name}/").status_code == 404
