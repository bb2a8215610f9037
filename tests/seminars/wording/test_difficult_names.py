"""Names that break careless writers, and what an invitation's entry says in its reader's language (RFC 5545, 6047)."""

from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest

from seminars.models import Letter, Person
from tests import cast
from tests.letterbox import Letterbox

pytestmark = pytest.mark.django_db
HARD = {
    'Ange "Gigi", dite; l’Autre: <x>': "Ange ’Gigi’, dite; l’Autre: <x>",
    "Ange\r\nATTENDEE:mailto:thief@example.net": "Ange ATTENDEE:mailto:thief@example.net",
    "Zoë 🌻 👩🏽‍⚕️ Œuvre": "Zoë 🌻 👩🏽‍⚕️ Œuvre",
    "Ang\u00e9lique-" * 11 + "Fin": "Ang\u00e9lique-" * 11 + "Fin",
    "C:\\new ^n": "C:/new ˆn",
    "名前": "名前",
}


@pytest.fixture
def letterbox(settings: Any, tmp_path: Path) -> Letterbox:
    return Letterbox(settings, tmp_path)


@pytest.mark.parametrize("name", HARD)
def test_a_hard_name_stays_one_person_in_mail_and_calendar(elia, ange, letterbox, name):
    Person.objects.filter(pk=ange.pk).update(name=name)
    cast.invite(cast.make_session(elia), ange)
    (mail,) = letterbox.run()
    (attendee,) = [mail.event["ATTENDEE"]]
    assert (attendee, attendee.params["CN"]) == (f"mailto:{ange.email}", HARD[name])
    to = str(make_header(decode_header(message_from_bytes(mail.content)["To"].replace("\r\n", ""))))
    assert to.replace('"', "").replace("\\\\", "\\") == f"{' '.join(name.split())} <{ange.email}>".replace(
        '"', ""
    )
    assert mail.recipients == [ange.email]
    assert all(len(line) <= 75 for line in mail.calendar.split(b"\r\n"))
    assert b'CN="' in mail.calendar.replace(b"\r\n ", b"") or not set(HARD[name]) & set(",;:")


@pytest.mark.parametrize(
    ("language", "title", "label"),
    [
        ("fr", "Les mots du travail social", "Rejoindre la séance"),
        ("it", "Le parole del lavoro sociale", "Entra nell’incontro"),
    ],
)
def test_alarm_and_labels_speak_the_readers_language(elia, ange, letterbox, language, title, label):
    Person.objects.filter(pk=ange.pk).update(language=language)
    cast.invite(cast.make_session(elia), ange)
    (mail,) = letterbox.run()
    (alarm,) = mail.event.walk("VALARM")
    assert (str(alarm["ACTION"]), str(alarm["DESCRIPTION"])) == ("DISPLAY", title)
    assert alarm["TRIGGER"].dt.total_seconds() == -15 * 60
    assert mail.event["CONFERENCE"].params["LABEL"] == label
    for name in ("SUMMARY", "DESCRIPTION", "LOCATION", "CONFERENCE", "ATTENDEE"):
        assert mail.event[name].params["LANGUAGE"] == language


def test_a_confidential_alarm_says_no_title(elia, ange, letterbox):
    Person.objects.filter(pk=ange.pk).update(language="en")
    cast.invite(cast.make_session(elia, title_fr="Violences", is_confidential=True), ange)
    (mail,) = letterbox.run()
    (alarm,) = mail.event.walk("VALARM")
    assert str(alarm["DESCRIPTION"]) == "Occupied"
    assert b"Violences" not in mail.calendar


def test_an_invitation_names_its_reader_alone(elia, ange, bruna, letterbox):
    cast.invite(cast.make_session(elia), ange, bruna)
    agents = set()
    for mail in letterbox.run():
        assert mail.calendar.count(b"ATTENDEE") == 1
        assert str(mail.event["ORGANIZER"]) == f"mailto:{mail.sender}"
        agents.add(mail.sender)
    assert len(agents) == Letter.objects.count() == 2
