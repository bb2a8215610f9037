"""What a live screen shows: whole states for hosts and participants, and the patch that facts make of them.

A patch replaces top-level keys of a state; "people" alone is merged by the person's code, and null removes one. Patches
hold what is true when they are made, so that applying them in order always ends at the state a fresh read would give.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings

from seminars.facts import (
    AnswerChanged,
    CheckAnswered,
    CheckAsked,
    Fact,
    HandChanged,
    InspectorSeen,
    MessagePublished,
    PresenceChanged,
    PulseTaken,
)
from seminars.models import (
    Invitation,
    Lease,
    Person,
    Presence,
    PulseVote,
    Session,
    TeamMember,
)
from seminars.moments import instant
from seminars.queries import everybody, marks, onsite
from seminars.queries.onsite import Stay
from seminars.vocabulary import Answer, Pulse, Role, Standing

State = dict[str, Any]
ALERTS = (Pulse.LOST, Pulse.BREAK)
"""What a host learns even while few people are present: somebody needs something."""
BY_LINE = (Standing.HERE, Standing.VIDEO)
PRESENT = (*BY_LINE, Standing.ROOM)
"""In the room only until her half-day is over: `everybody.settled`."""


class Row(NamedTuple):
    """Of a live row what a screen needs: in a room of 500, whole models cost three times as much to read."""

    person_id: int
    since: datetime | None
    left_at: datetime | None
    video_since: datetime | None
    hand_at: datetime | None


@dataclass(slots=True)
class Lines:
    """Open connections, live rows, stays in the room and team of a session: all that a standing follows from, in four
    queries."""

    presences: dict[int, Row] = field(default_factory=dict)
    leases: dict[int, list[tuple[datetime, datetime | None]]] = field(default_factory=dict)
    team: dict[int, str] = field(default_factory=dict)
    stays: dict[int, Stay] = field(default_factory=dict)

    @classmethod
    def of(cls, session_id: int) -> "Lines":
        rows = Presence.objects.filter(session=session_id).order_by("pk").values_list(*Row._fields)
        team = TeamMember.objects.filter(session=session_id).values_list("person_id", "role")
        lines = cls({row[0]: Row(*row) for row in rows}, team=dict(team), stays=onsite.stays(session_id))
        open_ = Lease.objects.filter(session=session_id, ended_at=None).order_by("opened_at")
        for person_id, seen_at, quiet_at in open_.values_list("person_id", "seen_at", "quiet_at"):
            lines.leases.setdefault(person_id, []).append((seen_at, quiet_at))
        return lines

    def standing(self, person_id: int, answer: str = "") -> tuple[Standing, datetime | None]:
        """What a screen says of a person, and since when."""
        presence, stay = self.presences.get(person_id), self.stays.get(person_id)
        leases = self.leases.get(person_id, ())
        if any(quiet_at is None for _, quiet_at in leases):
            return Standing.HERE, presence.since if presence else None
        if leases and presence and presence.video_since:
            return Standing.VIDEO, presence.video_since
        if stay and stay.left_at is None:
            return Standing.ROOM, stay.since
        if leases:
            return Standing.CUT, max(seen_at for seen_at, _ in leases)
        gone = [at for at in (presence and presence.left_at, stay and stay.left_at) if at]
        if gone:
            return Standing.LEFT, max(gone)
        return (Standing.DECLINED if answer == Answer.NO else Standing.EXPECTED), None

    def hand(self, person_id: int) -> str | None:
        presence = self.presences.get(person_id)
        return instant(presence.hand_at) if presence else None

    def where(self, person_id: int, answer: str = "") -> State:
        """Her standing as a screen gets it; `part` is the half-day in which she is in the room, null elsewhere."""
        standing, since = self.standing(person_id, answer)
        part = self.stays[person_id].part if standing == Standing.ROOM else None
        return {"standing": str(standing), "since": instant(since), "part": part}

    @property
    def counts(self) -> State:
        """How many are present: `here` seen or in the video; `room` in the room and not seen, by half-day."""
        here = sum(self.standing(person_id)[0] in BY_LINE for person_id in self.leases)
        inside = [pk for pk in self.stays if self.standing(pk)[0] == Standing.ROOM]
        by_part = Counter(str(self.stays[pk].part) for pk in inside)
        return {"here": here} | ({"room": dict(sorted(by_part.items()))} if by_part else {})

    @property
    def crowd(self) -> int:
        """How many people are present for a pulse to hide in: without the team, which is known by name."""
        return sum(self.standing(person_id)[0] in BY_LINE for person_id in self.leases.keys() - self.team)


def initials(name: str) -> str:
    words = [word for word in name.replace("-", " ").split() if word[0].isalpha()]
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()


def _row(lines: Lines, person: Person, role: str, invitation: Invitation | None, marked: State) -> State:
    """One person as hosts see her; organisation and country as they were when she was invited."""
    answer = invitation.answer if invitation else ""
    organisation = person.organisation
    return {
        "name": person.name,
        "initials": initials(person.name),
        "country": (invitation and invitation.country) or person.country,
        "organisation_fr": (invitation and invitation.organisation_fr)
        or (organisation.name_fr if organisation else ""),
        "organisation_it": (invitation and invitation.organisation_it)
        or (organisation.name_it if organisation else ""),
        "role": role,
        "answer": answer,
        **lines.where(person.pk, answer),
        "hand": lines.hand(person.pk),
        **marked,
    }


def _answers(lines: Lines, invited: Mapping[int, str]) -> dict[int, str]:
    """Everybody of a session with her answer: the team, the invited, and whoever came besides."""
    came = (person_id for person_id, presence in lines.presences.items() if presence.since)
    return dict.fromkeys([*came, *lines.stays, *lines.team], "") | dict(invited)


def _rows(
    session_id: int,
    lines: Lines,
    answers: Mapping[int, str],
    invited: Mapping[int, Invitation],
    wanted: Collection[int],
) -> dict[str, State | None]:
    """Rows of some by the person's code; null for who does not belong to the session."""
    people = Person.objects.filter(pk__in=wanted).select_related("organisation").order_by("pk")
    marked = marks.rows(session_id, wanted)
    return {
        person.code: _row(
            lines,
            person,
            str(lines.team.get(person.pk, Role.PARTICIPANT)),
            invited.get(person.pk),
            marked.get(person.pk, marks.NO_MARKS),
        )
        if person.pk in answers
        else None
        for person in people
    }


