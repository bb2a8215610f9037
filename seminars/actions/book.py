"""The attendance book of some sessions: what one transaction holds, reads once, changes in memory and writes once."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.db.models import F

from seminars.actions.admission import admit
from seminars.actions.ledger import Ledger
from seminars.actions.rows import Form, insert_many, read, write_many
from seminars.evidence import chain
from seminars.facts import PresenceChanged, announce
from seminars.models import Lease, Presence, PresenceEvent, PulseVote, Session
from seminars.moments import Span, now
from seminars.vocabulary import PresenceKind, Source

HELD = ["uid", "state", "starts_at", "ends_at", "opened_at", "closed_at", "timezone", "live_seq"]
LINE = [
    "connection",
    "session_id",
    "person_id",
    "opened_at",
    "seen_at",
    "quiet_at",
    "ended_at",
    "secret_hash",
]
STAY = ["session_id", "person_id", "left_at", "video_since"]


@dataclass(slots=True)
class Line:
    """A lease, as models.Lease has it."""

    connection: uuid.UUID
    session_id: int
    person_id: int
    opened_at: datetime
    seen_at: datetime
    quiet_at: datetime | None = None
    ended_at: datetime | None = None
    secret_hash: str = ""
    is_new: bool = False

    @property
    def was_cut(self) -> bool:
        """It was not ended by leaving: a page that ran on may claim the time since."""
        return self.ended_at in (None, self.seen_at)


@dataclass(slots=True)
class Stay:
    """What of models.Presence follows from events and leases. `since` is set when it is to be another."""

    session_id: int
    person_id: int
    left_at: datetime | None = None
    video_since: datetime | None = None
    since: datetime | None = None
    has_gone: bool = False
    """Her last line ended in this transaction: her hand goes, and with the last of all the pulse."""
    as_read: tuple[datetime | None, datetime | None] | None = None
    """`left_at` and `video_since` as they stand in the database; None: nothing stands there."""

    @property
    def is_new(self) -> bool:
        return self.as_read is None

    @property
    def is_same(self) -> bool:
        """The database has nothing to learn: a further line of somebody who is here anyway changes no row."""
        return self.since is None and self.as_read == (self.left_at, self.video_since)


class Book:
    """Holds sessions (in order, so that two holders never wait for each other), then lines.

    Read are `connections`, all lines of `leaving`, the live rows of `people` and `leaving` (ids of persons), and which
    of `events` the ledger has already: `known` gives their session, person and instant. `videos` are the sessions in
    whose video a person is. `present` is the one instant of the transaction, taken when everything is held.
    """

    def __init__(
        self,
        sessions: Iterable[int],
        *,
        connections: Collection[uuid.UUID] = (),
        people: Iterable[int] = (),
        leaving: Iterable[int] = (),
        events: Collection[uuid.UUID] = (),
    ) -> None:
        ids, leaving = sorted(set(sessions)), set(leaving)
        held = Session.objects.select_for_update().only(*HELD).filter(pk__in=ids).order_by("pk")
        self.sessions: dict[int, Session] = {session.pk: session for session in held}
        self.lines: dict[uuid.UUID, Line] = {}
        self.hers: dict[tuple[int, int], list[Line]] = {}
        self._read_lines(ids, connections, leaving)
        self.people = {*people, *leaving, *(line.person_id for line in self.lines.values())}
        self.stays: dict[tuple[int, int], Stay] = {}
        self.videos: dict[int, set[int]] = {}
        self._read_stays(ids)
        self.known: dict[uuid.UUID, tuple[int, int | None, datetime]] = {}
        self._read_events(events)
        self.changed: dict[int, dict[int, None]] = {}
        self.dirty_lines: dict[uuid.UUID, Line] = {}
        self.dirty_stays: dict[tuple[int, int], Stay] = {}
        self.present = now()
        self.oldest = self.present - timedelta(seconds=settings.LEASE_SECONDS)
        self.admitted: dict[int, Span] = {}

    def _read_lines(self, ids: list[int], connections: Collection[uuid.UUID], leaving: set[int]) -> None:
        form = Form()
        rows = read(  # the + keeps the planner from reading all lines of a session
            f"SELECT {', '.join(LINE)} FROM {Lease._meta.db_table} WHERE connection IN keys(%s)"
            " OR (+session_id IN numbers(%s) AND person_id IN numbers(%s)) ORDER BY session_id, connection HELD",
            connections,
            ids,
            leaving,
        )
        for key, session_id, person_id, *times, secret_hash in rows:
            opened, seen, quiet, ended = map(form.moment_of, times)
            line = Line(form.key_of(key), session_id, person_id, opened, seen, quiet, ended, secret_hash)
            self._note(line)

    def _read_stays(self, ids: list[int]) -> None:
        form = Form()
        rows = read(
            f"SELECT {', '.join(STAY)} FROM {Presence._meta.db_table}"
            " WHERE session_id IN numbers(%s) AND person_id IN numbers(%s)",
            ids,
            self.people,
        )
        for session_id, person_id, left_at, video_since in rows:
            stands = form.moment_of(left_at), form.moment_of(video_since)
            stay = Stay(session_id, person_id, *stands, as_read=stands)
            self.stays[session_id, person_id] = stay
            if video_since is not None:
                self.videos.setdefault(person_id, set()).add(session_id)

    def _read_events(self, events: Collection[uuid.UUID]) -> None:
        form, table = Form(), PresenceEvent._meta.db_table
        asked = f"SELECT id, session_id, person_id, at FROM {table} WHERE id IN keys(%s)"
        for key, session_id, person_id, at in read(asked, events) if events else []:
            self.known[form.key_of(key)] = session_id, person_id, form.moment_of(at)

    @cached_property
    def ledger(self) -> Ledger:
        """Opened by the first fact: most batches renew only."""
        return Ledger(self.sessions, self.people, self.present)

    def _note(self, line: Line) -> None:
        self.lines[line.connection] = line
        self.hers.setdefault((line.session_id, line.person_id), []).append(line)

    def has_lapsed(self, line: Line) -> bool:
        return line.seen_at < self.oldest

    def admit(self, session_id: int, happened: datetime) -> Span:
        """From when until when presence counts here. Raises Refused, as admission.admit."""
        if happened != self.present:
            return admit(self.sessions[session_id], happened, self.present)
        if session_id not in self.admitted:
            self.admitted[session_id] = admit(self.sessions[session_id], happened, self.present)
        return self.admitted[session_id]

    def is_in_video(self, line: Line) -> bool:
        return line.session_id in self.videos.get(line.person_id, ())

    def change(self, session_id: int, person_id: int) -> None:
        """The screens of this session show this person anew after the commit."""
        self.changed.setdefault(session_id, {})[person_id] = None

    def stay(self, session_id: int, person_id: int) -> Stay:
        """A person's live row, to be changed by the caller."""
        key = session_id, person_id
        if key not in self.stays:
            self.stays[key] = Stay(*key)
        self.dirty_stays[key] = self.stays[key]
        return self.stays[key]

    def renew(self, line: Line, at: datetime) -> None:
        """A sign of life at `at`, which never takes back what an earlier one proved."""
        line.seen_at, line.quiet_at = max(at, line.seen_at), None
        self.dirty_lines[line.connection] = line

    def silence(self, line: Line) -> None:
        """Nothing was heard of it for a while."""
        line.quiet_at = self.present
        self.dirty_lines[line.connection] = line
        self.change(line.session_id, line.person_id)

    def open(self, line: Line, *, since: datetime, seen: datetime) -> None:
        """A line begins, or goes on after it lapsed or ended; she is here since `since` if she was not."""
        if line.connection not in self.lines:
            line.is_new = True
            self._note(line)
        line.seen_at, line.quiet_at, line.ended_at = seen, None, None
        self.dirty_lines[line.connection] = line
        stay = self.stay(line.session_id, line.person_id)
        if stay.left_at is not None or (stay.is_new and stay.since is None):
            stay.since = since
        stay.left_at, stay.has_gone = None, False
        self.change(line.session_id, line.person_id)

    def go_to_video(self, session_id: int, person_id: int, at: datetime | None) -> None:
        """From `at` on silence is "in video, not seen"; None ends that."""
        self.stay(session_id, person_id).video_since = at
        theirs = self.videos.setdefault(person_id, set())
        (theirs.discard if at is None else theirs.add)(session_id)

    def append(
        self,
        line: Line,
        kind: PresenceKind,
        at: datetime,
        event: uuid.UUID | None,
        data: Mapping[str, str | bool],
        source: Source = Source.COMPANION,
    ) -> None:
        """A fact of a line, as the next of its session's chain."""
        self.ledger.add(
            session_id=line.session_id,
            person_id=line.person_id,
            kind=kind,
            source=source,
            at=at,
            event=event,
            connection=line.connection,
            data=data,
        )
        if event:
            self.known[event] = line.session_id, line.person_id, at

    def end(self, line: Line, at: datetime, event: uuid.UUID | None = None, **data: str | bool) -> None:
        """A line ends at `at`; with the last of her lines she has left."""
        last = {"last_beat": chain.stamp(line.seen_at)}
        self.append(line, PresenceKind.LEFT, at, event, last | data)
        line.ended_at, line.quiet_at = at, None
        self.dirty_lines[line.connection] = line
        ends = [each.ended_at for each in self.hers[line.session_id, line.person_id]]
        if None not in ends:  # an older line may be ended after a newer one
            stay = self.stay(line.session_id, line.person_id)
            stay.left_at, stay.has_gone = max(filter(None, ends)), True
            self.go_to_video(line.session_id, line.person_id, None)
        self.change(line.session_id, line.person_id)

    def write(self) -> None:
        """Brings all changes to the database, numbers and announces one live change per session."""
        if "ledger" in self.__dict__:
            self.ledger.write()
        self._write_lines(Form())
        self._write_stays(Form())
        Session.objects.filter(pk__in=list(self.changed)).update(live_seq=F("live_seq") + 1)
        for pk, people in self.changed.items():
            self.sessions[pk].live_seq += 1  # the row is held
            announce(PresenceChanged(pk, self.sessions[pk].live_seq, tuple(people)))

    def _write_lines(self, form: Form) -> None:
        table = Lease._meta.db_table
        old = [line for line in self.dirty_lines.values() if not line.is_new]
        write_many(
            f"UPDATE {table} SET seen_at = %s, quiet_at = %s, ended_at = %s, secret_hash = %s WHERE connection = %s",
            [
                (
                    form.moment(line.seen_at),
                    form.moment(line.quiet_at),
                    form.moment(line.ended_at),
                    line.secret_hash,
                    form.key(line.connection),
                )
                for line in old
            ],
        )
        insert_many(
            table,
            LINE,
            [
                (
                    form.key(line.connection),
                    line.session_id,
                    line.person_id,
                    form.moment(line.opened_at),
                    form.moment(line.seen_at),
                    form.moment(line.quiet_at),
                    form.moment(line.ended_at),
                    line.secret_hash,
                )
                for line in self.dirty_lines.values()
                if line.is_new
            ],
        )

    def _write_stays(self, form: Form) -> None:
        table = Presence._meta.db_table
        rows = {
            is_new: [
                (
                    form.moment(stay.since),
                    form.moment(stay.left_at),
                    form.moment(stay.video_since),
                    stay.session_id,
                    stay.person_id,
                )
                for stay in self.dirty_stays.values()
                if stay.is_new is is_new and not stay.is_same
            ]
            for is_new in (True, False)
        }
        where = "WHERE session_id = %s AND person_id = %s"
        write_many(
            f"UPDATE {table} SET since = COALESCE(%s, since), left_at = %s, video_since = %s {where}",
            rows[False],
        )
        insert_many(table, ["since", "left_at", "video_since", "session_id", "person_id"], rows[True])
        gone: dict[int, list[int]] = {}
        for (session_id, person_id), stay in self.dirty_stays.items():
            if stay.has_gone:
                gone.setdefault(session_id, []).append(person_id)
        for session_id, people in gone.items():
            Presence.objects.filter(session=session_id, person__in=people).update(hand_at=None)
            # One mood gone with one person would be read off the totals: they go together.
            if not Lease.objects.filter(session=session_id, ended_at=None).exists():
                PulseVote.objects.filter(session=session_id).delete()
