"""A word to everybody of a session: plain mail, the writer's own text in the reader's language where there is one."""

from django.utils.translation import gettext as _

from seminars import saying
from seminars.models import Letter
from seminars.queries import occasions
from seminars.wording import told


def words(letter: Letter) -> told.Words:
    if letter.message is None:
        raise ValueError("letter: without its message")
    occasion = occasions.of_letter(letter)
    text, tongue = saying.said(letter.message, "text", letter.person.language)
    author = letter.message.author
    context = told.session_words(letter, occasion) | {
        "text": text,
        "text_language": tongue,
        "author": author.name if author else "",
    }
    subject = _("Message: %(title)s") % context
    return told.Words(kind="message", subject=subject, sender=told.agent(letter), context=context)