def _counts(lines: Lines, answers: dict[int, str]) -> State:
    standings = (lines.standing(person_id, answer)[0] for person_id, answer in answers.items())
    return lines.counts | {"expected": sum(standing != Standing.DECLINED for standing in standings)}


def _pulse(session_id: int, lines: Lines) -> State:
    votes = PulseVote.objects.filter(session=session_id).exclude(person__in=lines.team.keys())
    values = list(votes.values_list("value", flat=True))
    if min(lines.crowd, len(values)) < settings.FEW_PEOPLE:
        alert = [str(each) for each in ALERTS if each in values]
        return {"few": True, "alert": alert} | (
            {"votes": len(values)} if lines.crowd >= settings.FEW_PEOPLE else {}
        )
    return {
        "few": False,
        "votes": len(values),
        "counts": {str(each): values.count(each) for each in Pulse},
    }


def pulse(session_id: int) -> State:
    """The pulse as hosts see it: counts, or while they could be traced to somebody, alerts only (domain FB-2, FB-5)."""
    return _pulse(session_id, Lines.of(session_id))


def host_state(session: Session) -> State:
    lines = Lines.of(session.pk)
    active = Invitation.objects.active().filter(session=session.pk)
    invited = {invitation.person_id: invitation for invitation in active}
    answers = _answers(lines, {pk: invitation.answer for pk, invitation in invited.items()})
    return {
        "session": everybody.session(session),
        "people": _rows(session.pk, lines, answers, invited, answers),
        "counts": _counts(lines, answers),
        "pulse": _pulse(session.pk, lines),
        **everybody.whole(session.pk),
    }


def participant_state(session: Session, person_id: int) -> State:
    lines = Lines.of(session.pk)
    return {
        "session": everybody.session(session),
        "counts": lines.counts,
        "mine": _own(session.pk, lines, [person_id])[person_id],
        **everybody.whole(session.pk),
    }


def _own(session_id: int, lines: Lines, people: Iterable[int]) -> dict[int, State]:
    people = list(people)
    asked = Invitation.objects.active().filter(session=session_id, person__in=people)
    answers = dict(asked.values_list("person_id", "answer"))
    votes = dict(
        PulseVote.objects.filter(session=session_id, person__in=people).values_list("person_id", "value")
    )
    marked = marks.rows(session_id, people)
    rows = {}
    for person_id in people:
        rows[person_id] = {
            **lines.where(person_id, answers.get(person_id, "")),
            "hand": lines.hand(person_id),
            "pulse": votes.get(person_id) if person_id in lines.leases else None,
            **marked.get(person_id, marks.NO_MARKS),
        }
    return rows


def snapshot(*, session_id: int, person_id: int, is_host: bool) -> tuple[int, State]:
    """(number, state): the number is read first, so that a change in between comes again as a patch."""
    session = Session.objects.get(pk=session_id)
    return session.live_seq, host_state(session) if is_host else participant_state(session, person_id)


