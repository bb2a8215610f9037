"""Small predicates, and ONE table name -> predicate, asked at every door. What is not in it is denied."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.conf import settings

from seminars.models import (
    Certificate,
    Group,
    Invitation,
    Person,
    PresenceEvent,
    Scheme,
    Session,
    TeamMember,
)
from seminars.queries.sheets import people_counted
from seminars.vocabulary import HOST_ROLES, PLANNING_ROLES, Role, State


class Level(IntEnum):
    """How much a door trusts who came through it."""

    NOBODY = 0
    INVITED = 1
    """By the link of an invitation, which may have been forwarded: a participant's acts, never a host's."""
    READING = 2
    """By an API token that may only read."""
    FULL = 3


@dataclass(frozen=True, slots=True)
class Actor:
    person: Person | None = None
    level: Level = Level.NOBODY

    def __bool__(self) -> bool:
        return self.person is not None and self.person.is_active and self.level > Level.NOBODY


ANYBODY = Actor()


def is_known(actor: Actor, thing: Any = None) -> bool:
    return bool(actor)


def is_full(actor: Actor, thing: Any = None) -> bool:
    return bool(actor) and actor.level == Level.FULL


def is_everybody(actor: Actor, thing: Any = None) -> bool:
    return True


def is_planner(actor: Actor, thing: Any = None) -> bool:
    return is_full(actor) and actor.person is not None and actor.person.role in PLANNING_ROLES


def is_invited(actor: Actor, session: Session) -> bool:
    return bool(actor) and Invitation.objects.active().filter(session=session, person=actor.person).exists()


def is_in_team(actor: Actor, session: Session) -> bool:
    return bool(actor) and TeamMember.objects.filter(session=session, person=actor.person).exists()


def is_member(actor: Actor, session: Session) -> bool:
    return is_in_team(actor, session) or is_invited(actor, session)


def has_session_of_own_side(actor: Actor, session: Session) -> bool:
    """A coordinator whose organisation hosts or co-organises: owned by the organisation, not by one account."""
    person = actor.person
    if not actor or person is None or person.role != Role.COORDINATOR or person.organisation_id is None:
        return False
    return (
        session.host_id == person.organisation_id
        or session.organisers.filter(pk=person.organisation_id).exists()
    )


def _is_host(actor: Actor, session: Session) -> bool:
    if not actor:
        return False
    team = TeamMember.objects.filter(session=session, person=actor.person, role__in=HOST_ROLES)
    return team.exists() or has_session_of_own_side(actor, session)


def is_host(actor: Actor, session: Session) -> bool:
    return is_full(actor) and _is_host(actor, session)


def is_reading_host(actor: Actor, session: Session) -> bool:
    return bool(actor) and actor.level >= Level.READING and _is_host(actor, session)


def is_seer(actor: Actor, session: Session) -> bool:
    """Public sessions for everybody; others for their members and hosts; drafts for hosts only."""
    if session.state == State.DRAFT:
        return is_reading_host(actor, session)
    if session.is_public and not session.is_confidential:
        return True
    return is_member(actor, session) or is_reading_host(actor, session)


def is_enterer(actor: Actor, session: Session) -> bool:
    """Who may be in the room: its members, and its hosts."""
    return session.state != State.DRAFT and (is_member(actor, session) or is_host(actor, session))


def is_answerer(actor: Actor, invitation: Invitation) -> bool:
    return (
        bool(actor)
        and actor.level != Level.READING
        and invitation.withdrawn_at is None
        and actor.person is not None
        and actor.person.pk == invitation.person_id
    )


def has_been_present(actor: Actor, session: Session) -> bool:
    """Was there as a guest while the session was held; before its closing, has come at all."""
    if not actor or actor.person is None:
        return False
    if session.state != State.ENDED:
        return PresenceEvent.objects.filter(session=session, person=actor.person).exists()
    return actor.person.pk in people_counted(session)


def is_owner(actor: Actor, thing: Any) -> bool:
    """Of a key or token: its person, signed in for herself."""
    return is_full(actor) and actor.person is not None and thing.person_id == actor.person.pk


def is_holder(actor: Actor, thing: Any) -> bool:
    """Of a calendar key: its person. Who came by an invitation's link, which may have been forwarded, holds only what
    such a link made (`is_weak`); who could make a key can take it back."""
    if not is_joiner(actor) or actor.person is None or thing.person_id != actor.person.pk:
        return False
    return is_full(actor) or bool(thing.is_weak)


def is_joiner(actor: Actor, thing: Any = None) -> bool:
    """Somebody known who came by a page, not by a reading token."""
    return bool(actor) and actor.level != Level.READING


def is_group_keeper(actor: Actor, group: Group | None = None) -> bool:
    """Of a group: who plans, for the organisation that owns it; where none does, whoever made it."""
    if not is_planner(actor) or group is None or actor.person is None:
        return is_planner(actor)
    if group.organisation_id is None:
        return group.created_by_id == actor.person.pk
    return group.organisation_id == actor.person.organisation_id


def is_demonstration(actor: Actor, thing: Any = None) -> bool:
    return bool(settings.DEMO)


def is_own_coordinator(actor: Actor, thing: Any = None) -> bool:
    """Who keeps the programme's evidence: a coordinator, signed in."""
    return is_full(actor) and actor.person is not None and actor.person.role == Role.COORDINATOR


