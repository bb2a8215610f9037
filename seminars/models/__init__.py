"""Columns, constraints, querysets; no rule, no address, no permission."""

from seminars.models.attendance import Lease, Presence, PresenceEvent
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

__all__ = [
    "Activity",
    "ApiToken",
    "CalendarKey",
    "FeedVersion",
    "FeedbackAnswer",
    "FeedbackReceipt",
    "Group",
    "Invitation",
    "Lease",
    "Letter",
    "Message",
    "Organisation",
    "OwnWords",
    "Person",
    "Presence",
    "PresenceEvent",
    "PulseTally",
    "PulseVote",
    "Quota",
    "Revision",
    "Series",
    "Session",
    "SignInLink",
    "Slot",
    "Substitution",
    "TeamMember",
    "Unsubscription",
]
