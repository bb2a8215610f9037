"""Sealing: what must be said before, what is written, what a new version quotes, and what leaves the machine."""

import json
import stat
from types import SimpleNamespace

import pytest
from django.conf import settings as given
from django.db import transaction

from seminars.actions import sealing
from seminars.actions.ledger import append
from seminars.errors import Refused
from seminars.evidence import chain, seals
from seminars.models import Explanation, Letter, PresenceEvent, SealedSheet
from seminars.moments import as_if
from seminars.queries import consistency, sealed, verification
from seminars.vocabulary import LetterKind, PresenceKind, Source
from tests import cast
from tests.difficult import difficult, hour

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.SEAL_KEY_PLACE = tmp_path / "seal_key"
    settings.SEALS_DIR = tmp_path / "seals"
    settings.PROJECT = given.PROJECT | {"code": "ALPI 1"}


@pytest.fixture
def findings(monkeypatch):
    """The report says what a test says."""
    found: list[SimpleNamespace] = []
    monkeypatch.setattr(consistency, "findings", lambda session, sheet: tuple(found))
    return found


@pytest.fixture
def made():
    return difficult()


def seal(made, by="elia", **more):
    with as_if(hour(17)):
        return sealing.seal(session=made.session, by=made.people[by], **more)


def correct(made, key="jeanne", at=17):
    with as_if(hour(at, 5)), transaction.atomic():
        append(
            session=made.session,
            person=made.people[key],
            author=made.people["elia"],
            kind=PresenceKind.CORRECTED,
            source=Source.TRAINER,
            at=hour(at, 5),
            slot_number=2,
            reason="Left at three, not later",
            data={"times": [[chain.stamp(hour(13, 45)), chain.stamp(hour(15))]]},
        )


def refusal(made, **more):
    with pytest.raises(Refused) as refused:
        seal(made, **more)
    return refused.value


def test_the_first_seal_stands_at_the_end_of_the_ledger(made):
    done = seal(made)
    last = PresenceEvent.objects.filter(session=made.session).order_by("seq").last()
    assert (done.version, done.number, done.count, done.head) == (1, 1, last.seq, last.hash)
    assert (done.previous, done.supersedes, done.project) == (chain.GENESIS, "", "ALPI 1")
    assert done.digest == seals.digest(done.content)
    assert list(verification.own_faults(SealedSheet.objects.get(pk=done.pk))) == []


def test_a_sealed_sheet_is_the_sheet_until_something_comes(made):
    done = seal(made)
    shown = sealed.sheet_of(made.session)
    assert (shown.version, shown.seal, shown.is_changed) == (1, done, False)
    correct(made)
    live = sealed.sheet_of(made.session)
    assert (live.version, live.seal, live.is_changed) == (1, done, True)
    assert next(row for row in live.rows if row.code == made.people["jeanne"].code).minutes == 255
    as_sealed = sealed.sheet_of(made.session, 1)
    assert next(row for row in as_sealed.rows if row.code == made.people["jeanne"].code).minutes == 285


def test_who_seals_and_is_in_the_team_has_signed_for_what_was_held(made):
    done = seal(made, by="camille")
    signed = PresenceEvent.objects.filter(person=made.people["camille"], kind=PresenceKind.SIGNED)
    assert [(each.slot.number, each.data["as"]) for each in signed] == [(1, "trainer"), (2, "trainer")]
    assert done.count == PresenceEvent.objects.count()


def test_a_running_session_is_not_sealed():
    assert refusal(difficult(is_closed=False)).code == "not_now"


def test_an_open_walk_in_is_decided_first(made):
    made.session.walk_ins.filter(person=made.people["walter"]).update(decided_at=None, is_confirmed=None)
    assert refusal(made).code == "walk_ins_open"


