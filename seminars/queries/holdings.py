"""Every place where a person is referred to: what is hers in it, and what becomes of it when she is erased.

A new reference to Person needs a line here: a test compares the table with the models.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import ManyToManyRel, ManyToOneRel, Model

from seminars.models import Person


class Fate(StrEnum):
    """What erasure does to a row, and when: at her request, or once no law asks for it any more."""

    GOES_NOW = "goes now"
    GOES = "goes"
    UNNAMED = "unnamed"
    """The row stays and refers to nobody."""
    STAYS = "stays"
    """The row stays with her code, which no longer leads to anybody."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One reference. `is_hers`: the row is about her; else she only did it, and it is about somebody else or nobody."""

    is_hers: bool
    fate: Fate


HERS_NOW = Holding(True, Fate.GOES_NOW)
HERS = Holding(True, Fate.GOES)
HERS_UNNAMED = Holding(True, Fate.UNNAMED)
HERS_STAYING = Holding(True, Fate.STAYS)
DONE_BY_HER = Holding(False, Fate.UNNAMED)
HOLDINGS: Mapping[str, Holding] = {
    "ApiToken.person": HERS_NOW,
    "CalendarKey.person": HERS_NOW,
    "SignInLink.person": HERS_NOW,
    "Unsubscription.person": HERS_NOW,
    "PulseVote.person": HERS_NOW,
    "Group.people": HERS_NOW,
    "Group.created_by": DONE_BY_HER,
    "Invitation.person": HERS_STAYING,
    "Invitation.invited_by": DONE_BY_HER,
    "Substitution.decided_by": DONE_BY_HER,
    "TeamMember.person": HERS_STAYING,
    "Session.created_by": DONE_BY_HER,
    "Message.author": Holding(True, Fate.UNNAMED),
    "OwnWords.author": Holding(True, Fate.UNNAMED),
    "Letter.person": HERS,
    "FeedbackReceipt.person": HERS,
    "Lease.person": HERS,
    "Presence.person": HERS,
    "PresenceEvent.person": HERS_UNNAMED,
    "PresenceEvent.author": DONE_BY_HER,
    "PresenceCheck.asked_by": DONE_BY_HER,
    "WalkIn.person": HERS,
    "WalkIn.decided_by": DONE_BY_HER,
    "Scan.added_by": DONE_BY_HER,
    "Explanation.by": DONE_BY_HER,
    "SealedSheet.sealed_by": DONE_BY_HER,
    "InspectorLink.created_by": DONE_BY_HER,
    "LastPayment.entered_by": DONE_BY_HER,
    "Export.person": DONE_BY_HER,
    "ErasureRequest.person": HERS_UNNAMED,
    "SchemeForm.person": HERS,
    "SchemeForm.judged_by": DONE_BY_HER,
    "Completion.person": HERS,
    "Completion.decided_by": DONE_BY_HER,
    "Certificate.person": HERS_UNNAMED,
    "Certificate.issued_by": DONE_BY_HER,
    "CertificateBatch.asked_by": DONE_BY_HER,
}
"""By model and field."""


def references() -> Iterator[tuple[str, type[Model], str]]:
    """Every reference to Person that the models have: its name in the table, its model, its field."""
    for relation in Person._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel | ManyToManyRel):
            continue
        model, field = relation.field.model, relation.field.name
        if not model._meta.auto_created:  # the table of a many-to-many relation is named by its field
            yield f"{model.__name__}.{field}", model, field


def with_fate(fate: Fate) -> Iterator[tuple[type[Model], str]]:
    for name, model, field in references():
        if name in HOLDINGS and HOLDINGS[name].fate == fate:
            yield model, field
