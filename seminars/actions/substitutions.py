"""Somebody comes in an invited person's place: asked by her, decided by a host of the session.

A request: open -> accepted | declined, for good; or taken back, which leaves no row of somebody who never agreed to it.
Of who does not come nothing stays once nobody needs it.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from seminars.actions import answers, feeds, invitations, letters
from seminars.errors import Refused
from seminars.exchange.address import Address
from seminars.exchange.pasted import read_addresses
from seminars.models import Invitation, Letter, Person, Session, Substitution
from seminars.moments import now
from seminars.queries.substitutions import is_standing
from seminars.vocabulary import Answer, Language, LetterKind, LetterState, State

MOST_NAME = 120
KEPT = timedelta(days=1)
"""After the end of a session, for one that runs late."""


def _usable(typed: str) -> str:
    """The one address that was typed, as inviting takes it. Raises Refused at `email`."""
    pasted = read_addresses(answers.UNSEEN.sub(" ", typed))
    if pasted.bad and not pasted.good:
        raise Refused("address_unusable", field="email", why=pasted.bad[0].why)
    if len(pasted.good) != 1 or pasted.bad:
        raise Refused("address_not_one", field="email")
    return pasted.good[0].email


@transaction.atomic
def ask(
    *,
    invitation: Invitation,
    name: str,
    email: str,
    language: str = Language.FRENCH,
    note: str = "",
    shown: int | None = None,
) -> Substitution:
    """`name` shall come in her place; her own answer stays until a host decides. Until the start, one at a time.

    Whether that person is invited already is for hosts to know: who holds a forwarded link must not find out by it.
    Raises Refused: what answering yes raises, `name_missing` at `name`, `address_unusable`, `address_not_one`,
    `substitute_herself` at `email`, `substitution_open`.
    """
    name, email = answers.one_line(name, MOST_NAME), _usable(email)
    if not name:
        raise Refused("name_missing", field="name")
    session, invitation = answers.hold(invitation)
    answers.check_open(invitation)
    answers.check_shown(session, shown)
    answers.check_seated(invitation)
    for earlier in invitation.substitutions.filter(decided_at=None):
        if is_standing(earlier, invitation):
            raise Refused("substitution_open")
        earlier.delete()  # of an invitation that was taken back meanwhile
    if email == invitation.person.email.lower():
        raise Refused("substitute_herself", field="email")
    return Substitution.objects.create(
        invitation=invitation,
        name=name,
        email=email,
        language=language,
        note=answers.one_line(note),
        asked_at=now(),
    )


@transaction.atomic
def take_back(*, invitation: Invitation) -> None:
    """Ends her open request. Raises Refused where it was decided meanwhile, or there is none."""
    _session, invitation = answers.hold(invitation)
    if not invitation.substitutions.filter(decided_at=None).delete()[0]:
        raise Refused("substitution_gone")


def _held(substitution: Substitution) -> tuple[Session, Invitation, Substitution]:
    """The rows as they are now, while a decision is possible. Raises Refused."""
    session, invitation = answers.hold(substitution.invitation)
    held = Substitution.objects.select_for_update().filter(pk=substitution.pk, decided_at=None).first()
    if held is None or not is_standing(held, invitation):
        raise Refused("substitution_gone")
    if session.state not in (State.SCHEDULED, State.RUNNING):
        raise Refused("not_now", state=session.get_state_display())
    return session, invitation, held


def _decide(substitution: Substitution, by: Person, **decision: Any) -> None:
    substitution.decided_at, substitution.decided_by = now(), by
    for name, value in decision.items():
        setattr(substitution, name, value)
    substitution.save(update_fields=["decided_at", "decided_by", *decision])


def _tell_her(session: Session, substitution: Substitution) -> None:
    """One letter about each decision: the next one does not change what this one says."""
    letters.post(
        kind=LetterKind.SUBSTITUTION,
        invitation=substitution.invitation,
        revision=letters.freeze(session),
        about=substitution.code,
    )


@transaction.atomic
def confirm(*, substitution: Substitution, by: Person) -> Invitation:
    """The substitute is invited, the answer of her who asked becomes no, and she gets a letter; all or nothing.

    Who is known keeps her own name and language, who is invited already her invitation. Raises Refused:
    `substitution_gone`, `not_now`, and what inviting raises, for instance where a quota is full.
    """
    with feeds.together():
        session, invitation, substitution = _held(substitution)
        answers.store(invitation, Answer.NO, None)
        address = Address(0, substitution.email, substitution.name, substitution.language)
        done = invitations.invite(session=session, by=by, addresses=[address])
        made = session.invitations.active().get(person__email__iexact=substitution.email)
        _decide(substitution, by, is_accepted=True, made=made if done.new else None)
        _tell_her(session, substitution)
    return made


@transaction.atomic
def decline(*, substitution: Substitution, by: Person) -> None:
    """Nobody comes in her place; her answer stays, and she gets a letter. Raises Refused: `substitution_gone`,
    `not_now`."""
    session, _invitation, substitution = _held(substitution)
    _decide(substitution, by, is_accepted=False)
    _tell_her(session, substitution)


@transaction.atomic
def forget() -> int:
    """What nobody needs any more of people who did not come: requests without a decision go once the session is over
    or the invitation is taken back; of declined ones name, address and note, once she who asked knows or the session
    is over. Returns how many."""
    over = Q(invitation__session__state__in=[State.ENDED, State.CANCELLED])
    over |= Q(invitation__session__ends_at__lt=now() - KEPT)
    lost = Q(invitation__withdrawn_at__isnull=False) | Q(asked_at__lt=F("invitation__invited_at"))
    undecided, _rows = Substitution.objects.filter(over | lost, decided_at=None).delete()
    told = Letter.objects.filter(
        invitation=OuterRef("invitation"), kind=LetterKind.SUBSTITUTION, about__in=["", OuterRef("code")]
    )
    waits, stuck = (
        Exists(told.filter(state__in=states))
        for states in ([LetterState.PENDING], [LetterState.FAILED, LetterState.DEAD])
    )
    declined = Substitution.objects.filter(~waits, over | lost | ~stuck, is_accepted=False)
    named = list(declined.exclude(name="", email="", note="").values_list("pk", flat=True))
    return undecided + Substitution.objects.filter(pk__in=named).update(name="", email="", note="")
