"""What a connection says, and how many of its messages are kept in one transaction: joins, beats, leaves.

A batch is worth exactly what its messages are worth one by one. Sessions are held first, in order, then lines; beats of
lines that are well hold nothing but their own row and are renewed by one statement a session.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from seminars.actions.admission import admit
from seminars.actions.book import HELD, Book, Line
from seminars.actions.renewals import Quiet, lost_of, renewed
from seminars.actions.rows import read
from seminars.errors import Refused
from seminars.evidence import chain
from seminars.models import Presence, Session
from seminars.moments import now
from seminars.vocabulary import PresenceKind, Source

ON_THE_WAY = timedelta(seconds=1)
"""An age up to this is the way here: the message is about now."""
OLDEST = timedelta(days=400)
"""Beyond, an age says nothing more."""


@dataclass(frozen=True, slots=True)
class Join:
    """She entered, or a line stands again, `age` ago by the page's own monotonic clock.

    `is_awake` claims that the page ran without a hole since its last acknowledged message (a new connection: since
    the event) until now; those minutes are replayed ones. `secret_hash`, the SHA-256 of the page's secret in
    hexadecimal, is kept when the connection has none yet.
    """

    session_id: int
    person_id: int
    connection: uuid.UUID
    event: uuid.UUID
    age: timedelta = timedelta()
    is_awake: bool = False
    for_video: bool = False
    source: Source = Source.COMPANION
    secret_hash: str = ""


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life. With an `event` it is a mark that the page kept without a line: it ran without a hole from its
    last acknowledged message until `age` ago. A connection that has lapsed is resumed up to there, as replayed."""

    session_id: int
    person_id: int
    connection: uuid.UUID
    event: uuid.UUID | None = None
    age: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Leave:
    """She left, `age` ago; that never stretches a silence longer than a lease: a mark before it does."""

    session_id: int
    person_id: int
    connection: uuid.UUID
    event: uuid.UUID
    age: timedelta = timedelta()


Message = Join | Beat | Leave
Kept = tuple[datetime, bool]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the server has kept: `at` is the instant that counts; `is_new` is false for a repeated event; `seq` is the
    number of the session's latest live change."""

    at: datetime
    is_new: bool
    seq: int = 0


def keep(messages: Sequence[Message]) -> list[Receipt | Refused]:
    """Keeps a batch in one transaction; answers in the same order, the same as if each had come alone.

    Refusals (`room_not_open`, `room_over`, `foreign_connection`, `lapsed`) are returned, not raised: one message's
    refusal takes nothing from the others. What this returns stands committed, unless the caller holds a transaction.
    """
    slow = {message.connection.int for message in messages if not _is_plain(message)}
    while True:
        try:
            with transaction.atomic():
                return _kept(messages, slow)
        except Quiet as found:  # sessions are held before lines, so the whole begins anew
            slow |= found.lines


def _is_plain(message: Message) -> bool:
    """Whether it says no more than that a line is well now."""
    return type(message) is Beat and message.event is None and message.age <= ON_THE_WAY


def _kept(messages: Sequence[Message], slow: set[int]) -> list[Receipt | Refused]:
    """`slow`: connections, as integers, of which something else is said: their messages go by the rules one by one."""
    rest = [message for message in messages if message.connection.int in slow]
    book = _book(rest) if rest else None
    present = book.present if book else now()
    by_session = _by_session(messages, slow)
    sessions = dict(book.sessions) if book else {}
    if others := by_session.keys() - sessions.keys():
        sessions |= {session.pk: session for session in Session.objects.only(*HELD).filter(pk__in=others)}
    closed: dict[int, Refused] = {}
    lost: set[tuple[int, int]] = set()
    for session_id, owners in sorted(by_session.items()):  # lines too are held in one order
        try:
            admit(sessions[session_id], present, present)
        except Refused as refused:
            closed[session_id] = refused
        else:
            if renewed(session_id, owners, present) < len(owners):
                lost |= {(session_id, line) for line in lost_of(session_id, owners, present)}
    by_rules = iter([_done(book, message) for message in rest] if book else [])
    if book:
        book.write()
    well = {pk: Receipt(present, True, session.live_seq) for pk, session in sessions.items()}
    answers: list[Receipt | Refused] = []
    for message in messages:
        if message.connection.int in slow:
            kept = next(by_rules)
            if isinstance(kept, Refused):
                answers.append(kept)
            else:
                answers.append(Receipt(*kept, sessions[message.session_id].live_seq))
        elif lost and (message.session_id, message.connection.int) in lost:
            answers.append(Refused("lapsed"))
        else:
            answers.append(closed.get(message.session_id) or well[message.session_id])
    return answers