def numbers(sessions: Collection[int]) -> dict[int, int]:
    """The number of each session's latest change."""
    return dict(Session.objects.filter(pk__in=sessions).values_list("pk", "live_seq"))


HOSTS_SEE: dict[type[Fact], frozenset[str]] = {
    PulseTaken: frozenset({"pulse"}),
    MessagePublished: frozenset({"messages"}),
    HandChanged: frozenset({"people", "counts"}),
    AnswerChanged: frozenset({"people", "counts"}),
    PresenceChanged: frozenset({"people", "counts", "pulse"}),
    CheckAsked: frozenset({"check"}),
    CheckAnswered: frozenset({"people", "counts"}),
    InspectorSeen: frozenset({"inspectors"}),
}
PARTICIPANTS_SEE: dict[type[Fact], frozenset[str]] = {
    PulseTaken: frozenset(),
    MessagePublished: frozenset({"messages"}),
    HandChanged: frozenset(),
    AnswerChanged: frozenset(),
    PresenceChanged: frozenset({"counts"}),
    CheckAsked: frozenset({"check"}),
    CheckAnswered: frozenset(),
    InspectorSeen: frozenset({"inspectors"}),
}
"""What may change on an audience's screens by kind of fact; any other kind changes the session itself."""


def host_patch(*facts: Fact, lines: Lines | None = None) -> State:
    """What some facts of one session change on a host's screen; everything, for one that changes the session.

    `lines` spares reading them once more, here as in the next two.
    """
    if not facts:
        return {}
    session_id = facts[0].session_id
    if touched(*facts) is None:
        state = host_state(Session.objects.get(pk=session_id))
        gone = Person.objects.filter(pk__in=_named(facts)).exclude(code__in=state["people"])
        return state | {"people": dict.fromkeys(gone.values_list("code", flat=True)) | state["people"]}
    parts = frozenset[str]().union(*(HOSTS_SEE[type(fact)] for fact in facts))
    patch: State = {}
    if parts & {"people", "pulse"}:
        lines = lines or Lines.of(session_id)
        if "people" in parts:
            patch |= _some(session_id, lines, _named(facts))
        if "pulse" in parts:
            patch["pulse"] = _pulse(session_id, lines)
    return patch | everybody.some(session_id, parts)


def _named(facts: Iterable[Fact]) -> set[int]:
    """Whose rows hosts may see change: not those who took a pulse, or a host would learn who it was."""
    changed = (fact for fact in facts if isinstance(fact, ROWS))
    return {person_id for fact in changed for person_id in fact.people}


ROWS = (HandChanged, AnswerChanged, PresenceChanged, CheckAnswered)


def _some(session_id: int, lines: Lines, wanted: Collection[int]) -> State:
    """The rows of some people, made without those of all the others, and the counts."""
    active = Invitation.objects.active().filter(session=session_id)
    answers = _answers(lines, dict(active.values_list("person_id", "answer")))
    invited = {invitation.person_id: invitation for invitation in active.filter(person__in=wanted)}
    return {"people": _rows(session_id, lines, answers, invited, wanted), "counts": _counts(lines, answers)}


def participant_patch(*facts: Fact, lines: Lines | None = None) -> State:
    """What they change on everybody's screen; empty when only hosts, or one person, may see it."""
    if not facts:
        return {}
    session_id = facts[0].session_id
    every = frozenset({"session", "counts", "check", "inspectors"})
    parts = frozenset[str]().union(*(PARTICIPANTS_SEE.get(type(fact), every) for fact in facts))
    patch: State = {}
    if "session" in parts:
        patch["session"] = everybody.session(Session.objects.get(pk=session_id))
    if "counts" in parts:
        patch["counts"] = (lines or Lines.of(session_id)).counts
    return patch | everybody.some(session_id, parts)


def participant_whole(session: Session) -> State:
    """All that participants' screens have in common."""
    return {
        "session": everybody.session(session),
        "counts": Lines.of(session.pk).counts,
        **everybody.whole(session.pk),
    }


def touched(*facts: Fact) -> set[int] | None:
    """Ids of the persons whose own row some facts change; None for everybody's."""
    people: set[int] = set()
    for fact in facts:
        match fact:
            case PulseTaken() | HandChanged() | AnswerChanged() | PresenceChanged() | CheckAnswered():
                people.update(fact.people)
            case MessagePublished() | CheckAsked() | InspectorSeen():
                pass
            case _:
                return None
    return people


def own_patches(session_id: int, people: Iterable[int], *, lines: Lines | None = None) -> dict[int, State]:
    """{person id: patch} of her own row, for her own screens only."""
    rows = _own(session_id, lines or Lines.of(session_id), people)
    return {person_id: {"mine": row} for person_id, row in rows.items()}
