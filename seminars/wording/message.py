"""A word to the people of a session, or to some: plain mail, the writer's own text in the reader's language."""

from django.utils.translation import gettext as _

from seminars import saying
from seminars.vocabulary import Audience
from seminars.wording import told


def words(telling: told.Telling) -> told.Words:
    if telling.message is None:
        raise ValueError("letter: without its message")
    text, tongue = saying.said(telling.message, "text", telling.language)
    author = telling.message.author
    context = told.session_words(telling) | {
        "text": text,
        "text_language": tongue,
        "opening": _opening(telling.message.audience, author.name if author else ""),
    }
    subject = _("Message: %(title)s") % context
    return told.Words(kind="message", subject=subject, sender=told.agent(telling), context=context)


def _opening(audience: str, author: str) -> str:
    """Who writes, and to whom: nobody takes a word to a few for a word to all."""
    if audience == Audience.UNANSWERED:
        said = _("%(author)s writes to those who have not answered yet:")
        return said % {"author": author} if author else _("A word to those who have not answered yet:")
    if audience == Audience.COMING:
        said = _("%(author)s writes to those who said yes:")
        return said % {"author": author} if author else _("A word to those who said yes:")
    said = _("%(author)s writes to everybody of this session:")
    return said % {"author": author} if author else _("A word to everybody of this session:")