def _by_session(messages: Sequence[Message], slow: set[int]) -> dict[int, dict[int, int]]:
    """Of the beats of lines that are well, as far as anybody knows: {session id: {line: person id}}."""
    found: dict[int, dict[int, int]] = {}
    for message in messages:
        if (line := message.connection.int) not in slow:
            owners = found.setdefault(message.session_id, {})
            if owners.setdefault(line, message.person_id) != message.person_id:
                raise Quiet({line})  # two people say it is theirs
    return found


def _book(messages: Sequence[Message]) -> Book:
    """Everything these messages may read or change. Who arrives may be in another session's video, which then ends."""
    sessions = {message.session_id for message in messages}
    people = {message.person_id for message in messages}
    leaving = {m.person_id for m in messages if isinstance(m, Leave) or (isinstance(m, Join) and m.for_video)}
    if joining := {m.person_id for m in messages if isinstance(m, Join)}:
        videos = f"SELECT session_id, person_id FROM {Presence._meta.db_table} WHERE video_since IS NOT NULL"
        for session_id, person_id in read(f"{videos} AND person_id IN numbers(%s)", joining):
            sessions.add(session_id)
            leaving.add(person_id)
    return Book(
        sessions,
        connections={message.connection for message in messages},
        people=people,
        leaving=leaving,
        events={message.event for message in messages if message.event},
    )


def _done(book: Book, message: Message) -> Kept | Refused:
    try:
        return _apply(book, message)
    except Refused as refused:
        return refused


def _apply(book: Book, message: Message) -> Kept:
    """One message by the rules. Raises Refused before anything is changed."""
    if message.event and message.event in book.known:
        session_id, person_id, at = book.known[message.event]
        if (session_id, person_id) != (message.session_id, message.person_id):
            raise Refused("foreign_connection")
        return at, False
    happened = book.present
    if message.age > ON_THE_WAY:
        happened -= min(message.age, OLDEST)
    line = book.lines.get(message.connection)
    is_foreign = line and (line.session_id, line.person_id) != (message.session_id, message.person_id)
    if isinstance(message, Join):
        return _join(book, message, line, happened, is_foreign=bool(is_foreign))
    if _is_plain(message):
        book.admit(message.session_id, book.present)
    if line is None or is_foreign:
        if isinstance(message, Beat):
            raise Refused("lapsed")
        return book.present, False
    if isinstance(message, Beat):
        return _beat(book, message, line, happened)
    return _leave(book, message, line, happened)


