"""Writing to everybody, and the demonstration's mailbox."""

import re
from pathlib import Path
from typing import Any

import pytest

from seminars.actions import invitations
from seminars.models import Letter, Message, Person, Session
from seminars.vocabulary import LetterKind, State
from tests import cast
from tests.letterbox import Letterbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def letterbox(settings: Any, tmp_path: Path) -> Letterbox:
    settings.DEMO = True
    return Letterbox(settings, tmp_path)


@pytest.fixture
def session(elia: Person) -> Session:
    return cast.make_session(elia)


def test_the_page_says_how_many_letters_will_leave(client, elia, session, ange, bruna, cyrille):
    declined, *_ = cast.invite(session, ange, bruna, cyrille)
    invitations.answer(invitation=declined, answer="no")
    cast.signed_in(client, elia)
    html = client.get(
        f"/sessions/{session.code}/message/", headers={"Accept-Language": "en"}
    ).content.decode()
    assert "2 letters will leave." in html
    assert "Send 2 letters" in html


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
