"""Sealing a sheet: nothing -> version 1 -> version 2 …; each quotes the one before it, and the last of its project.

A seal leaves the machine at once: a file beside the database, best on another disk, and a mail to each trainer. Only
what lies elsewhere proves that a chain was not written anew from end to end, or an older database put back.
"""

import json
import logging
import os
import re
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from seminars.actions import signing
from seminars.actions.ledger import subjects_of
from seminars.errors import Refused
from seminars.evidence import chain, seals
from seminars.facts import SessionChanged, announce
from seminars.models import Letter, Person, SealedSheet, Session
from seminars.models.evidence import new_verification
from seminars.moments import now
from seminars.queries import consistency, sealed, sheets, shown
from seminars.queries.sheets import Sheet
from seminars.vocabulary import LetterKind, Role, State

log = logging.getLogger(__name__)
TOLD_ROLES = (Role.TRAINER, Role.COORDINATOR)
"""Roles of a team that keep the mails with its seals."""
UNSENDABLE = ".invalid"
MOST_LETTERS = 300
PROJECTS_LOCK = 0x76697365
"""Names our advisory lock of PostgreSQL."""
PLAIN = re.compile(r"[^A-Za-z0-9_-]+")


def _one_at_a_time() -> None:
    """Until the transaction ends nobody else seals: a project's chain has one end. SQLite is held as a whole."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PROJECTS_LOCK])


@transaction.atomic
def seal(*, session: Session, by: Person, reason: str = "", seen: str | None = None) -> SealedSheet:
    """The next version of the sheet of a session that has ended. Whoever of the team seals has signed it as well.

    Refuses what has to be said first: open walk-ins, findings that need a reason and have none, and for another version
    what has changed (`reason_missing`), if anything has (`seal_unchanged`). `seen` is what the page of whoever confirms
    had shown (`shown.facts`); `sheet_moved` where that is not how it stands now.
    """
    session = Session.objects.select_for_update().get(pk=session.pk)
    by = Person.objects.select_for_update(no_key=True).get(pk=by.pk)  # erasure takes her name before or after
    reason = reason.strip()
    before = sealed.latest(session)
    _check_may_seal(session, before, reason)
    _name_everybody(session, by)
    if seen is not None and seen != shown.facts(session, sheets.sheet(session)):
        raise Refused("sheet_moved")
    if before is None:
        signing.countersign_all(session=session, person=by)
    whole = sheets.sheet(session)
    _check_explained(session, whole)
    _one_at_a_time()
    made = _written(session, whole, by, reason)
    _post(made, by)
    transaction.on_commit(lambda: export(made))
    announce(SessionChanged(session.pk, Session.objects.next_seq(session.pk)))
    return made


def _check_may_seal(session: Session, before: SealedSheet | None, reason: str) -> None:
    if session.state != State.ENDED:
        raise Refused("not_now", state=session.get_state_display())
    if session.condensed_at is not None:
        raise Refused("condensed")
    if len(reason) > MOST_LETTERS:
        raise Refused("reason_long", field="reason", most=MOST_LETTERS)
    if before is None:
        return
    if not sealed.is_changed(before):
        raise Refused("seal_unchanged", version=before.version)
    if not reason:
        raise Refused("reason_missing", field="reason")


def _name_everybody(session: Session, by: Person) -> None:
    """Something stands for each of its people, who came or not; who is in the ledger has it. In one order, and before
    anything else is written: two sessions with the same people are often sealed at once."""
    named = {by.pk, *session.invitations.values_list("person", flat=True)}
    named |= {
        *session.team.values_list("person", flat=True),
        *session.walk_ins.values_list("person", flat=True),
    }
    named |= {each.by_id for each in session.explanations.all() if each.by_id}
    subjects_of(sorted(named))


def _check_explained(session: Session, whole: Sheet) -> None:
    open_walk_ins = sum(row.walk_in_state == "open" for row in whole.rows)
    if open_walk_ins:
        raise Refused("walk_ins_open", count=open_walk_ins)
    bare = consistency.unexplained(session, whole)
    if bare:
        raise Refused("findings_unexplained", count=len(bare))


def _written(session: Session, whole: Sheet, by: Person, reason: str) -> SealedSheet:
    """The row, at the end of its project's chain."""
    by.refresh_from_db(fields=["salt"])
    content, people = sealed.content_of(whole, sealed.explanations_of(session), by=by, reason=reason)
    project = settings.PROJECT["code"]
    last = SealedSheet.objects.filter(project=project).order_by("number").last()
    older = sealed.latest(session)
    made = SealedSheet(
        session=session,
        version=older.version + 1 if older else 1,
        project=project,
        number=last.number + 1 if last else 1,
        code=new_verification(),
        sealed_at=max(now(), last.sealed_at) if last else now(),
        sealed_by=by,
        count=whole.count,
        head=content["head"],
        reason=reason,
        content=content,
        people=people,
        digest=seals.digest(content),
        previous=last.seal_hash if last else chain.GENESIS,
        supersedes=older.seal_hash if older else "",
        public_key=sealed.key_to_sign(),
    )
    sealed_as = sealed.seal_of(made)
    made.seal_hash, made.signature = seals.digest(sealed_as), seals.sign(sealed_as)
    made.save(force_insert=True)
    return made


def _post(made: SealedSheet, by: Person) -> None:
    """A mail with the seal to each trainer and coordinator of the team, and to whoever sealed."""
    team = Person.objects.filter(teams__session=made.session, teams__role__in=TOLD_ROLES, is_active=True)
    present = now()
    Letter.objects.bulk_create(
        Letter(
            kind=LetterKind.SEAL,
            person=person,
            session=made.session,
            about=made.code,
            stamp=present,
            next_at=present,
            created_at=present,
        )
        for person in dict.fromkeys([*team.order_by("pk"), by])
        if not person.email.endswith(UNSENDABLE)
    )


def file_name(made: SealedSheet) -> str:
    project = PLAIN.sub("-", made.project) or "viso"
    return f"{project}-{made.number:05}-{made.session.code}-v{made.version}.seal.json"


def export(made: SealedSheet) -> Path | None:
    """Writes the seal where copies are kept; what lies there is never replaced. None, and an error in the log, where it
    can't be written: `manage.py verify_attendance --export` writes what is missing."""
    place = settings.SEALS_DIR / file_name(made)
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    text = json.dumps(sealed.seal_file(made), indent=1, sort_keys=True)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            place.hardlink_to(part)
        except FileExistsError:
            if place.read_text() != part.read_text():
                log.error("another seal lies at %s already: this database may be an older copy", place)
        finally:
            part.unlink()
    except OSError as fault:
        log.error("the seal of session %s could not be written: %s", made.session.code, fault)
        return None
    return place


def export_missing(found: Iterable[SealedSheet]) -> int:
    """Writes those seals that have no file yet; returns how many were written."""
    bare = [each for each in found if not (settings.SEALS_DIR / file_name(each)).exists()]
    return sum(export(each) is not None for each in bare)
