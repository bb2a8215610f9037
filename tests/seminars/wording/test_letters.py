"""What each kind of letter says, in each language; one recipient each, nothing of the others."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from seminars import addresses, moments
from seminars.actions import answers, invitations, letters, people, sessions, substitutions
from seminars.models import Invitation, Letter, Person, Session
from seminars.vocabulary import LetterKind, LetterState, Mode
from seminars.wording.mail import KINDS
from tests import cast
from tests.letterbox import Letterbox, Mail

pytestmark = pytest.mark.django_db
UNDRAWN = re.compile(r"\{\{|\{%|%\(\w+\)|\bNone\b")
LIGHT = 15_000
PLAIN = ("message", "reminder", "feedback", "substitution", "sign_in")
SESSION_TREE = [
    "multipart/mixed",
    "multipart/alternative",
    "text/plain",
    "text/html",
    "text/calendar",
    "application/ics",
]


@pytest.fixture
def letterbox(settings: Any, tmp_path: Path) -> Letterbox:
    return Letterbox(settings, tmp_path)


@pytest.fixture
def session(elia: Person) -> Session:
    return cast.make_session(elia, summary_fr="Trois mots par métier.", summary_it="Tre parole per mestiere.")


@pytest.fixture
def english(ange: Person) -> Person:
    """Somebody whose letters say our own words, whatever the catalogues say."""
    Person.objects.filter(pk=ange.pk).update(language="en")
    ange.refresh_from_db()
    return ange


def wall(session: Session, **later: float) -> tuple[datetime, datetime]:
    """The session's hours on its wall clock, some time later."""
    start, end = (
        moments.local(moment, session.timezone).replace(tzinfo=None) + timedelta(**later)
        for moment in (session.starts_at, session.ends_at)
    )
    return start, end


def all_kinds(session: Session, ange: Person, letterbox: Letterbox) -> dict[str, Mail]:
    """One letter of each kind to one person, in the order of a session's life."""
    (invitation,) = cast.invite(session, ange)
    found = {"invitation": letterbox.run()}
    by = session.created_by
    letters.post(kind=LetterKind.ASKING, invitation=invitation, revision=letters.freeze(session))
    found["asking"] = letterbox.run()
    wish = substitutions.ask(invitation=invitation, name="Zoé", email="zoe@example.org")
    substitutions.decline(substitution=wish, by=by)
    found["substitution"] = letterbox.run()
    sessions.move(session=session, by=by, slots=[wall(session, days=1)])
    found["update"] = letterbox.run()
    letters.publish(session=session, by=by, text_fr="Prenez un café.", text_it="Prenda un caffè.")
    found["message"] = letterbox.run()
    invitation.refresh_from_db()
    letters.post(kind=LetterKind.REMINDER, invitation=invitation, revision=letters.freeze(session))
    found["reminder"] = letterbox.run()
    letters.post(kind=LetterKind.CONVOCATION, invitation=invitation, revision=letters.freeze(session))
    found["convocation"] = letterbox.run()
    invitations.withdraw(invitation=invitation, by=by)
    found["withdrawal"] = letterbox.run()
    (invitation,) = cast.invite(session, ange)
    letterbox.run()
    session.refresh_from_db()
    letters.post(kind=LetterKind.FEEDBACK, invitation=invitation, revision=letters.freeze(session))
    found["feedback"] = letterbox.run()
    sessions.cancel(session=session, by=by)
    found["cancellation"] = letterbox.run()
    people.ask_link(email=ange.email)
    found["sign_in"] = letterbox.run()
    of_guests = KINDS.keys() - {LetterKind.SEAL}  # which goes to the team: test_seal
    assert {kind: len(mails) for kind, mails in found.items()} == dict.fromkeys(of_guests, 1)
    return {kind: mails[0] for kind, mails in found.items()}


