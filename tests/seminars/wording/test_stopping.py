"""Stopping one kind of letters: by the header that mail programs press (RFC 8058), and by the link at the end."""

import re
from typing import Any

import pytest
from django.utils import translation

from seminars import addresses
from seminars.actions import letters
from seminars.ical.imip import stopping
from seminars.models import Invitation, Letter, Message, Person
from seminars.moments import now
from seminars.vocabulary import STOPPABLE, LetterKind
from seminars.wording import Series, render
from seminars.wording.stopping import WORDS
from tests import cast
from tests.letterbox import read

pytestmark = pytest.mark.django_db
MUST_KNOW = [LetterKind.INVITATION, LetterKind.UPDATE, LetterKind.CANCELLATION, LetterKind.WITHDRAWAL]


@pytest.fixture
def invitation(elia: Person, ange: Person) -> Invitation:
    Person.objects.filter(pk=ange.pk).update(language="en")
    return cast.invite(cast.make_session(elia), ange)[0]


def letter_of(invitation: Invitation, kind: LetterKind) -> Letter:
    session = invitation.session
    said = Message.objects.create(session=session, text_fr="Un café ?", at=now())
    posted = letters.post(
        kind=LetterKind.MESSAGE, invitation=invitation, revision=letters.freeze(session), message=said
    )
    assert posted
    posted.kind, posted.sequence = kind, 1
    return posted


@pytest.mark.parametrize("kind", STOPPABLE)
def test_what_she_may_stop_says_how_in_header_text_and_html(invitation, kind):
    mail = read(render(letter_of(invitation, kind)))
    address = addresses.invitation_stop(invitation.token, kind)
    assert mail.message["List-Unsubscribe"].strip() == f"<{address}>"
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with translation.override(invitation.person.language):
        words = str(WORDS[kind])
    assert f"{words}\n{address}\n" in mail.text
    assert f'<a href="{address}">{words}</a>' in mail.html


@pytest.mark.parametrize("kind", MUST_KNOW)
def test_what_she_must_know_cannot_be_stopped(invitation, kind):
    mail = read(render(letter_of(invitation, kind)))
    assert mail.message["List-Unsubscribe"] is None
    assert "/stop/" not in mail.text + mail.html


def test_every_kind_that_can_be_stopped_has_its_words():
    assert set(WORDS) == set(STOPPABLE)


@pytest.mark.parametrize("length", [0, 20, 300])
def test_series_and_slow_form_fold_the_header_alike(invitation, settings: Any, length):
    settings.SITE_URL = "https://viso.example/" + "x" * length
    letter = letter_of(invitation, LetterKind.REMINDER)
    content = render(letter)
    assert Series().draw(letter) == content
    head = content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    address = addresses.invitation_stop(invitation.token, "reminder")
    (line,) = [line for line in head if address.encode() in line]
    assert line.strip().removeprefix(b"List-Unsubscribe: ") == f"<{address}>".encode()
    assert all(len(line) <= 76 for line in head if address.encode() not in line)


def test_an_address_that_no_line_can_hold_is_refused(invitation, settings: Any):
    settings.SITE_URL = "https://viso.example/" + "x" * 1000
    letter = letter_of(invitation, LetterKind.REMINDER)
    for draw in (Series().draw, render):
        with pytest.raises(ValueError, match="unsubscribe: too long"):
            draw(letter)


@pytest.mark.parametrize(
    "address",
    ["https://a.example/x\r\nBcc: t@example.net", "mailto:x@example.org", "é", "https://a.example/>"],
)
def test_an_address_can_begin_no_header(address):
    with pytest.raises(ValueError, match="unsubscribe: not an absolute web address"):
        stopping(address)


def test_the_two_headers_stand_once(invitation):
    content = render(letter_of(invitation, LetterKind.MESSAGE))
    assert len(re.findall(rb"(?m)^List-Unsubscribe:", content)) == 1
    assert len(re.findall(rb"(?m)^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$", content)) == 1
