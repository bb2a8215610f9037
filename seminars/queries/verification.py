"""Whether ledgers and sealed sheets are what they were: every fault by its session, its event and why.

What the database holds proves itself only so far: whoever may rewrite all of it, with the key at hand, leaves no trace
in it. Seals that were exported tell (`compare`); without them the honest answer is that one cannot know.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seminars.evidence import chain, seals
from seminars.models import PresenceEvent, SealedSheet, Session
from seminars.queries import exemptions
from seminars.queries.frozen import identity
from seminars.queries.sealed import seal_of


@dataclass(frozen=True, slots=True)
class Fault:
    """`seq` is the event at fault; of a seal, the last event that it covers."""

    session: str
    seq: int
    why: str

    def __str__(self) -> str:
        return f"{self.session} {self.seq}: {self.why}"


@dataclass(slots=True)
class Followed:
    """A session's ledger: how many events, the hashes at those numbers that a seal quotes, (number, digest) of the
    scans that events quote, and the first fault."""

    count: int = 0
    hashes: dict[int, str] | None = None
    fault: Fault | None = None
    scans: list[tuple[int, str]] = field(default_factory=list)


def follow(session: Session, wanted: Iterable[int] = (), known: Mapping[str, str] | None = None) -> Followed:
    """Reads all events once; `wanted` are numbers whose hashes are kept, `known` as exemptions.known_people. Raises
    nothing for what does not hold."""
    found, kept = Followed(hashes={}), set(wanted)
    people = {} if exemptions.may_be_nameless(session) else known or {}
    misnamed: list[Fault] = []

    def passing() -> Iterator[tuple[int, str, str, Mapping[str, Any]]]:
        rows = PresenceEvent.objects.filter(session=session).select_related(
            "session", "slot", "person", "author"
        )
        for row in rows.order_by("seq").iterator():
            found.count += 1
            if row.seq in kept and found.hashes is not None:
                found.hashes[row.seq] = row.hash
            if not misnamed and (why := _misnamed(row, people)):
                misnamed.append(Fault(session.code, row.seq, why))
            if scan := row.data.get("scan"):
                found.scans.append((row.seq, str(scan)))
            yield row.seq, row.prev_hash, row.hash, row.record()

    broken = chain.first_fault(passing())
    found.fault = Fault(session.code, *broken) if broken else next(iter(misnamed), None)
    return found


def _misnamed(row: PresenceEvent, known: Mapping[str, str]) -> str:
    """The person is not in the chain herself, only what stands for her; while she is known, both must agree, and
    neither may be missing. Empty where all is well."""
    for person, stands in ((row.person, row.subject), (row.author, row.author_subject)):
        if person is None:
            if stands in known:
                return "names nobody, and stands for somebody who is known"
        elif not person.salt:
            return "names a person who has lost what ties her to it"
        elif stands != chain.commitment(person.salt, person.code):
            return "names another person than its hash stands for"
    return ""


def session_faults(
    session: Session,
    followed: Followed,
    versions: Iterable[SealedSheet],
    known: Mapping[str, str] | None = None,
) -> Iterator[Fault]:
    """What does not hold of one session: its ledger, each version of its sheet, and how they quote one another."""
    if followed.fault:
        yield followed.fault
    older: SealedSheet | None = None
    for made in versions:
        whys = [*own_faults(made, known), *_quoting(made, older), *_against(session, followed, made)]
        yield from (Fault(session.code, made.count, f"version {made.version}: {why}") for why in whys)
        older = made
    for why in exemptions.condensing_faults(session, older):
        yield Fault(session.code, older.count if older else 0, why)
    for seq, why in exemptions.scan_faults(session, followed.scans):
        yield Fault(session.code, seq, why)
    if session.condensed_at is not None and followed.count:
        yield Fault(session.code, 1, "events stand in a condensed session")


FOREIGN = "sealed by a foreign key"


def own_faults(made: SealedSheet, known: Mapping[str, str] | None = None) -> Iterator[str]:
    """What a sealed sheet shows by itself. Its key is looked for among those of this installation; `known` as
    exemptions.known_people, read where it is needed and not given."""
    seal = seal_of(made)
    if seals.digest(made.content) != made.digest:
        yield "the sheet differs from its digest"
    if seals.digest(seal) != made.seal_hash:
        yield "the seal differs from its hash"
    if not seals.is_signed(seal, made.signature):
        yield "the signature does not fit the seal"
    elif made.public_key not in seals.known_keys():
        yield f"{FOREIGN} ({seals.key_id(made.public_key)})"
    told = (made.content.get("session", {}).get("uid"), made.content.get("count"), made.content.get("head"))
    if told != (made.session.uid, made.count, made.head):
        yield "the sheet is about other events than the seal"
    if not people_hold(made.content, made.people):
        yield "names other people than it was sealed with"
    elif exemptions.left_out(made, known):
        yield "leaves out somebody who is known"


def is_foreign(whys: Iterable[str]) -> bool:
    """Whether nothing is wrong but whose key it is."""
    said = list(whys)
    return bool(said) and all(why.startswith(FOREIGN) for why in said)


def people_hold(content: Mapping[str, Any], people: Mapping[str, Any]) -> bool:
    """Whether each of `people` is who the content commits to; who was erased is not asked."""
    committed = content.get("people", {})
    try:
        return all(
            chain.commitment(entry["salt"], entry["code"]) == subject
            and identity(entry) == committed[subject]
            for subject, entry in people.items()
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        return False


def _quoting(made: SealedSheet, older: SealedSheet | None) -> Iterator[str]:
    expected = older.version + 1 if older else 1
    if made.version != expected:
        yield f"version {expected} is missing"
    elif made.supersedes != (older.seal_hash if older else ""):
        yield "does not quote the version before it"


def _against(session: Session, followed: Followed, made: SealedSheet) -> Iterator[str]:
    """The ledger up to the sealed number ends in the sealed head; later events make a sheet changed, not wrong."""
    if session.condensed_at is not None:
        return
    if made.count > followed.count:
        yield f"{made.count} events were sealed, {followed.count} are there"
    elif made.count == 0:
        if made.head != chain.GENESIS:
            yield "sealed without events, and with a head"
    elif (followed.hashes or {}).get(made.count) != made.head:
        yield "the events are others than those that were sealed"


def project_faults(project: str) -> Iterator[Fault]:
    """Each sheet of a project quotes the one before it, in numbers without a gap."""
    expected, previous = 1, chain.GENESIS
    rows = SealedSheet.objects.filter(project=project).select_related("session").defer("content", "people")
    for made in rows.order_by("number").iterator():
        if made.number != expected:
            yield Fault(made.session.code, made.count, f"sheet number {expected} of the project is missing")
        elif made.previous != previous:
            why = f"sheet number {made.number} does not quote the one before it in its project"
            yield Fault(made.session.code, made.count, why)
        expected, previous = made.number + 1, made.seal_hash


@dataclass(frozen=True, slots=True)
class Exported:
    """A seal that lay elsewhere."""

    place: Path
    seal: Mapping[str, Any]
    signature: str

    @property
    def session(self) -> str:
        return str(self.seal["session_code"])

    @property
    def count(self) -> int:
        return int(self.seal["count"])


def read_exported(place: Path) -> list[Exported]:
    """Every seal of a folder and those in it, whatever the files are called. Raises ValueError, naming the file, for
    one that can't be read as a seal, OSError for a folder that can't."""
    if not place.is_dir():
        raise NotADirectoryError(f"{place} is no folder")
    return [_exported(file) for file in sorted(place.rglob("*.json"))]


def _exported(file: Path) -> Exported:
    try:
        told = json.loads(file.read_text())
        seal = told["seal"]
        found = Exported(file, seal, str(told["signature"]))
        if seals.seal(**{name: seal[name] for name in seal if name != "format"}) != seal:
            raise ValueError("another format")
        if not (found.session and found.count >= 0):
            raise ValueError("of no session")
    except (ValueError, KeyError, TypeError) as fault:
        raise ValueError(f"{file} holds no seal that can be read") from fault
    return found


def compare(exported: Iterable[Exported]) -> Iterator[Fault]:
    """What was exported, and the database no longer knows or tells otherwise."""
    known = seals.known_keys()
    for each in exported:
        why = _told_otherwise(each, known)
        if why:
            yield Fault(each.session, each.count, f"{why} ({each.place.name})")


def _told_otherwise(each: Exported, known: frozenset[str]) -> str:
    version = each.seal["version"]
    if not seals.is_signed(each.seal, each.signature):
        return f"the exported seal of version {version} is forged: its signature does not fit"
    if each.seal["public_key"] not in known:
        return f"the exported seal of version {version} is by a foreign key"
    made = SealedSheet.objects.filter(session__uid=each.seal["session"], version=version).first()
    if made is None:
        return f"version {version} was sealed, and is not there: an older database was put back, or it was deleted"
    if made.seal_hash != seals.digest(each.seal):
        return f"version {version} was sealed otherwise: the sheet or its events were written anew"
    return ""


def uncovered(sessions: Iterable[tuple[Session, int]], exported: Iterable[Exported]) -> list[Fault]:
    """Of each (session, number of its events), the first event that no exported seal covers; of a condensed one, its
    sheet."""
    most: dict[str, int] = {}
    versions: dict[str, int] = {}
    for each in exported:
        uid = str(each.seal["session"])
        most[uid] = max(most.get(uid, 0), each.count)
        versions[uid] = max(versions.get(uid, 0), int(each.seal["version"]))
    found = []
    for session, count in sessions:
        covered, last = most.get(session.uid, 0), session.sealed.count()
        if count > covered or last > versions.get(session.uid, 0):
            found.append(
                Fault(
                    session.code, min(covered + 1, max(count, 1)), "cannot know: no exported seal covers it"
                )
            )
    return found
