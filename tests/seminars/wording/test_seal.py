"""The letter that brings a seal: whoever keeps it holds what proves the sheet, and no name of a participant."""

import json
from base64 import b64encode

import pytest

from seminars.actions import sealing
from seminars.evidence import seals
from seminars.models import Letter, Person, Session
from seminars.moments import as_if
from seminars.queries import sealed
from seminars.vocabulary import LetterKind
from seminars.wording import render
from tests.difficult import difficult, hour
from tests.letterbox import read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.SEAL_KEY = b64encode(bytes(range(32))).decode()
    settings.SEALS_DIR = tmp_path / "seals"


def mail_to(made, key="camille", **more):
    with as_if(hour(17)):
        done = sealing.seal(session=made.session, by=made.people["elia"])
    letter = Letter.objects.get(kind=LetterKind.SEAL, person=made.people[key])
    return done, read(render(letter))


def test_the_seal_is_attached_and_is_what_was_signed():
    done, mail = mail_to(difficult())
    assert mail.tree == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/json",
    ]
    [part] = [part for part in mail.message.walk() if part.get_content_type() == "application/json"]
    told = json.loads(part.get_content())
    assert part.get_filename() == f"seal-{done.session.code}-v1.json"
    assert told == sealed.seal_file(done)
    assert seals.is_signed(told["seal"], told["signature"])


def test_the_letter_says_what_it_is_and_names_no_participant():
    made = difficult()
    done, mail = mail_to(made)
    whole = mail.text + mail.html
    assert made.session.title_fr in mail.subject
    assert f"/verify/{done.code}/" in mail.text
    assert done.digest[:8] in mail.text
    assert "List-Unsubscribe" not in mail.message
    others = Person.objects.exclude(pk=made.people["camille"].pk)
    assert not any(person.name in whole or person.email in whole for person in others)


def test_a_confidential_session_is_named_by_its_day():
    made = difficult()
    Session.objects.filter(pk=made.session.pk).update(is_confidential=True)
    _done, mail = mail_to(made)
    assert made.session.title_fr not in mail.subject + mail.text + mail.html
    assert "12 mars 2026" in mail.text
