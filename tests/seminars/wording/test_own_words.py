"""A trainer's own words in letters: her reader's language, placeholders filled in once, marks that stay words."""

from pathlib import Path
from typing import Any

import pytest

from seminars.actions import own_words as actions
from seminars.actions import sessions
from seminars.models import Person, Session
from seminars.vocabulary import LetterKind
from seminars.wording import own_words
from seminars.wording.beside import TRAINER
from tests import cast
from tests.letterbox import Letterbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def letterbox(settings: Any, tmp_path: Path) -> Letterbox:
    return Letterbox(settings, tmp_path)


@pytest.fixture
def session(elia: Person) -> Session:
    return cast.make_session(elia)


def say(session: Session, kind: LetterKind = LetterKind.INVITATION, **texts: str) -> None:
    actions.say(session=session, by=session.created_by, kind=kind, texts=texts)


def test_each_reads_them_in_her_own_language(session, ange, bruna, letterbox):
    say(session, fr="Bonjour {name},\n\napportez un carnet.", it="Salve {name}.")
    cast.invite(session, ange, bruna)
    said = {mail.recipients[0]: mail for mail in letterbox.run()}
    assert "> Bonjour Ange Esquisse,\n>\n> apportez un carnet." in said[ange.email].text
    assert "> Salve Bruna Schizzo." in said[bruna.email].text
    assert (
        '<blockquote class="said" lang="it"><p>Salve Bruna Schizzo.</p></blockquote>'
        in said[bruna.email].html
    )


def test_another_language_only_where_hers_is_empty(session, ange, bruna, letterbox):
    say(session, it="Portate un quaderno.")
    cast.invite(session, ange, bruna)
    for mail in letterbox.run():
        assert "> Portate un quaderno." in mail.text
        assert '<blockquote class="said" lang="it">' in mail.html


def test_every_placeholder_is_filled_in_on_the_readers_clock(elia, ange, letterbox):
    session = cast.make_session(elia, mode="hybrid", place="Cuneo")
    say(session, fr="{name}|{title}|{day}|{hour}|{ place }|{trainer}")
    cast.invite(session, ange)
    (mail,) = letterbox.run()
    (line,) = [line for line in mail.text.split("\n") if line.startswith("> ")]
    name, title, day, hour, place, trainer = line.removeprefix("> ").split("|")
    assert (name, title, trainer) == (ange.name, session.title_fr, elia.name)
    assert hour == "9\u202fh\u202f00"
    assert place.endswith("Cuneo")
    assert day in mail.text.replace(line, "")


def test_braces_that_a_value_brings_are_not_filled_in_again(elia, ange, letterbox):
    Person.objects.filter(pk=ange.pk).update(name="Ange {title} {trainer}")
    session = cast.make_session(elia, title_fr="Mots {name}")
    say(session, fr="{name}: {title}")
    cast.invite(session, ange)
    (mail,) = letterbox.run()
    assert "> Ange {title} {trainer}: Mots {name}" in mail.text


def test_they_begin_no_header_and_no_mark(session, ange, letterbox):
    Person.objects.filter(pk=ange.pk).update(name="Ange\r\nBcc: thief@example.net")
    say(session, fr="</blockquote><script>x</script>\r\nBcc: thief@example.net\r\n\r\n{name} % x")
    cast.invite(session, ange)
    (mail,) = letterbox.run()
    assert mail.recipients == [ange.email]
    assert mail.message["Bcc"] is None
    assert "<script>" not in mail.html
    assert "> Ange Bcc: thief@example.net % x" in mail.text


def test_each_kind_has_its_own(session, ange, letterbox):
    say(session, fr="Pour inviter.")
    say(session, kind=LetterKind.CANCELLATION, fr="Pour annuler.")
    cast.invite(session, ange)
    (invitation,) = letterbox.run()
    sessions.cancel(session=session, by=session.created_by)
    (end,) = letterbox.run()
    assert ["Pour inviter." in mail.text for mail in (invitation, end)] == [True, False]
    assert ["Pour annuler." in mail.text for mail in (invitation, end)] == [False, True]


def test_words_said_after_the_posting_wait_for_the_next_letter(session, ange, bruna, letterbox):
    cast.invite(session, ange)
    say(session, fr="Trop tard.")
    (mail,) = letterbox.run()
    assert "Trop tard." not in mail.text
    cast.invite(session, bruna)
    (mail,) = letterbox.run()
    assert "Trop tard." in mail.text


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("{name} {day} { place }", []),
        ("{nom} {titolo} {ora} {docente}", []),
        ("{prénom}", ["{prénom}"]),
        ("{}", ["{}"]),
        ("Salut {name", ["{name"]),
        ("name} ?", ["name}"]),
        ("{{name}}", ["{", "}"]),
        ("{name.__class__} {0} {0}", ["{name.__class__}", "{0}"]),
        ("{x} à {heure et", ["{x}", "{heure"]),
    ],
)
def test_what_would_not_be_filled_in_is_seen(text, faults):
    assert own_words.faults(text) == faults


def test_placeholders_may_be_named_in_french_and_italian_in_any_text(session, elia, ange, bruna, letterbox):
    say(
        session,
        fr="{nom}|{titre}|{jour}|{heure}|{lieu}|{formateur}",
        it="{nome}|{titolo}|{giorno}|{ora}|{luogo}|{formateur}|{docente}|{trainer}",
    )
    cast.invite(session, ange, bruna)
    lines = {
        mail.recipients[0]: next(line for line in mail.text.split("\n") if line.startswith("> "))
        for mail in letterbox.run()
    }
    assert lines[ange.email].startswith(f"> {ange.name}|{session.title_fr}|")
    assert lines[ange.email].endswith(f"|{elia.name}")
    assert lines[bruna.email].startswith(f"> {bruna.name}|{session.title_it}|")
    assert lines[bruna.email].endswith(f"|{elia.name}" * 3)
    assert not {"{", "}"} & set("".join(lines.values()))


@pytest.mark.parametrize("alias", ["trainer", *own_words.PLACEHOLDERS["trainer"].values()])
def test_the_trainer_is_looked_up_by_whatever_name_the_words_ask(session, alias):
    assert TRAINER.search(f"avec {{ {alias} }}")


def test_the_trainer_is_who_trains_not_who_invited(session, elia, andrea, ange, letterbox):
    say(session, fr="{formateur}")
    cast.invite(session, ange, by=andrea)
    (mail,) = letterbox.run()
    assert f"> {elia.name}\n" in mail.text
