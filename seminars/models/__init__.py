"""Columns, constraints, querysets; no rule, no address, no permission."""

from seminars.models.attendance import Lease, Presence, PresenceEvent
from seminars.models.feedback import FeedbackAnswer, FeedbackReceipt, PulseTally, PulseVote
from seminars.models.invitations import Invitation
from seminars.models.letters import Letter, Message, Revision
from seminars.models.people import ApiToken, CalendarKey, FeedVersion, Organisation, Person, SignInLink
from seminars.models.sessions import Activity, Series, Session, Slot, TeamMember

__all__ = [
    "Activity",
    "ApiToken",
    "CalendarKey",
    "FeedVersion",
    "FeedbackAnswer",
    "FeedbackReceipt",
    "Invitation",
    "Lease",
    "Letter",
    "Message",
    "Organisation",
    "Person",
    "Presence",
    "PresenceEvent",
    "PulseTally",
    "PulseVote",
    "Revision",
    "Series",
    "Session",
    "SignInLink",
    "Slot",
    "TeamMember",
]
