"""Columns, constraints, querysets; no rule, no address, no permission."""

from seminars.models.attendance import Lease, Presence, PresenceEvent
from seminars.models.evidence import (
    ErasureRequest,
    Explanation,
    Export,
    InspectorLink,
    InspectorVisit,
    LastPayment,
    PresenceCheck,
    Scan,
    SealedSheet,
    WalkIn,
)
from seminars.models.feedback import FeedbackAnswer, FeedbackReceipt, PulseTally, PulseVote
from seminars.models.invitations import Invitation, Quota, Substitution
from seminars.models.letters import Letter, Message, OwnWords, Revision, Unsubscription
from seminars.models.people import (
    ApiToken,
    CalendarKey,
    FeedVersion,
    Group,
    Organisation,
    Person,
    SignInLink,
)
from seminars.models.sessions import Activity, Series, Session, Slot, TeamMember
from seminars.models.training import Certificate, CertificateBatch, Completion, Scheme, SchemeForm

__all__ = [
    "Activity",
    "ApiToken",
    "CalendarKey",
    "Certificate",
    "CertificateBatch",
    "Completion",
    "ErasureRequest",
    "Explanation",
    "Export",
    "FeedVersion",
    "FeedbackAnswer",
    "FeedbackReceipt",
    "Group",
    "InspectorLink",
    "InspectorVisit",
    "Invitation",
    "LastPayment",
    "Lease",
    "Letter",
    "Message",
    "Organisation",
    "OwnWords",
    "Person",
    "Presence",
    "PresenceCheck",
    "PresenceEvent",
    "PulseTally",
    "PulseVote",
    "Quota",
    "Revision",
    "Scan",
    "Scheme",
    "SchemeForm",
    "SealedSheet",
    "Series",
    "Session",
    "SignInLink",
    "Slot",
    "Substitution",
    "TeamMember",
    "Unsubscription",
    "WalkIn",
]