def _join(book: Book, join: Join, line: Line | None, happened: datetime, *, is_foreign: bool) -> Kept:
    begun, until = book.admit(join.session_id, happened)
    if line is None and happened < begun:  # no such age can be: it claims nothing
        happened = book.present
        begun, until = book.admit(join.session_id, happened)
    if is_foreign:
        raise Refused("foreign_connection")
    if line and not line.secret_hash:  # begun by a form, which has none
        line.secret_hash = join.secret_hash
    is_live = happened == book.present
    if line and line.ended_at is None and not book.has_lapsed(line):
        at = until if is_live or join.is_awake else min(max(happened, line.seen_at), until)
        if join.for_video or line.quiet_at:
            book.stay(join.session_id, join.person_id).left_at = None
            if join.for_video:
                book.go_to_video(join.session_id, join.person_id, at)
            book.change(join.session_id, join.person_id)
        book.renew(line, at)
        return at, False
    floor = max(line.seen_at, line.ended_at or line.seen_at) if line else begun
    if line and not is_live and not join.is_awake and happened <= floor:
        return floor, False  # the server has later news of this line
    at, kind, data = min(max(happened, floor), until), PresenceKind.JOINED, dict[str, Any]()
    if line:
        kind, data = PresenceKind.RESUMED, {"last_beat": chain.stamp(line.seen_at)}
        if join.is_awake and line.was_cut:  # who left by herself was not cut
            at, data["awake"] = until, True
        elif line.ended_at is None and book.is_in_video(line):
            data["video"] = True
    if is_live:
        _leave_elsewhere(book, join, at)
    line = line or Line(
        join.connection, join.session_id, join.person_id, at, at, secret_hash=join.secret_hash
    )
    _enter(book, join, line, kind, at, until, data, happened)
    book.open(line, since=at, seen=until if is_live or join.is_awake else at)
    if join.for_video:  # stays until she leaves: on a phone she goes to and fro without pressing Join again
        book.go_to_video(join.session_id, join.person_id, at)
    _end_if_over(book, line, until, happened)
    return at, True


def _end_if_over(book: Book, line: Line, until: datetime, happened: datetime) -> None:
    """What is told after the room has closed is kept, and leaves no line behind that would live on; it counts as cut,
    so that the page may tell the rest."""
    if until < book.present:
        book.end(line, line.seen_at, **_late(book, happened))


def _enter(
    book: Book,
    message: Join | Beat,
    line: Line,
    kind: PresenceKind,
    at: datetime,
    until: datetime,
    data: dict[str, Any],
    happened: datetime,
) -> None:
    """The fact that a line began or went on. What happened before the server heard of it is marked: it is a claim."""
    if at < until:
        data["heard"] = chain.stamp(until)
    source = message.source if isinstance(message, Join) else Source.COMPANION
    book.append(line, kind, at, message.event, data | _late(book, happened), source)


def _late(book: Book, happened: datetime) -> dict[str, Any]:
    late = book.present - happened > timedelta(minutes=settings.REPLAY_LATE_MINUTES)
    return {"late": True} if late else {}


def _beat(book: Book, beat: Beat, line: Line, happened: datetime) -> Kept:
    if line.ended_at is None and not book.has_lapsed(line):
        _begun, until = book.admit(beat.session_id, happened)
        if line.quiet_at:
            book.change(beat.session_id, beat.person_id)
        book.renew(line, min(happened, until))
        return happened, True
    if beat.event is None or not line.was_cut:
        raise Refused("lapsed")
    _begun, until = book.admit(beat.session_id, happened)
    at = min(happened, until)
    if at <= line.seen_at:
        return line.seen_at, False
    data = {"last_beat": chain.stamp(line.seen_at), "awake": True}
    _enter(book, beat, line, PresenceKind.RESUMED, at, until, data, happened)
    book.open(line, since=at, seen=at)
    _end_if_over(book, line, until, happened)
    return at, True


def _leave(book: Book, leave: Leave, line: Line, happened: datetime) -> Kept:
    if line.ended_at is not None:
        return book.present, False
    at, more = max(happened, line.seen_at), _late(book, happened)
    if at - line.seen_at > timedelta(seconds=settings.LEASE_SECONDS):
        if book.is_in_video(line):
            more["video_until"] = chain.stamp(at)
        at = line.seen_at
    book.end(line, at, leave.event, **more)
    return at, True


def _leave_elsewhere(book: Book, join: Join, at: datetime) -> None:
    """Nobody is in two videos: arriving here ends the silence that another session kept for her as "in video"."""
    for session_id in book.videos.get(join.person_id, set()) - {join.session_id}:
        for line in book.hers.get((session_id, join.person_id), []):
            if line.ended_at is None and line.quiet_at is not None:
                book.end(line, line.seen_at, video_until=chain.stamp(max(at, line.seen_at)))
        book.go_to_video(session_id, join.person_id, None)
        book.change(session_id, join.person_id)
