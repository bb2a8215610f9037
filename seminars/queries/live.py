"""What a live screen shows: whole states for hosts and participants, and the patch that each fact makes of them.

A patch replaces top-level keys of a state; "people" alone is merged by the person's code, and null removes one. Patches
hold what is true when they are made, so that applying them in order always ends at the state a fresh read would give.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from seminars.facts import AnswerChanged, Fact, HandChanged, MessagePublished, PresenceChanged, PulseTaken
from seminars.models import (
    Invitation,
    Lease,
    Message,
    Person,
    Presence,
    PulseVote,
    Session,
    TeamMember,
)
from seminars.vocabulary import Answer, Pulse, Role, Standing

State = dict[str, Any]
MOST_MESSAGES = 20
ALERTS = (Pulse.LOST, Pulse.BREAK)
"""What a host learns even while few people are present: somebody needs something."""
PRESENT = (Standing.HERE, Standing.VIDEO)


def instant(moment: datetime | None) -> str | None:
    """An instant as every script reads it: UTC, milliseconds."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds")


@dataclass(slots=True)
class Lines:
    """Open connections, live rows and team of a session: all that a standing follows from, in three queries."""

    presences: dict[int, Presence] = field(default_factory=dict)
    leases: dict[int, list[tuple[datetime, datetime | None]]] = field(default_factory=dict)
    team: frozenset[int] = frozenset()

    @classmethod
    def of(cls, session_id: int, *, with_people: bool = False) -> "Lines":
        rows = Presence.objects.filter(session=session_id).order_by("pk")
        rows = rows.select_related("person__organisation") if with_people else rows
        team = TeamMember.objects.filter(session=session_id).values_list("person_id", flat=True)
        lines = cls({row.person_id: row for row in rows}, team=frozenset(team))
        open_ = Lease.objects.filter(session=session_id, ended_at=None).order_by("opened_at")
        for person_id, seen_at, quiet_at in open_.values_list("person_id", "seen_at", "quiet_at"):
            lines.leases.setdefault(person_id, []).append((seen_at, quiet_at))
        return lines

    def standing(self, person_id: int, answer: str = "") -> tuple[Standing, datetime | None]:
        """What a screen says of a person, and since when."""
        presence = self.presences.get(person_id)
        if leases := self.leases.get(person_id):
            if any(quiet_at is None for _, quiet_at in leases):
                return Standing.HERE, presence.since if presence else None
            if presence and presence.video_since:
                return Standing.VIDEO, presence.video_since
            return Standing.CUT, max(seen_at for seen_at, _ in leases)
        if presence and presence.left_at:
            return Standing.LEFT, presence.left_at
        return (Standing.DECLINED if answer == Answer.NO else Standing.EXPECTED), None

    def hand(self, person_id: int) -> str | None:
        presence = self.presences.get(person_id)
        return instant(presence.hand_at) if presence else None

    @property
    def here(self) -> int:
        """How many are present: seen, or in the video."""
        return sum(self.standing(person_id)[0] in PRESENT for person_id in self.leases)

    @property
    def crowd(self) -> int:
        """How many people are present for a pulse to hide in: without the team, which is known by name."""
        return sum(self.standing(person_id)[0] in PRESENT for person_id in self.leases.keys() - self.team)


def initials(name: str) -> str:
    words = [word for word in name.replace("-", " ").split() if word[0].isalpha()]
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()


def _row(lines: Lines, person: Person, role: str, invitation: Invitation | None) -> State:
    """One person as hosts see her; organisation and country as they were when she was invited."""
    answer = invitation.answer if invitation else ""
    standing, since = lines.standing(person.pk, answer)
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
        "standing": str(standing),
        "since": instant(since),
        "hand": lines.hand(person.pk),
    }


def _people(session_id: int, lines: Lines) -> dict[int, tuple[str, State]]:
    """Everybody of a session by her id, as (code, row): the team, the invited, and whoever came besides."""
    active = Invitation.objects.active().filter(session=session_id).select_related("person__organisation")
    invited = {invitation.person_id: invitation for invitation in active.order_by("pk")}
    persons: dict[int, tuple[Person, str]] = {
        row.person_id: (row.person, Role.PARTICIPANT) for row in lines.presences.values() if row.since
    }
    persons |= {pk: (invitation.person, Role.PARTICIPANT) for pk, invitation in invited.items()}
    team = TeamMember.objects.filter(session=session_id).select_related("person__organisation").order_by("pk")
    persons |= {member.person_id: (member.person, member.role) for member in team}
    return {
        pk: (person.code, _row(lines, person, str(role), invited.get(pk)))
        for pk, (person, role) in persons.items()
    }


def _counts(lines: Lines, people: dict[int, tuple[str, State]]) -> State:
    away = {Standing.DECLINED}
    expected = sum(row["standing"] not in away for _, row in people.values())
    return {"here": lines.here, "expected": expected}


def _pulse(session_id: int, lines: Lines) -> State:
    votes = PulseVote.objects.filter(session=session_id).exclude(person__in=lines.team)
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


