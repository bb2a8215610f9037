"""The convocation: what an employer is shown so that somebody may take part, with dates, hours, place and purpose."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars import addresses, saying
from seminars.documents.press import pressed
from seminars.models import Invitation
from seminars.queries import occasions
from seminars.queries.occasions import Occasion
from seminars.vocabulary import HOST_ROLES, Kind, Mode, Role


def convocation(
    invitation: Invitation, about: Occasion, *, language: str, at: datetime, words: str = ""
) -> bytes:
    """A tagged PDF in `language`, its hours in the zone of the session, which an employer of either side can check.

    `about` is the session as it stands or stood in a revision, `at` when the paper is made, `words` are the trainer's
    own. No link into the room: a paper is passed on.
    """
    with translation.override(language):
        return pressed("convocation", _facts(invitation, about, language, at, words), at=at)


def _facts(
    invitation: Invitation, about: Occasion, language: str, at: datetime, words: str
) -> dict[str, Any]:
    session, person = invitation.session, invitation.person
    title, tongue = saying.said(about, "title", language)
    if about.is_confidential:
        title, tongue = _("Session of %(day)s") % {"day": _day(about, language)}, language
    host, host_tongue = saying.said(session.host, "name", language)
    others = [] if about.is_confidential else saying.other_said(about, "title", language)
    issued = saying.day(at, about.timezone, language)
    return {
        "language": saying.plain(language),
        "title": _("Convocation"),
        "author": host,
        "funding": settings.FUNDING["line"],
        "host": host,
        "host_other": next((text for text, _tongue in saying.other_said(session.host, "name", language)), ""),
        "other_language": next(
            (tongue for _text, tongue in saying.other_said(session.host, "name", language)), host_tongue
        ),
        "contact": session.host.email or settings.CONTACT["email"],
        "issued": _("Issued on %(day)s") % {"day": issued},
        "opening": _opening(invitation, language),
        "session": title,
        "session_language": tongue,
        "others": [{"text": text, "language": other} for text, other in others],
        "rows": _rows(invitation, about, language),
        "parts": _parts(about, language, words),
        "closing": _(
            "The link to take part and all changes reach %(name)s personally, by mail. "
            "Attendance is recorded for each half-day; a certificate can be asked for afterwards."
        )
        % {"name": person.name},
        "signed": _signed(invitation, host),
        "foot": f"{_('Convocation')} · {person.name} · {addresses.session(about.code)}",
    }


def _day(about: Occasion, language: str) -> str:
    return saying.day(about.starts_at, about.timezone, language)


def _opening(invitation: Invitation, language: str) -> str:
    person = invitation.person
    theirs = invitation.organisation_it if saying.plain(language) == "it" else invitation.organisation_fr
    organisation = theirs or invitation.organisation_fr or invitation.organisation_it
    if organisation:
        return _("%(name)s, %(organisation)s, is invited to take part in this session:") % {
            "name": person.name,
            "organisation": organisation,
        }
    return _("%(name)s is invited to take part in this session:") % {"name": person.name}


def _rows(invitation: Invitation, about: Occasion, language: str) -> list[dict[str, Any]]:
    session, zone = invitation.session, about.timezone
    minutes = int(sum((end - start for start, end in about.slots), timedelta()).total_seconds() // 60)
    where = str(Mode(about.mode).label)
    if about.mode != Mode.ONLINE and about.place:
        where = _("%(mode)s, %(place)s") % {"mode": where, "place": about.place}
    found = [
        (_("Dates and hours"), occasions.half_days(about.slots, zone, language)),
        (_("Time zone"), [saying.zone_words(about.starts_at, zone, language)]),
        (_("Length"), [saying.duration(minutes, language)]),
        (_("Mode and place"), [where]),
        (_("Organised by"), _organisers(invitation, language)),
    ]
    if (
        not about.is_confidential
    ):  # a paper is passed on: of such a session it says where and when, not what it is
        found += [
            (pgettext("people who run a session", "Team"), _team(invitation)),
            (_("Kind"), [str(Kind(session.kind).label)]),
            (_("Training scheme"), [session.training_scheme] if session.training_scheme else []),
        ]
    return [{"head": head, "lines": lines} for head, lines in found if lines]


def _organisers(invitation: Invitation, language: str) -> list[str]:
    session = invitation.session
    every = [session.host, *session.organisers.exclude(pk=session.host_id).order_by("pk")]
    return [saying.said(each, "name", language)[0] for each in every]


def _team(invitation: Invitation) -> list[str]:
    members = invitation.session.team.select_related("person").order_by("pk")
    return [f"{member.person.name}, {str(Role(member.role).label).lower()}" for member in members]


def _parts(about: Occasion, language: str, words: str) -> list[dict[str, Any]]:
    """Paragraphs: what the session is about, and what the trainer adds."""
    found = []
    summary, tongue = ("", language) if about.is_confidential else saying.said(about, "summary", language)
    if summary:
        found.append({"head": _("Purpose and content"), "language": tongue, "lines": _lines(summary)})
    if words.strip():
        found.append({"head": "", "language": saying.plain(language), "lines": _lines(words)})
    return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _signed(invitation: Invitation, host: str) -> str:
    """Whoever runs it, else whoever invited; the name stands for the organisation, it is no signature."""
    leading = (
        invitation.session.team.filter(role__in=HOST_ROLES).select_related("person").order_by("pk").first()
    )
    who = leading.person if leading else invitation.invited_by
    return f"{who.name}, {host}" if who else host