def is_countersigner(actor: Actor, session: Session) -> bool:
    """Of the team, the host tutor included, signed in."""
    return is_full(actor) and is_in_team(actor, session)


def is_scheme_keeper(actor: Actor, scheme: Scheme) -> bool:
    """Who hosts a session of the scheme; a new scheme belongs to whoever plans."""
    if not is_planner(actor):
        return False
    sessions = Session.objects.filter(training_scheme=scheme.name)
    return any(_is_host(actor, session) for session in sessions)


def is_scheme_member(actor: Actor, scheme: Scheme) -> bool:
    """Who is invited to, or was present in, a session of the scheme."""
    if not is_joiner(actor):
        return False
    theirs = Session.objects.filter(training_scheme=scheme.name)
    invited = Invitation.objects.active().filter(session__in=theirs, person=actor.person)
    return invited.exists() or PresenceEvent.objects.filter(session__in=theirs, person=actor.person).exists()


def is_certified(actor: Actor, certificate: Certificate) -> bool:
    """Whose certificate it is, signed in; and who hosts what it certifies."""
    if is_full(actor) and actor.person is not None and certificate.person_id == actor.person.pk:
        return True
    if certificate.session is not None:
        return is_reading_host(actor, certificate.session)
    return certificate.scheme is not None and is_scheme_keeper(actor, certificate.scheme)


TABLE: dict[str, Callable[[Actor, Any], bool]] = {
    "seminars.read_page": is_everybody,
    "seminars.sign_in": is_everybody,
    "seminars.choose_language": is_everybody,
    "seminars.see_programme": is_everybody,
    "seminars.read_feed": is_everybody,
    "seminars.see_demonstration": is_demonstration,
    "seminars.see_today": is_known,
    "seminars.keep_calendar": is_joiner,
    "seminars.revoke_calendar": is_holder,
    "seminars.renew_calendar": is_holder,
    "seminars.keep_account": is_full,
    "seminars.keep_token": is_full,
    "seminars.revoke_key": is_owner,
    "seminars.plan_session": is_planner,
    "seminars.see_session": is_seer,
    "seminars.edit_session": is_host,
    "seminars.move_session": is_host,
    "seminars.cancel_session": is_host,
    "seminars.invite_person": is_host,
    "seminars.see_people": is_reading_host,
    "seminars.open_session": is_host,
    "seminars.close_session": is_host,
    "seminars.host_session": is_host,
    "seminars.confirm_presence": is_host,
    "seminars.write_message": is_host,
    "seminars.see_sheet": is_reading_host,
    "seminars.see_results": is_reading_host,
    "seminars.answer_invitation": is_answerer,
    "seminars.decide_substitution": is_host,
    "seminars.keep_group": is_group_keeper,
    "seminars.see_letters": is_host,
    "seminars.write_letters": is_host,
    "seminars.unsubscribe": is_everybody,  # the link of a letter opens it
    "seminars.read_file": is_seer,
    "seminars.see_convocation": is_host,
    "seminars.open_invitation": is_everybody,
    "seminars.enter_room": is_enterer,
    "seminars.record_presence": is_enterer,
    "seminars.replay_presence": is_everybody,  # the secret of a connection opens it, or record_presence
    "seminars.take_pulse": is_enterer,
    "seminars.raise_hand": is_enterer,
    "seminars.sign_slot": is_enterer,
    "seminars.sign_here": is_everybody,  # the code shown in the room opens it
    "seminars.countersign": is_countersigner,
    "seminars.show_code": is_host,
    "seminars.ask_check": is_host,
    "seminars.answer_check": is_enterer,
    "seminars.declare_presence": is_host,
    "seminars.decide_walk_in": is_host,
    "seminars.keep_scans": is_host,
    "seminars.correct_sheet": is_host,
    "seminars.explain_finding": is_host,
    "seminars.seal_sheet": is_host,
    "seminars.see_papers": is_reading_host,
    "seminars.export_evidence": is_host,
    "seminars.verify_document": is_everybody,
    "seminars.issue_certificates": is_host,
    "seminars.see_certificate": is_certified,
    "seminars.see_own_record": is_full,
    "seminars.keep_scheme": is_scheme_keeper,
    "seminars.fill_scheme_form": is_scheme_member,
    "seminars.keep_inspectors": is_host,
    "seminars.inspect": is_everybody,  # the inspector's link opens it
    "seminars.keep_retention": is_own_coordinator,
    "seminars.see_exports": is_own_coordinator,
    "seminars.keep_own_data": is_full,
    "seminars.give_feedback": has_been_present,
    "seminars.read_api": is_known,
    "seminars.read_schema": is_everybody,
}


def allows(name: str, actor: Actor, thing: Any = None) -> bool:
    """Whether `actor` may do `name` to `thing`. Raises KeyError for a name that is not in the table."""
    return TABLE[name](actor, thing)
