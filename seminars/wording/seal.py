"""The letter that brings a sealed sheet's seal to the team: whoever keeps it can prove later what was sealed."""

from django.conf import settings
from django.utils.translation import gettext as _

from seminars import addresses, saying
from seminars.documents.verifying import grouped
from seminars.queries.sheets import About
from seminars.wording.beside import Seal
from seminars.wording.told import Telling, Words


def _seal(telling: Telling) -> Seal:
    if telling.seal is None:
        raise ValueError("letter: without its seal")
    return telling.seal


def _title(about: About, telling: Telling) -> str:
    """A confidential session is named by its day alone."""
    if about.is_confidential:
        return _("Session of %(day)s") % {"day": saying.day(about.starts_at, telling.zone, telling.language)}
    return saying.said(about, "title", telling.language)[0]


def words(telling: Telling) -> Words:
    """Raises ValueError where no seal is known."""
    seal, zone, language = _seal(telling), telling.zone, telling.language
    context = {
        "seal": seal,
        "title": _title(seal.about, telling),
        "day": saying.day(seal.about.starts_at, zone, language),
        "sealed_day": saying.day(seal.sealed_at, zone, language),
        "sealed_hour": saying.hour(seal.sealed_at, zone, language),
        "zone": saying.zone_words(seal.sealed_at, zone, language),
        "code": grouped(seal.code),
        "digest": grouped(seal.digest, 8),
        "head": grouped(seal.head, 8),
        "key": grouped(seal.key),
        "verify_address": addresses.verify(seal.code),
    }
    subject = _("Seal of the attendance sheet: %(title)s, version %(n)s") % {
        "title": context["title"],
        "n": seal.version,
    }
    return Words(kind="seal", subject=subject, sender=settings.MAIL_FROM, context=context)


def file(telling: Telling) -> tuple[str, str, bytes]:
    """Its name, content type and bytes."""
    seal = _seal(telling)
    return f"seal-{seal.about.code}-v{seal.version}.json", "application/json", seal.file
