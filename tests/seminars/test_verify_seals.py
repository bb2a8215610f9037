"""The command against whoever holds the database, and more: each way to rewrite what happened, and who finds it."""

import json
import shutil
from base64 import b64encode
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from seminars.actions import keeping, sealing
from seminars.actions.ledger import append
from seminars.evidence import chain, seals
from seminars.models import Person, PresenceEvent, SealedSheet, Session
from seminars.moments import as_if, now
from seminars.queries import sealed, verification
from tests.difficult import difficult, hour, scanned
from tests.guarded import tampering

pytestmark = pytest.mark.django_db
ELSEWHERE = "elsewhere"


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.SEAL_KEY = b64encode(bytes(range(32))).decode()
    settings.SEALS_DIR = tmp_path / "seals"
    return tmp_path


@pytest.fixture
def made(places, settings):
    """Sealed, and the seal copied where whoever holds this machine does not reach."""
    found = difficult()
    scanned(found.session)
    with as_if(hour(17)):
        done = sealing.seal(session=found.session, by=found.people["elia"])
    sealing.export(done)
    shutil.copytree(settings.SEALS_DIR, places / ELSEWHERE)
    return SimpleNamespace(
        session=found.session, people=found.people, seal=done, elsewhere=places / ELSEWHERE
    )


