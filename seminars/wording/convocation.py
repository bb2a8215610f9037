"""The letter that brings the convocation, a paper for the employer, and the paper itself."""

from dataclasses import replace

from django.utils import translation
from django.utils.translation import gettext as _

from seminars import documents
from seminars.models import Letter
from seminars.wording import own_words, told
from seminars.wording.beside import NOTHING, beside


def words(telling: told.Telling) -> told.Words:
    context = told.session_words(telling)
    subject = _("Convocation: %(title)s, %(day)s") % {**context, "day": told.subject_day(telling)}
    return told.Words(kind="convocation", subject=subject, sender=told.agent(telling), context=context)


def paper(letter: Letter, telling: told.Telling) -> tuple[str, str, bytes]:
    """Its file's name, content type and bytes. Raises ValueError for a letter to nobody who is invited."""
    if letter.invitation is None:
        raise ValueError("letter: about no session or no invitation")
    about, language = telling.occasion, telling.language
    with translation.override(language):
        own = own_words.written(telling)[0] if telling.own_words else ""
    made = documents.convocation(letter.invitation, about, language=language, at=letter.created_at, words=own)
    return f"convocation-{about.code}.pdf", "application/pdf", made


def paper_of(letter: Letter, language: str) -> bytes:
    """The paper alone, in a language of one's choice; the letter need not be kept anywhere."""
    telling = told.tell(letter, beside([letter]).get(letter.pk, NOTHING))
    return paper(letter, replace(telling, language=language))[2]