def _messages(session_id: int) -> list[State]:
    """The latest messages, oldest first."""
    latest = Message.objects.filter(session=session_id).select_related("author").order_by("-at", "-pk")
    return [
        {
            "id": message.pk,
            "author": message.author.name if message.author else "",
            "text_fr": message.text_fr,
            "text_it": message.text_it,
            "at": instant(message.at),
        }
        for message in reversed(latest[:MOST_MESSAGES])
    ]


def _session(session: Session) -> State:
    opens = session.starts_at - timedelta(minutes=settings.ROOM_OPENS_MINUTES)
    closes = session.ends_at + timedelta(minutes=settings.ROOM_CLOSES_MINUTES)
    return {
        "code": session.code,
        "state": str(session.state),
        "starts": instant(session.starts_at),
        "ends": instant(session.ends_at),
        "parts": [instant(slot.ends_at) for slot in session.slots.all()],
        "zone": session.timezone,
        "opens": instant(opens),
        "closes": instant(closes),
        "opened": instant(session.opened_at),
        "closed": instant(session.closed_at),
    }


def host_state(session: Session) -> State:
    lines = Lines.of(session.pk, with_people=True)
    people = _people(session.pk, lines)
    return {
        "session": _session(session),
        "people": dict(people.values()),
        "counts": _counts(lines, people),
        "pulse": _pulse(session.pk, lines),
        "messages": _messages(session.pk),
    }


def participant_state(session: Session, person_id: int) -> State:
    lines = Lines.of(session.pk)
    return {
        "session": _session(session),
        "counts": {"here": lines.here},
        "mine": _own(session.pk, lines, [person_id])[person_id],
        "messages": _messages(session.pk),
    }


def _own(session_id: int, lines: Lines, people: Iterable[int]) -> dict[int, State]:
    people = list(people)
    asked = Invitation.objects.active().filter(session=session_id, person__in=people)
    answers = dict(asked.values_list("person_id", "answer"))
    votes = dict(
        PulseVote.objects.filter(session=session_id, person__in=people).values_list("person_id", "value")
    )
    rows = {}
    for person_id in people:
        standing, since = lines.standing(person_id, answers.get(person_id, ""))
        rows[person_id] = {
            "standing": str(standing),
            "since": instant(since),
            "hand": lines.hand(person_id),
            "pulse": votes.get(person_id),
        }
    return rows


def snapshot(*, session_id: int, person_id: int, is_host: bool) -> tuple[int, State]:
    """(number, state): the number is read first, so that a change in between comes again as a patch."""
    session = Session.objects.get(pk=session_id)
    return session.live_seq, host_state(session) if is_host else participant_state(session, person_id)


def host_patch(fact: Fact) -> State:
    """What a fact changes on a host's screen."""
    match fact:
        case PulseTaken():
            return {"pulse": pulse(fact.session_id)}
        case MessagePublished():
            return {"messages": _messages(fact.session_id)}
        case HandChanged() | AnswerChanged() | PresenceChanged():
            lines = Lines.of(fact.session_id, with_people=True)
            people = _people(fact.session_id, lines)
            patch: State = {"people": _some(people, fact.people), "counts": _counts(lines, people)}
            if isinstance(fact, PresenceChanged):
                patch["pulse"] = _pulse(fact.session_id, lines)
            return patch
    return host_state(Session.objects.get(pk=fact.session_id))


def _some(people: dict[int, tuple[str, State]], wanted: Iterable[int]) -> dict[str, State | None]:
    """The rows of some; null for those who no longer belong to the session."""
    known: dict[str, State | None] = {}
    gone = []
    for person_id in wanted:
        if person_id in people:
            code, row = people[person_id]
            known[code] = row
        else:
            gone.append(person_id)
    if gone:
        known |= dict.fromkeys(Person.objects.filter(pk__in=gone).values_list("code", flat=True))
    return known


def participant_patch(fact: Fact) -> State:
    """What a fact changes on everybody's screen; empty when only hosts, or one person, may see it."""
    match fact:
        case PulseTaken() | HandChanged() | AnswerChanged():
            return {}
        case MessagePublished():
            return {"messages": _messages(fact.session_id)}
        case PresenceChanged():
            return {"counts": {"here": Lines.of(fact.session_id).here}}
    session = Session.objects.get(pk=fact.session_id)
    return {"session": _session(session), "counts": {"here": Lines.of(session.pk).here}}


def touched(fact: Fact) -> tuple[int, ...] | None:
    """Ids of the persons whose own row a fact changes; None for everybody's."""
    match fact:
        case PulseTaken() | HandChanged() | AnswerChanged() | PresenceChanged():
            return fact.people
        case MessagePublished():
            return ()
    return None


def own_patches(session_id: int, people: Iterable[int]) -> dict[int, State]:
    """{person id: patch} of her own row, for her own screens only."""
    rows = _own(session_id, Lines.of(session_id), people)
    return {person_id: {"mine": row} for person_id, row in rows.items()}
