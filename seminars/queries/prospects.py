"""Who would be invited, and what to know before: one row for each address, in a fixed number of queries."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Lower, StrIndex, Substr

from seminars.exchange.address import Address, country_of, language_of
from seminars.exchange.naming import name_of
from seminars.exchange.oddities import is_of_office, is_other_name, is_unread, likely_domain
from seminars.models import Invitation, Letter, Organisation, Person, Session, Unsubscription
from seminars.queries import acquaintance
from seminars.queries.reasons import reason
from seminars.queries.seats import Seats, seats
from seminars.vocabulary import Answer, Country, Language, LetterState

MOST_DOMAINS = 5000
STUCK = (LetterState.FAILED, LetterState.DEAD)
NOT_TICKED = frozenset({"bounced", "elsewhere", "unread", "slip", "suspended"})
"""Notes of people who get a letter only when somebody has looked at them."""


@dataclass(frozen=True, slots=True)
class Note:
    """What to know of a prospect, a name and its facts: `web.reviewing` has the words."""

    name: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Prospect:
    """One address. `person` is None for somebody new, or of whom whoever asks may not be told anything; `name` and
    `language` are those of the letter, as far as she may know."""

    address: Address
    person: Person | None
    named: Organisation | None
    invitation: Invitation | None
    name: str
    language: str
    notes: list[Note] = field(default_factory=list)
    is_chosen: bool = True
    bounced: str = ""
    """What the mail server said of the newest letter of this invitation, where that did not arrive; `-` without words.
    """

    @property
    def language_words(self) -> str:
        return str(Language(self.language).label)

    @property
    def is_new(self) -> bool:
        return self.person is None

    @property
    def organisation(self) -> Organisation | None:
        """Hers, or the one that the line of somebody new names."""
        return self.person.organisation if self.person is not None else self.named

    @property
    def is_invited(self) -> bool:
        return self.invitation is not None and self.invitation.withdrawn_at is None

    @property
    def gets_letter(self) -> bool:
        """Who is invited gets another letter only where the last one failed."""
        return not self.is_invited or bool(self.bounced)


@dataclass(slots=True)
class Review:
    """`coming` get a letter when they are chosen; `already` are invited, and reached as far as we know."""

    coming: list[Prospect]
    already: list[Prospect]
    seats: list[Seats]
    capacity: int | None
    reached: int
    """How many are invited and did not say no."""

    @property
    def chosen(self) -> list[Prospect]:
        return [each for each in self.coming if each.is_chosen]

    @property
    def over(self) -> list[Seats]:
        return [each for each in self.seats if each.over]

    @property
    def added(self) -> int:
        """How many of those chosen take a place that they do not have yet."""
        return sum(not each.is_invited for each in self.chosen)

    @property
    def too_many(self) -> int:
        """How many more than the session has places for."""
        is_limited = self.capacity is not None and self.added
        return max(0, self.reached + self.added - (self.capacity or 0)) if is_limited else 0

    @property
    def is_faultless(self) -> bool:
        """Nothing to look at before sending: everybody is known, and nothing is to be said of anybody."""
        is_plain = all(not each.is_new and not each.notes and each.is_chosen for each in self.coming)
        return is_plain and not self.already and not self.over and not self.too_many


def review(
    session: Session, addresses: Sequence[Address], *, by: Person, chosen: Collection[str] | None = None
) -> Review:
    """What `by` has to know, in the order given. `chosen` are addresses that stay ticked; None ticks all of whom no
    note in NOT_TICKED is to be said."""
    people = acquaintance.known(address.email for address in addresses)
    seen = acquaintance.seen_by(by, [person.pk for person in people.values()])
    people = {email: person for email, person in people.items() if person.pk in seen}
    facts = _Facts(session, by, people, addresses)
    found = [_prospect(session, address, people.get(address.email), facts) for address in addresses]
    coming = [each for each in found if each.gets_letter]
    for each in coming:
        is_sound = NOT_TICKED.isdisjoint(note.name for note in each.notes)
        each.is_chosen = is_sound if chosen is None else each.address.email in chosen
    counted = [
        Person(organisation=one.organisation) for one in coming if one.is_chosen and not one.is_invited
    ]
    return Review(
        coming,
        [each for each in found if not each.gets_letter],
        seats(session, counted),
        session.capacity,
        session.invitations.reached().count(),
    )


def unreached(invitations: Iterable[Invitation]) -> dict[int, str]:
    """By invitation (ids) what the mail server said, `-` without words, where the newest letter of that invitation was
    refused, given up or came back: who is invited gets a new one. What was replaced before it left says nothing."""
    of_one = Letter.objects.filter(invitation=OuterRef("pk")).exclude(state=LetterState.SUPERSEDED)
    asked = Invitation.objects.filter(pk__in=[each.pk for each in invitations])
    newest = asked.annotate(newest=Subquery(of_one.order_by("-stamp", "-created_at").values("pk")[:1]))
    failed = Letter.objects.filter(pk__in=newest.values("newest"), state__in=STUCK)
    return {
        invitation: error or "-"
        for invitation, error in failed.values_list("invitation", "last_error")
        if invitation is not None
    }


class _Facts:
    """What is read once for all prospects; by person or invitation (ids)."""

    def __init__(
        self, session: Session, by: Person, people: Mapping[str, Person], addresses: Iterable[Address]
    ) -> None:
        ids = [person.pk for person in people.values()]
        self.invitations = {row.person_id: row for row in session.invitations.filter(person__in=ids)}
        self.bounced = unreached(self.invitations.values())
        self.elsewhere = self._elsewhere(session, by, ids)
        self.named = acquaintance.organisations(
            {one.organisation for one in addresses if one.email not in people}
        )
        self.stopped: dict[int, list[str]] = {}
        kinds = Unsubscription.objects.filter(person__in=ids).order_by("pk")
        for person, kind in kinds.values_list("person", "kind"):
            self.stopped.setdefault(person, []).append(kind)
        domain = Substr("email", StrIndex("email", Value("@")) + 1)
        known = Person.objects.annotate(domain=Lower(domain)).order_by().values_list("domain", flat=True)
        self.domains = frozenset(known.distinct()[:MOST_DOMAINS])
        self.likely: dict[str, str] = {}

    def _elsewhere(self, session: Session, by: Person, people: Sequence[int]) -> dict[int, str]:
        """By person what the mail server said of her newest letter about any session that `by` may look into, where
        that did not arrive and is of another session."""
        hers = acquaintance.sessions_of(by).values("pk")
        tried = Letter.objects.filter(
            person=OuterRef("pk"), session__in=hers, state__in=(LetterState.SENT, *STUCK)
        )
        newest = Person.objects.filter(pk__in=people).annotate(
            newest=Subquery(tried.order_by("-created_at", "-stamp").values("pk")[:1])
        )
        failed = Letter.objects.filter(pk__in=newest.values("newest"), state__in=STUCK)
        return dict(failed.exclude(session=session).values_list("person", "last_error"))

    def likely_domain(self, domain: str) -> str:
        if domain not in self.likely:
            self.likely[domain] = likely_domain(domain, self.domains)
        return self.likely[domain]


def _prospect(session: Session, address: Address, person: Person | None, facts: _Facts) -> Prospect:
    if person is None:
        language = language_of(address, country_of(address.email, session.host.country))
        named = facts.named.get(address.organisation)
        new = Prospect(address, None, named, None, name_of(address), language)
        new.notes = [*_odd(address, facts)]
        return new
    invitation = facts.invitations.get(person.pk)
    known = Prospect(address, person, None, invitation, person.name, person.language)
    if invitation is not None:
        known.bounced = facts.bounced.get(invitation.pk, "")
    known.notes = [*_standing(known, person, facts), *_odd_known(address, person), *_odd(address, facts)]
    return known


def _standing(prospect: Prospect, person: Person, facts: _Facts) -> Iterable[Note]:
    invitation = prospect.invitation
    if not person.is_active:
        yield Note("suspended")
    if prospect.bounced:
        server = prospect.bounced.strip("-")
        yield Note("bounced", {"why": reason(server), "server": server})
    elif person.pk in facts.elsewhere:
        server = facts.elsewhere[person.pk]
        yield Note("elsewhere", {"why": reason(server), "server": server})
    if prospect.is_invited and prospect.bounced:
        yield Note("invited")
    if invitation is not None and invitation.withdrawn_at is not None:
        yield Note("withdrawn", {"at": invitation.withdrawn_at})
    if invitation is not None and invitation.answer == Answer.NO:
        yield Note("said_no", {"at": invitation.answered_at})
    if kinds := facts.stopped.get(person.pk):
        yield Note("stopped", {"kinds": kinds})


def _odd_known(address: Address, person: Person) -> Iterable[Note]:
    if address.name and is_other_name(address.name, person.name):
        yield Note("other_name", {"written": address.name, "known": person.name})
    country = country_of(address.email, person.country or Country.FRANCE)
    if person.country and country != person.country:
        yield Note("other_country", {"ending": address.email.rpartition(".")[2], "country": person.country})


def _odd(address: Address, facts: _Facts) -> Iterable[Note]:
    if is_unread(address.email):
        yield Note("unread")
    elif is_of_office(address.email):
        yield Note("office")
    if likely := facts.likely_domain(address.domain):
        yield Note("slip", {"domain": address.domain, "likely": likely})