@pytest.mark.parametrize("language", ["fr", "it", "en"])
def test_every_kind_of_letter_is_drawn_whole_in_the_readers_language(
    session, ange, bruna, letterbox, language
):
    Person.objects.filter(pk=ange.pk).update(language=language)
    for kind, mail in all_kinds(session, ange, letterbox).items():
        assert mail.recipients == [ange.email], kind
        assert str(mail.message["Content-Language"]) == language
        assert f'<html lang="{language}">' in mail.html
        for words in (mail.subject, mail.text, mail.html):
            assert words.strip(), kind
            assert not UNDRAWN.search(words), (kind, words)
        assert "color-scheme" in mail.html
        assert not re.search(r"<(img|script|link|iframe)\b", mail.html), kind
        assert "\n\n\n" not in mail.text
        assert len(mail.html.encode()) < LIGHT
        plain = ["multipart/alternative", "text/plain", "text/html"]
        if kind == LetterKind.CONVOCATION:
            assert mail.tree == ["multipart/mixed", *plain, "application/pdf"]
        else:
            assert mail.tree == (plain if kind in PLAIN else SESSION_TREE)


def test_a_letter_names_no_other_invited_person(session, ange, bruna, cyrille, letterbox):
    cast.invite(session, ange, bruna, cyrille)
    for mail in letterbox.run():
        (own,) = mail.recipients
        whole = mail.text + mail.html + mail.calendar.replace(b"\r\n ", b"").decode()
        others = {ange.email, bruna.email, cyrille.email} - {own}
        assert not [address for address in others if address in whole]
        assert [str(each) for each in [mail.event["ATTENDEE"]]] == [f"mailto:{own}"]


def test_each_person_reads_her_own_language_and_her_own_clock(session, ange, bruna, letterbox):
    cast.invite(session, ange, bruna)
    said = {mail.recipients[0]: mail for mail in letterbox.run()}
    assert str(said[ange.email].event["SUMMARY"]) == session.title_fr
    assert str(said[bruna.email].event["SUMMARY"]) == session.title_it
    assert "9\u202fh\u202f00 à 10\u202fh\u202f30" in said[ange.email].text
    assert "dalle 9:00 alle 10:30" in said[bruna.email].text
    assert "heure de Paris" in said[ange.email].text
    assert "ora di Roma" in said[bruna.email].text
    assert {str(mail.event["UID"]) for mail in said.values()} == {session.uid}


def test_an_invitation_carries_both_links_and_says_how_to_answer(session, english, letterbox):
    (invitation,) = cast.invite(session, english)
    (mail,) = letterbox.run()
    answer, room = addresses.invitation(invitation.token), addresses.invitation_room(invitation.token)
    for words in (mail.text, mail.html):
        assert answer in words
        assert room in words
        assert "calendar program" in words
    event = mail.event
    assert str(event["DESCRIPTION"]).split("\n")[0] == room
    assert (str(event["LOCATION"]), str(event["URL"]), str(event["CONFERENCE"])) == (room, answer, room)
    assert mail.sender == f"sessions+{invitation.agent}@localhost"
    assert str(event["ORGANIZER"]) == f"mailto:{mail.sender}"
    assert (event["ATTENDEE"].params["PARTSTAT"], event["ATTENDEE"].params["RSVP"]) == (
        "NEEDS-ACTION",
        "TRUE",
    )
    assert str(mail.message["Message-ID"]) == f"<{Letter.objects.get().pk}@localhost>"


def test_a_moved_session_keeps_its_uid_and_raises_sequence_and_stamp(session, english, letterbox):
    cast.invite(session, english)
    (first,) = letterbox.run()
    sessions.move(session=session, by=session.created_by, slots=[wall(session, days=1)])
    (second,) = letterbox.run()
    one, two = first.event, second.event
    assert (one["UID"], one["ORGANIZER"]) == (two["UID"], two["ORGANIZER"])
    assert (one["SEQUENCE"], two["SEQUENCE"]) == (0, 1)
    assert two["DTSTAMP"].dt > one["DTSTAMP"].dt
    assert two["DTSTART"].dt - one["DTSTART"].dt == timedelta(days=1)
    assert "Before:" in second.text
    assert second.method == "REQUEST"


def test_changed_words_keep_the_answer(session, english, letterbox, clock):
    (invitation,) = cast.invite(session, english)
    letterbox.run()
    answers.answer(invitation=invitation, answer="yes")
    sessions.edit(session=session, by=session.created_by, title_fr="Les mots du soin")
    clock.forward(minutes=settings.EDITS_MERGED_MINUTES + 1)
    (mail,) = letterbox.run()
    assert mail.event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert str(mail.event["SUMMARY"]) == "Les mots du soin"
    assert "Your answer is kept" in mail.text
    assert "Before:" not in mail.text


