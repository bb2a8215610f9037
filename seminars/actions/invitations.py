"""Inviting and withdrawing. An invitation: asked -> yes | maybe | no, until the start; or withdrawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils.translation import get_language

from seminars import saying
from seminars.actions import attendance, feeds, letters, strangers
from seminars.actions.answers import hold, tell
from seminars.errors import Refused
from seminars.exchange.address import Address as Address
from seminars.exchange.pasted import read_addresses as read_addresses
from seminars.facts import AccessRevoked, announce
from seminars.models import CalendarKey, Invitation, Person, Session, Substitution
from seminars.moments import now
from seminars.queries import acquaintance
from seminars.queries.prospects import unreached
from seminars.queries.seats import seats
from seminars.vocabulary import LetterKind, State

MOST_AT_ONCE = 300
RENEWED = (
    "answer",
    "answered_at",
    "answered_sequence",
    "note",
    "organisation_fr",
    "organisation_it",
    "country",
    "invited_by",
    "invited_at",
)
"""What an invitation of somebody who was withdrawn takes from a new one."""


@dataclass(slots=True)
class Invited:
    """What an invitation round did: new invitations; of the people invited before those who get their letter again,
    since the last one did not arrive, and those who get none; addresses that were not known."""

    new: list[Invitation] = field(default_factory=list)
    again: list[Person] = field(default_factory=list)
    already: list[Person] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def drafted(*, session: Session, person: Person, by: Person | None) -> Invitation:
    """An invitation that is not kept yet, with organisation and country as they are today."""
    organisation = person.organisation
    return Invitation(
        session=session,
        person=person,
        organisation_fr=organisation.name_fr if organisation else "",
        organisation_it=organisation.name_it if organisation else "",
        country=organisation.country if organisation else person.country,
        invited_by=by,
        invited_at=now(),
    )


def check_addresses(session: Session, addresses: Sequence[Address]) -> None:
    """Raises Refused where nobody, or not so many at once, can be invited."""
    if session.state == State.DRAFT:
        raise Refused("draft_first", field="addresses")
    if session.state not in (State.SCHEDULED, State.RUNNING):
        raise Refused("not_now", field="addresses", state=session.get_state_display())
    if not addresses:
        raise Refused("nobody_to_invite", field="addresses")
    if len(addresses) > MOST_AT_ONCE:
        raise Refused("too_many", field="addresses", most=MOST_AT_ONCE)


@transaction.atomic
def invite(
    *, session: Session, by: Person, addresses: Sequence[Address], is_over_meant: bool = False
) -> Invited:
    """One invitation and one letter each, in the person's own language; however many, in a handful of queries.

    Who was withdrawn is invited anew; who is invited gets no second letter, unless her newest one did not arrive. What
    an address says of language and organisation only matters for people who are new here. Raises Refused:
    `draft_first`, `not_now`, `nobody_to_invite`, `too_many`, and `over_quota` where an organisation has no seat left
    and that is not `is_over_meant`.
    """
    held = Session.objects.select_for_update(of=("self",))
    session = held.select_related("host", "activity").get(pk=session.pk)
    check_addresses(session, addresses)
    done = Invited()
    people = _people(session, addresses, done)
    rows = session.invitations.select_for_update(of=("self",)).filter(person__in=people)
    before = {row.person_id: row for row in rows.order_by("pk")}
    standing = [person for person in people if _is_active(before.get(person.pk))]
    coming = [person for person in people if not _is_active(before.get(person.pk))]
    if not is_over_meant:
        _check_seats(session, coming)
    failed = unreached(before[person.pk] for person in standing)
    again = [before[person.pk] for person in standing if before[person.pk].pk in failed]
    done.again = [person for person in standing if before[person.pk].pk in failed]
    done.already = [person for person in standing if before[person.pk].pk not in failed]
    done.new = _invited(session, coming, before, by)
    letters.post_all(
        kind=LetterKind.INVITATION, invitations=[*done.new, *again], revision=letters.freeze(session)
    )
    feeds.touch_people(invitation.person_id for invitation in done.new)
    tell(session, [invitation.person_id for invitation in done.new])
    return done


def _people(session: Session, addresses: Sequence[Address], done: Invited) -> list[Person]:
    """Each once, in the order given."""
    known = acquaintance.known(address.email for address in addresses)
    met = strangers.meet(addresses, country=session.host.country)
    emails = dict.fromkeys(address.email.lower() for address in addresses)
    done.unknown = [email for email in emails if email not in known]
    return [met[email] for email in emails]


def _is_active(invitation: Invitation | None) -> bool:
    return invitation is not None and invitation.withdrawn_at is None


def _check_seats(session: Session, coming: Iterable[Person]) -> None:
    for full in seats(session, coming):
        if full.over:
            name = saying.said(full.organisation, "name", saying.plain(get_language() or "en"))[0]
            raise Refused(
                "over_quota",
                field="is_over_meant",
                organisation=name,
                seats=full.seats,
                taken=full.taken,
                over=full.over,
            )


def _invited(
    session: Session, coming: Iterable[Person], before: dict[int, Invitation], by: Person
) -> list[Invitation]:
    """In the order of `coming`: new ones, and those of people who were withdrawn, as new: nothing that she answered
    or wrote then is left, and the link is another."""
    new: list[Invitation] = []
    anew: list[Invitation] = []
    order: list[Invitation] = []
    people = {person.pk: person for person in coming}
    for person in people.values():
        invitation = before.get(person.pk)
        if invitation is None:
            invitation = drafted(session=session, person=person, by=by)
            new.append(invitation)
        else:
            anew.append(invitation)
        order.append(invitation)
    Invitation.objects.bulk_create(new)
    for each in anew:
        fresh = drafted(session=session, person=people[each.person_id], by=by)
        each.withdrawn_at, each.turn = None, each.turn + 1
        for name in RENEWED:
            setattr(each, name, getattr(fresh, name))
    if anew:
        Invitation.objects.bulk_update(anew, ["withdrawn_at", "turn", *RENEWED])
        Substitution.objects.filter(invitation__in=anew, decided_at=None).delete()
    return order


@transaction.atomic
def withdraw(*, invitation: Invitation, by: Person) -> None:
    """Takes an invitation back: its link opens nothing any more, a CANCEL goes to that one person only; what she asked
    for, that somebody comes in her place, is asked no more."""
    session, invitation = hold(invitation)
    if invitation.withdrawn_at is not None:
        return
    invitation.withdrawn_at, invitation.turn = now(), invitation.turn + 1
    invitation.save(update_fields=["withdrawn_at", "turn"])
    invitation.substitutions.filter(decided_at=None).delete()
    if session.state == State.SCHEDULED and session.ends_at > now():
        session.sequence += (
            1  # each CANCEL raises it (RFC 5546 2.1.4), and a later invitation must not fall below
        )
        session.revised_at = max(now(), session.revised_at + timedelta(seconds=1))
        session.save(update_fields=["sequence", "revised_at"])
        letters.post(kind=LetterKind.WITHDRAWAL, invitation=invitation, revision=letters.freeze(session))
    if not session.team.filter(person=invitation.person_id).exists():
        attendance.put_out(session=session, person=invitation.person)
    feeds.touch(session, also=[invitation.person_id])
    weak = CalendarKey.objects.filter(person=invitation.person, is_weak=True)
    feeds.end(weak)
    weak.filter(revoked_at=None).update(revoked_at=now())
    tell(session, [invitation.person_id])
    announce(AccessRevoked(invitation.person_id, session.pk))