def test_a_bad_finding_needs_its_reason(made, findings):
    findings += [
        SimpleNamespace(key="twice:1", level="bad"),
        SimpleNamespace(key="care:1", level="care"),
    ]
    assert refusal(made).facts == {"count": 1}
    Explanation.objects.create(
        session=made.session, finding="twice:1", reason="Both rooms", by=made.people["elia"], at=hour(16, 50)
    )
    assert seal(made).content["explanations"][0]["reason"] == "Both rooms"


def test_nothing_new_is_not_sealed_again(made):
    seal(made)
    assert refusal(made, reason="Once more").code == "seal_unchanged"


def test_a_new_version_quotes_the_old_one_and_says_why(made):
    first = seal(made)
    correct(made)
    assert refusal(made).code == "reason_missing"
    second = seal(made, reason="Jeanne left earlier")
    assert (second.version, second.number) == (2, 2)
    assert (second.supersedes, second.previous) == (first.seal_hash, first.seal_hash)
    assert second.content["reason"] == second.reason == "Jeanne left earlier"
    assert list(verification.project_faults("ALPI 1")) == []


def test_sheets_of_a_project_quote_one_another_and_another_project_begins_anew(made, settings, elia, ange):
    first = seal(made)
    other = cast.make_session(elia)
    cast.invite(other, ange)
    type(other).objects.filter(pk=other.pk).update(
        state="ended", opened_at=other.starts_at, closed_at=other.ends_at
    )
    with as_if(other.ends_at):
        second = sealing.seal(session=other, by=elia)
    assert (second.number, second.previous, second.count) == (2, first.seal_hash, 0)
    correct(made)
    settings.PROJECT = settings.PROJECT | {"code": "OTHER"}
    third = seal(made, reason="Another funder")
    assert (third.number, third.previous, third.supersedes) == (1, chain.GENESIS, first.seal_hash)


def test_the_seal_leaves_as_a_file_without_a_name(made, settings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        done = seal(made)
    place = settings.SEALS_DIR / f"ALPI-1-00001-{made.session.code}-v1.seal.json"
    told = json.loads(place.read_text())
    assert told["seal"] == sealed.seal_of(done)
    assert seals.is_signed(told["seal"], told["signature"])
    assert not any(person.name in place.read_text() for person in made.people.values())
    assert [found.name for found in settings.SEALS_DIR.iterdir()] == [place.name]
    assert sealing.export_missing([done]) == 0
    place.unlink()
    assert sealing.export_missing([done]) == 1


def test_a_seal_that_cannot_be_written_is_sealed_all_the_same(
    made, settings, caplog, django_capture_on_commit_callbacks
):
    settings.SEALS_DIR.write_text("a file where the folder should be")
    with django_capture_on_commit_callbacks(execute=True):
        assert seal(made).version == 1
    assert "could not be written" in caplog.text


def test_another_seal_of_the_same_number_is_never_replaced(
    made, settings, caplog, django_capture_on_commit_callbacks
):
    settings.SEALS_DIR.mkdir()
    place = settings.SEALS_DIR / f"ALPI-1-00001-{made.session.code}-v1.seal.json"
    place.write_text("{}")
    with django_capture_on_commit_callbacks(execute=True):
        seal(made)
    assert place.read_text() == "{}"
    assert "older copy" in caplog.text


def test_each_trainer_and_coordinator_gets_the_seal_by_mail(made):
    done = seal(made)
    posted = Letter.objects.filter(kind=LetterKind.SEAL)
    assert {(each.person.key, each.about) for each in posted} == {("elia", done.code), ("camille", done.code)}


def test_the_key_is_made_once_for_its_owner_alone(made, settings):
    seal(made)
    place = settings.SEAL_KEY_PLACE
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    first = seals.public_key()
    assert seals.public_key() == first
    assert seals.known_keys() == {first}
    assert [found.name for found in place.parent.glob("seal_key*")] == ["seal_key"]


def test_without_a_usable_key_nothing_is_sealed(made, settings):
    settings.SEAL_KEY = "no key at all"
    assert refusal(made).code == "no_seal_key"
    assert not SealedSheet.objects.exists()