def test_who_never_answered_is_not_asked_for_another_answer_because_of_words(
    session, english, letterbox, clock
):
    cast.invite(session, english)
    letterbox.run()
    sessions.edit(session=session, by=session.created_by, title_fr="Les mots du soin")
    clock.forward(minutes=settings.EDITS_MERGED_MINUTES + 1)
    (mail,) = letterbox.run()
    for form in (mail.text, mail.html):
        assert "Your answer is still missing." in form
        assert "as it stands now." not in form


def test_another_time_or_place_asks_anew(session, english, letterbox):
    (invitation,) = cast.invite(session, english)
    letterbox.run()
    for change in ({"slots": [wall(session, days=1)]}, {"slots": [wall(session)], "place": "Cuneo"}):
        answers.answer(invitation=invitation, answer="yes")
        sessions.move(session=session, by=session.created_by, **change)
        (mail,) = letterbox.run()
        assert mail.event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
        assert mail.event["ATTENDEE"].params["RSVP"] == "TRUE"
        assert "Please answer for the session as it stands now." in mail.text


def test_a_cancelled_session_is_cancelled_for_calendars_too(session, ange, letterbox):
    (invitation,) = cast.invite(session, ange)
    letterbox.run()
    sessions.cancel(session=session, by=session.created_by)
    (mail,) = letterbox.run()
    assert (mail.method, mail.event["STATUS"], mail.event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert str(mail.event["SUMMARY"]) == session.title_fr
    assert not mail.event.walk("VALARM")
    assert addresses.invitation_room(invitation.token) not in mail.calendar.replace(b"\r\n ", b"").decode()


def test_a_withdrawn_person_alone_gets_a_cancel_without_status(session, ange, bruna, letterbox):
    kept, _other = cast.invite(session, ange, bruna)
    letterbox.run()
    invitations.withdraw(invitation=kept, by=session.created_by)
    (mail,) = letterbox.run()
    assert mail.recipients == [ange.email]
    assert (mail.method, mail.event.get("STATUS"), mail.event["SEQUENCE"]) == ("CANCEL", None, 1)
    assert "/i/" not in mail.text + mail.html
    assert b"/i/" not in mail.calendar


def test_who_is_invited_again_gets_a_request_that_calendars_take(session, ange, letterbox):
    (invitation,) = cast.invite(session, ange)
    letterbox.run()
    invitations.withdraw(invitation=invitation, by=session.created_by)
    (cancel,) = letterbox.run()
    cast.invite(session, ange)
    (again,) = letterbox.run()
    order = [(mail.event["SEQUENCE"], mail.event["DTSTAMP"].dt) for mail in (cancel, again)]
    assert order == sorted(order)
    assert order[0] != order[1]
    assert (again.method, again.sender) == ("REQUEST", cancel.sender)


def test_a_confidential_session_tells_its_hours_and_nothing_else(elia, english, letterbox):
    session = cast.make_session(
        elia, title_fr="Violences", title_it="Violenze", summary_fr="Récit", is_confidential=True
    )
    cast.invite(session, english)
    (mail,) = letterbox.run()
    whole = mail.subject + mail.text + mail.html + mail.calendar.replace(b"\r\n ", b"").decode()
    assert not re.search("Violen[cz]e|Récit", whole)
    assert (str(mail.event["SUMMARY"]), str(mail.event["CLASS"])) == ("Occupied", "CONFIDENTIAL")


def test_a_session_of_several_half_days_lists_them(elia, ange, letterbox):
    day = datetime(2027, 3, 11)
    slots = [(day.replace(hour=9), day.replace(hour=12)), (day.replace(hour=14), day.replace(hour=17))]
    cast.invite(cast.make_session(elia, slots=slots), ange)
    (mail,) = letterbox.run()
    assert (mail.event["DTSTART"].dt.hour, mail.event["DTEND"].dt.hour) == (9, 17)
    for words in (mail.text, str(mail.event["DESCRIPTION"])):
        assert "14\u202fh\u202f00 à 17\u202fh\u202f00" in words


@pytest.mark.parametrize(("mode", "place"), [(Mode.IN_PERSON, "Saluzzo"), (Mode.HYBRID, "Saluzzo; https://")])
def test_the_place_stands_where_calendars_look_for_it(elia, ange, letterbox, mode, place):
    cast.invite(cast.make_session(elia, mode=mode, place="Saluzzo"), ange)
    (mail,) = letterbox.run()
    assert str(mail.event["LOCATION"]).startswith(place.replace("https://", "http://"))
    assert ("CONFERENCE" in mail.event) is (mode == Mode.HYBRID)
    assert "Saluzzo" in mail.text


def test_the_subject_of_a_moved_session_gives_day_and_hour(elia, ange, bruna, letterbox):
    session = cast.make_session(elia, datetime(2027, 3, 10, 9))
    cast.invite(session, ange, bruna)
    letterbox.run()
    slots = [(datetime(2027, 3, 11, 14), datetime(2027, 3, 11, 15))]
    sessions.move(session=session, by=elia, slots=slots)
    subjects = {mail.recipients[0]: mail.subject for mail in letterbox.run()}
    assert subjects[ange.email].endswith("désormais jeudi 11 mars, 14 h 00")
    assert subjects[bruna.email].endswith("adesso giovedì 11 marzo, ore 14:00")


def test_a_title_or_name_can_begin_no_header(elia, english, letterbox):
    Person.objects.filter(pk=english.pk).update(name='Ange "A"\r\nBcc: thief@example.net')
    cast.invite(cast.make_session(elia, title_fr="Mots\r\nBcc: thief@example.net"), english)
    (mail,) = letterbox.run()
    assert mail.recipients == [english.email]
    assert mail.message["Bcc"] is None
    assert mail.subject.startswith("Invitation: Mots Bcc: thief@example.net")


def test_marks_of_html_stay_words(elia, english, letterbox):
    session = cast.make_session(elia, title_fr="<b>Mots</b> & <script>x</script>")
    cast.invite(session, english)
    (mail,) = letterbox.run()
    assert "<script>" not in mail.html
    assert "&lt;b&gt;Mots&lt;/b&gt; &amp;" in mail.html
    assert "<b>Mots</b> & <script>x</script>" in mail.text


def test_a_message_is_read_in_the_readers_language_or_the_one_there_is(session, ange, bruna, letterbox):
    cast.invite(session, ange, bruna)
    letterbox.run()
    letters.publish(session=session, by=session.created_by, text_fr="Un café ?", text_it="")
    assert ["Un café ?" in mail.text for mail in letterbox.run()] == [True, True]
    letters.publish(session=session, by=session.created_by, text_fr="Un café ?", text_it="Un caffè?")
    said = {mail.recipients[0]: mail.text for mail in letterbox.run()}
    assert "Un caffè?" in said[bruna.email]
    assert "Un caffè?" not in said[ange.email]


def test_who_said_no_gets_no_message(session, ange, bruna, letterbox):
    declined, _ = cast.invite(session, ange, bruna)
    letterbox.run()
    answers.answer(invitation=declined, answer="no")
    letters.publish(session=session, by=session.created_by, text_fr="Un café ?")
    assert [mail.recipients for mail in letterbox.run()] == [[bruna.email]]


def test_a_sign_in_letter_opens_the_door_it_names(ange, letterbox):
    people.ask_link(email=ange.email)
    (mail,) = letterbox.run()
    link = ange.sign_in_links.get()
    assert addresses.sign_in(people.token_of(link)) in mail.text
    assert people.number_of(link) in mail.text
    assert mail.sender == "sessions@localhost"


def test_a_letter_says_what_was_frozen_whatever_happened_since(session, ange, letterbox):
    cast.invite(session, ange)
    Session.objects.filter(pk=session.pk).update(
        title_fr="Autre",
        sequence=9,
        starts_at=datetime(2031, 1, 1, tzinfo=UTC),
        ends_at=datetime(2031, 1, 2, tzinfo=UTC),
    )
    (mail,) = letterbox.run()
    assert (str(mail.event["SUMMARY"]), mail.event["SEQUENCE"]) == (session.title_fr, 0)
    assert mail.event["DTSTART"].dt == session.starts_at


def test_nobody_is_written_to_who_is_out(session, ange, bruna, letterbox):
    cast.invite(session, ange, bruna)
    Person.objects.filter(pk=ange.pk).update(is_active=False)
    Invitation.objects.filter(person=bruna).update(withdrawn_at=moments.now())
    assert letterbox.run() == []
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SUPERSEDED}
