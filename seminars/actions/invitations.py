"""Inviting, answering, withdrawing. An invitation: asked -> yes | maybe | no, until the start; or withdrawn."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from seminars.actions import attendance, feeds, letters
from seminars.errors import Refused
from seminars.facts import AccessRevoked, AnswerChanged, announce
from seminars.models import CalendarKey, Invitation, Person, Session
from seminars.moments import now
from seminars.vocabulary import Answer, Country, Language, LetterKind, State, Zone

MOST_AT_ONCE = 300
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Address:
    """One usable address, as found on a line (from 1)."""

    line: int
    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class BadAddress:
    line: int
    text: str
    why: str
    """A sentence in the active language."""


@dataclass(slots=True)
class Pasted:
    good: list[Address] = field(default_factory=list)
    bad: list[BadAddress] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Invited:
    """What an invitation round did: new invitations, people invited before, and addresses that were not known."""

    new: list[Invitation] = field(default_factory=list)
    already: list[Person] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def _why_bad(text: str) -> str:
    name, at, domain = text.rpartition("@")
    if not at:
        return _("there is no @")
    if not domain.strip():
        return _("nothing follows the @")
    if not name.strip():
        return _("nothing stands before the @")
    if "." not in domain:
        return _("a dot is missing after “%(domain)s”") % {"domain": domain[:60]}
    if " " in text:
        return _("there is a space inside")
    return _("this is not a mail address")


def read_addresses(text: str) -> Pasted:
    """Addresses pasted in any usual form: one a line, or separated by commas and semicolons, with or without names.

    Good ones are kept once each, compared without case; bad ones come back with their line and what is wrong.
    """
    pasted, seen = Pasted(), set()
    for number, line in enumerate(text.splitlines(), 1):
        for piece in re.split(r"[;,\t](?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", line):
            piece = CONTROL.sub("", piece).strip()
            if not piece:
                continue
            name, address = parseaddr(piece) if "<" in piece else ("", piece.removeprefix("mailto:"))
            if "<" in piece and f"<{address}>" not in piece.replace(" ", ""):
                address = piece  # half a quotation: the parser took another address than the one in brackets
            address = address.strip().lower()
            try:
                validate_email(address)
                address.encode("ascii")
            except (ValidationError, UnicodeEncodeError):
                pasted.bad.append(BadAddress(number, piece[:120], _why_bad(address or piece)))
                continue
            if address in seen:
                pasted.twice.append(address)
                continue
            seen.add(address)
            pasted.good.append(Address(number, address, " ".join(name.split())[:120]))
    return pasted


def _stranger(address: Address, session: Session) -> Person:
    """Somebody the system does not know yet: she gets the language of her address's country, else the host's."""
    domain = address.email.rpartition("@")[2]
    country = {"it": Country.ITALY, "fr": Country.FRANCE}.get(
        domain.rpartition(".")[2], Country(session.host.country)
    )
    italian = country == Country.ITALY
    name = address.name or address.email.partition("@")[0].replace(".", " ").replace("_", " ").title()
    person = Person(
        email=address.email,
        name=name[:120],
        country=country,
        language=Language.ITALIAN if italian else Language.FRENCH,
        timezone=Zone.ROME if italian else Zone.PARIS,
    )
    person.set_unusable_password()
    person.save()
    return person


def enrol(*, session: Session, person: Person, by: Person | None) -> Invitation:
    """The row alone, with organisation and country as they are today; no letter."""
    organisation = person.organisation
    return Invitation.objects.create(
        session=session,
        person=person,
        organisation_fr=organisation.name_fr if organisation else "",
        organisation_it=organisation.name_it if organisation else "",
        country=organisation.country if organisation else person.country,
        invited_by=by,
        invited_at=now(),
    )


@transaction.atomic
def invite(*, session: Session, by: Person, addresses: Sequence[Address]) -> Invited:
    """One invitation and one letter each, in the person's own language. Who was withdrawn is invited anew."""
    held = Session.objects.select_for_update(of=("self",))
    session = held.select_related("host", "activity").get(pk=session.pk)
    if session.state == State.DRAFT:
        raise Refused("draft_first", field="addresses")
    if session.state not in (State.SCHEDULED, State.RUNNING):
        raise Refused("not_now", field="addresses", state=session.get_state_display())
    if not addresses:
        raise Refused("nobody_to_invite", field="addresses")
    if len(addresses) > MOST_AT_ONCE:
        raise Refused("too_many", field="addresses", most=MOST_AT_ONCE)
    done = Invited()
    revision = letters.freeze(session)
    for address in addresses:
        person = Person.objects.by_email(address.email)
        if person is None:
            done.unknown.append(address.email)
            person = _stranger(address, session)
        invitation = Invitation.objects.filter(session=session, person=person).first()
        if invitation is not None and invitation.withdrawn_at is None:
            done.already.append(person)
            if letters.has_failed(invitation):
                letters.post(kind=LetterKind.INVITATION, invitation=invitation, revision=revision)
            continue
        if invitation is None:
            invitation = enrol(session=session, person=person, by=by)
        else:
            invitation.withdrawn_at, invitation.answer, invitation.turn = (
                None,
                Answer.NONE,
                invitation.turn + 1,
            )
            invitation.invited_at = now()
            invitation.save(update_fields=["withdrawn_at", "answer", "turn", "invited_at"])
        letters.post(kind=LetterKind.INVITATION, invitation=invitation, revision=revision)
        done.new.append(invitation)
    feeds.touch_people(invitation.person_id for invitation in done.new)
    _changed(session, [invitation.person_id for invitation in done.new])
    return done


def _changed(session: Session, people: list[int]) -> None:
    if people:
        announce(AnswerChanged(session.pk, Session.objects.next_seq(session.pk), tuple(people)))


def _held(invitation: Invitation) -> tuple[Session, Invitation]:
    """Both rows as they are now, held in the order in which every act on a session takes them: the session first."""
    session = Session.objects.select_for_update().get(pk=invitation.session_id)
    held = Invitation.objects.select_for_update(of=("self",)).select_related("session", "person")
    invitation = held.get(pk=invitation.pk)
    invitation.session = session
    return session, invitation


@transaction.atomic
def answer(*, invitation: Invitation, answer: Answer, note: str = "") -> Invitation:
    """-> yes | maybe | no; may be changed until the session starts."""
    session, invitation = _held(invitation)
    if session.state != State.SCHEDULED or now() >= session.starts_at:
        raise Refused("answers_closed")
    invitation.answer, invitation.answered_at = answer, now()
    invitation.answered_sequence, invitation.note = session.sequence, CONTROL.sub(" ", note).strip()[:300]
    invitation.save(update_fields=["answer", "answered_at", "answered_sequence", "note"])
    feeds.touch_people([invitation.person_id])
    _changed(session, [invitation.person_id])
    return invitation


@transaction.atomic
def withdraw(*, invitation: Invitation, by: Person) -> None:
    """Takes an invitation back: its link opens nothing any more, a CANCEL goes to that one person only."""
    session, invitation = _held(invitation)
    if invitation.withdrawn_at is not None:
        return
    invitation.withdrawn_at, invitation.turn = now(), invitation.turn + 1
    invitation.save(update_fields=["withdrawn_at", "turn"])
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
    _changed(session, [invitation.person_id])
    announce(AccessRevoked(invitation.person_id, session.pk))
