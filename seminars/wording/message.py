"""A word to everybody of a session: plain mail, the writer's own text in the reader's language where there is one."""

from django.utils.translation import gettext as _

from seminars import saying
from seminars.wording import told


def words(telling: told.Telling) -> told.Words:
    if telling.message is None:
        raise ValueError("letter: without its message")
    text, tongue = saying.said(telling.message, "text", telling.language)
    author = telling.message.author
    context = told.session_words(telling) | {
        "text": text,
        "text_language": tongue,
        "author": author.name if author else "",
    }
    subject = _("Message: %(title)s") % context
    return told.Words(kind="message", subject=subject, sender=told.agent(telling), context=context)
