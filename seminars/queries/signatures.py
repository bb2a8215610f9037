"""What stands of the trainer's and the people's hands: signatures and excuses that no later event has voided."""

from seminars.models import PresenceEvent, Session
from seminars.vocabulary import Hand, PresenceKind

Signed = tuple[int, int, str]
"""Id of the person, number of the half-day, as what she signed."""
HANDS = (PresenceKind.SIGNED, PresenceKind.DECLARED, PresenceKind.CORRECTED)


def standing(session: Session) -> tuple[set[Signed], set[tuple[int, int]]]:
    """Signatures that stand, and (person id, number of the half-day) of those who are excused."""
    signed: set[Signed] = set()
    excused: set[tuple[int, int]] = set()
    rows = PresenceEvent.objects.filter(session=session, kind__in=HANDS, person__isnull=False)
    rows = rows.filter(slot__isnull=False).order_by("seq")
    for kind, person, number, data in rows.values_list("kind", "person_id", "slot__number", "data"):
        if kind == PresenceKind.SIGNED:
            signed.add((person, number, str(data.get("as", Hand.PARTICIPANT))))
        elif data.get("signature") is True:
            signed.add((person, number, Hand.PARTICIPANT))
        elif data.get("signature") is False:
            signed -= {(person, number, hand) for hand in Hand}
        if "excused" in data:
            (excused.add if data["excused"] else excused.discard)((person, number))
    return signed, excused


def is_of(session: Session, person_id: int) -> bool:
    """Whether somebody can stand on the sheet: of the team, invited, or in the ledger."""
    return (
        session.team.filter(person=person_id).exists()
        or session.invitations.filter(person=person_id).exists()
        or PresenceEvent.objects.filter(session=session, person=person_id).exists()
    )