def run(*words) -> tuple[int, str]:
    """The exit code, and what was said."""
    out = StringIO()
    try:
        call_command("verify_attendance", *map(str, words), stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue().strip()
    return 0, out.getvalue().strip()


def events(made):
    return PresenceEvent.objects.filter(session=made.session).order_by("seq")


def rewrite(made, **change) -> None:
    """The whole chain anew after a change of its third event: each row fits the one before it."""
    previous = chain.GENESIS
    for row in events(made):
        if row.seq == 3:
            for name, value in change.items():
                setattr(row, name, value)
        row.prev_hash, row.hash = previous, chain.link(previous, row.record())
        previous = row.hash
        row.save()


def seal_anew(made) -> None:
    """By somebody who holds the key as well: the sealed sheet follows the rewritten chain."""
    last = events(made).last()
    row = SealedSheet.objects.get(pk=made.seal.pk)
    row.head, row.count = last.hash, last.seq
    row.content = row.content | {"head": row.head, "count": row.count}
    row.digest = seals.digest(row.content)
    told = sealed.seal_of(row)
    row.seal_hash, row.signature = seals.digest(told), seals.sign(told)
    row.save()


def test_what_was_sealed_holds_and_is_proved_by_the_exported_seal(made):
    count = events(made).count()
    assert run() == (0, f"1 chains of {count} events hold\n1 seals hold, 0 exported ones compared")
    code, said = run("--seals", made.elsewhere, "--prove")
    assert (code, said.splitlines()[-1]) == (0, "1 seals hold, 1 exported ones compared")


def test_without_exported_seals_nothing_is_proved(made):
    code, said = run("--prove")
    assert code == 2
    assert "cannot know" in said


def test_events_after_the_last_exported_seal_are_not_proved(made):
    with as_if(hour(17, 5)), transaction.atomic():
        append(
            session=made.session,
            person=made.people["karim"],
            author=made.people["elia"],
            kind="declared",
            source="trainer",
            at=hour(17, 5),
            reason="seen",
            data={"excused": True},
        )
    assert run()[0] == 0, "the sheet is changed, not wrong"
    code, said = run("--seals", made.elsewhere, "--prove")
    assert (code, said.splitlines()[-1]) == (
        2,
        f"{made.session.code} {made.seal.count + 1}: cannot know: no exported seal covers it",
    )


def test_a_changed_event_is_named(made):
    with tampering():
        events(made).filter(seq=3).update(at=hour(8))
    assert run() == (1, f"{made.session.code} 3: content differs from its hash")


def test_a_deleted_event_is_named(made):
    with tampering():
        events(made).filter(seq=3).delete()
    assert run() == (1, f"{made.session.code} 4: expected number 3")


def test_deleted_last_events_are_missed_by_the_seal(made):
    with tampering():
        events(made).filter(seq__gt=made.seal.count - 2).delete()
    sealed_, left = made.seal.count, made.seal.count - 2
    why = f"version 1: {sealed_} events were sealed, {left} are there"
    assert run() == (1, f"{made.session.code} {sealed_}: {why}")


def test_a_ledger_that_is_gone_is_missed_by_the_seal(made):
    with tampering():
        events(made).delete()
    code, said = run()
    assert (code, said.endswith("events were sealed, 0 are there")) == (1, True)


def test_two_swapped_events_are_named(made):
    with tampering():
        events(made).filter(seq=3).update(seq=9999)
        events(made).filter(seq=4).update(seq=3)
        events(made).filter(seq=9999).update(seq=4)
    assert run() == (1, f"{made.session.code} 3: does not quote the event before it")


def test_people_who_changed_places_are_named(made):
    with tampering():
        events(made).filter(seq=3).update(person=made.people["karim"])
    assert run() == (1, f"{made.session.code} 3: names another person than its hash stands for")


def test_a_chain_that_was_written_anew_differs_from_its_seal(made):
    with tampering():
        rewrite(made, at=hour(8))
    why = "version 1: the events are others than those that were sealed"
    assert run() == (1, f"{made.session.code} {made.seal.count}: {why}")


def test_a_chain_and_its_seal_written_anew_with_our_key_show_only_against_the_exported_seal(made):
    with tampering():
        rewrite(made, at=hour(8))
        seal_anew(made)
    assert run()[0] == 0, "nothing inside tells"
    assert run("--prove")[0] == 2
    why = "version 1 was sealed otherwise: the sheet or its events were written anew"
    code, said = run("--seals", made.elsewhere)
    assert code == 1
    assert said.startswith(f"{made.session.code} {made.seal.count}: {why} (")


def test_a_sheet_that_was_changed_differs_from_its_digest(made):
    row = SealedSheet.objects.get(pk=made.seal.pk)
    content = row.content
    content["rows"][0]["minutes"] += 60
    with tampering():
        SealedSheet.objects.update(content=content)
    why = "version 1: the sheet differs from its digest"
    assert run() == (1, f"{made.session.code} {made.seal.count}: {why}")


def test_a_seal_whose_numbers_were_changed_does_not_fit_its_signature(made):
    with tampering():
        SealedSheet.objects.update(sealed_at=hour(16, 40))
    assert run()[1].endswith("version 1: the seal differs from its hash")
    row = SealedSheet.objects.get(pk=made.seal.pk)
    with tampering():
        SealedSheet.objects.update(seal_hash=seals.digest(sealed.seal_of(row)))
    assert run()[1].endswith("version 1: the signature does not fit the seal")


def test_a_seal_forged_with_a_key_of_ones_own_is_named(made, settings):
    ours, settings.SEAL_KEY = settings.SEAL_KEY, b64encode(bytes(32)).decode()
    foreign = seals.public_key()
    with tampering():
        SealedSheet.objects.update(public_key=foreign)
        made.seal.public_key = foreign
        seal_anew(made)
        SealedSheet.objects.update(public_key=foreign)
    settings.SEAL_KEY = ours
    why = f"version 1: sealed by a foreign key ({seals.key_id(foreign)})"
    assert run() == (1, f"{made.session.code} {made.seal.count}: {why}")
    settings.SEAL_OLD_KEYS = [foreign]
    assert run()[0] == 0, "a key of before, which whoever runs it knows"


def test_a_forged_file_among_the_exported_seals_is_named(made):
    [file] = made.elsewhere.iterdir()
    told = json.loads(file.read_text())
    told["seal"]["count"] += 1
    file.write_text(json.dumps(told))
    code, said = run("--seals", made.elsewhere)
    assert code == 1
    why = "the exported seal of version 1 is forged: its signature does not fit"
    assert said.splitlines()[-1] == f"{made.session.code} {made.seal.count + 1}: {why} ({file.name})"


def test_an_older_database_put_back_misses_what_was_exported(made):
    with tampering():
        SealedSheet.objects.all().delete()
        events(made).filter(seq__gt=5).delete()
    assert run() == (0, "1 chains of 5 events hold"), "nothing inside tells"
    code, said = run("--seals", made.elsewhere)
    why = "version 1 was sealed, and is not there: an older database was put back, or it was deleted"
    assert code == 1
    assert said.startswith(f"{made.session.code} {made.seal.count}: {why} (")


def test_a_session_that_is_gone_is_missed_by_its_exported_seal(made):
    with tampering():
        SealedSheet.objects.all().delete()
        events(made).delete()
    assert run("--seals", made.elsewhere)[0] == 1
    assert run(made.session.code, "--seals", made.elsewhere)[0] == 1


def test_another_name_on_a_sealed_sheet_is_named(made):
    subject, entry = next(iter(made.seal.people.items()))
    SealedSheet.objects.update(people=made.seal.people | {subject: entry | {"name": "Somebody Else"}})
    why = "version 1: names other people than it was sealed with"
    assert run() == (1, f"{made.session.code} {made.seal.count}: {why}")


def test_a_missing_version_and_a_gap_in_the_project_are_named(made):
    with tampering():
        SealedSheet.objects.update(version=2)
    assert "version 2: version 1 is missing" in faults(made)
    with tampering():
        SealedSheet.objects.update(version=1, number=2)
    assert "sheet number 1 of the project is missing" in " ".join(project_faults())


def faults(made):
    from_session = SealedSheet.objects.filter(session=made.session)
    followed = verification.follow(made.session, [made.seal.count])
    return [each.why for each in verification.session_faults(made.session, followed, from_session)]


def project_faults():
    return [each.why for each in verification.project_faults(SealedSheet.objects.get().project)]


def test_a_condensed_session_keeps_a_valid_seal(made):
    keeping.condense(session=made.session)
    assert not events(made).exists()
    code, said = run()
    assert (code, said.splitlines()[0]) == (0, f"{made.session.code}: condensed, seal valid")
    assert run("--seals", made.elsewhere, "--prove")[0] == 0
    shown = sealed.sheet_of(Session.objects.get(pk=made.session.pk))
    assert (shown.version, shown.count) == (1, made.seal.count)


def test_a_condensed_session_without_a_seal_is_a_fault(made):
    Session.objects.filter(pk=made.session.pk).update(condensed_at=now())
    with tampering():
        events(made).delete()
        SealedSheet.objects.all().delete()
    assert run() == (1, f"{made.session.code} 0: condensed without a sealed sheet")


def test_who_is_erased_leaves_ledger_and_seal_valid(made):
    gone = made.people["bruna"]
    people = {subject: each for subject, each in made.seal.people.items() if each["code"] != gone.code}
    assert len(people) == len(made.seal.people) - 1
    PresenceEvent.objects.filter(person=gone).update(person=None)
    PresenceEvent.objects.filter(author=gone).update(author=None)
    SealedSheet.objects.update(people=people)
    Person.objects.filter(pk=gone.pk).update(salt="", name="", email=F("code"))
    assert run("--seals", made.elsewhere, "--prove")[0] == 0


def test_what_is_no_seal_is_said(made, places):
    (made.elsewhere / "other.json").write_text("[]")
    with pytest.raises(CommandError, match=r"other\.json holds no seal"):
        run("--seals", made.elsewhere)
    with pytest.raises(CommandError, match="is no folder"):
        run("--seals", places / "nowhere")


def test_missing_files_are_written_on_request(made, settings):
    shutil.rmtree(settings.SEALS_DIR)
    assert run("--export")[1].endswith("1 seals written")
    assert run("--export", "--seals", settings.SEALS_DIR, "--prove")[0] == 0
