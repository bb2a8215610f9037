"""A change becomes a frame for each audience that has a screen in this process: hosts, participants, each person."""

from collections.abc import Collection, Iterator

from realtime import bridge, groups
from realtime.gathering import Change
from realtime.hub import Frame, frame_text, hub
from seminars.facts import CheckAsked, InspectorSeen, MessagePublished
from seminars.models import Session
from seminars.queries import live

Told = tuple[str, Frame]
"""A room and what it hears."""


def read(change: Change) -> tuple[int, list[Told]]:
    """The change's number and its frames, in the order in which they leave; reads the database.

    Each person's own frame stands before everybody's of the same number, so that whoever has the number has
    it whole.
    """
    if change.is_whole:
        return _whole(change)
    lines = live.Lines.of(change.session_id) if _moves_people(change) else None
    return change.seq, [*_own(change, lines), *_shown(change, lines)]


def _moves_people(change: Change) -> bool:
    return any(
        not isinstance(fact, MessagePublished | CheckAsked | InspectorSeen)
        for fact in (*change.happened, *change.shown)
    )


def _shown(change: Change, lines: live.Lines | None) -> Iterator[Told]:
    """Every reader hears every number: who may not see what changed hears that something did."""
    hosts, everybody = groups.hosts(change.session_id), groups.everybody(change.session_id)
    if bridge.is_heard(hosts):
        yield hosts, _frame(change, change.seq, live.host_patch(*change.shown, lines=lines))
    if bridge.is_heard(everybody):
        yield everybody, _frame(change, change.seq, live.participant_patch(*change.shown, lines=lines))


def _own(change: Change, lines: live.Lines | None) -> Iterator[Told]:
    people = live.touched(*change.happened)
    present = groups.owners(change.session_id, tuple(hub.rooms)) if people is None else people
    yield from _own_of(change, change.seq, present, lines)


def _own_of(
    change: Change, seq: int, people: Collection[int], lines: live.Lines | None = None
) -> Iterator[Told]:
    wanted = [person for person in people if bridge.is_heard(groups.own(change.session_id, person))]
    if wanted:
        for person, patch in live.own_patches(change.session_id, wanted, lines=lines).items():
            yield groups.own(change.session_id, person), _frame(change, seq, patch)


def _whole(change: Change) -> tuple[int, list[Told]]:
    """All there is, for readers who could otherwise only fetch it one by one. The number is read before the rest.

    Hosts get a snapshot, since a patch cannot take away a person whom nobody names.
    """
    session = Session.objects.get(pk=change.session_id)
    seq = session.live_seq  # never a number that somebody only spoke of
    hosts, everybody = groups.hosts(session.pk), groups.everybody(session.pk)
    frames: list[Told] = []
    if bridge.is_heard(hosts):
        frames.append((hosts, Frame(frame_text("live.snapshot", seq, live.host_state(session)))))
    if bridge.is_heard(everybody):
        frames += _own_of(change, seq, groups.owners(session.pk, tuple(hub.rooms)))
        frames.append((everybody, _frame(change, seq, live.participant_whole(session))))
    return seq, frames


def _frame(change: Change, seq: int, patch: live.State) -> Frame:
    return Frame(frame_text("live.changed" if patch else "tick", seq, patch, change.since))
