"""What a trainer adds to the letters of her session, kind by kind and language by language."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import get_language

from seminars import saying
from seminars.errors import Refused
from seminars.ical.lines import clean_text
from seminars.models import OwnWords, Person, Session
from seminars.moments import now
from seminars.vocabulary import OWN_WORDS, Language, LetterKind, State
from seminars.wording import own_words

MOST = 2000
"""Characters of one text."""
SHOWN, MOST_SHOWN = 40, 5


@transaction.atomic
def say(*, session: Session, by: Person, kind: LetterKind, texts: Mapping[str, str]) -> OwnWords | None:
    """Keeps the words for letters of a kind that are posted from now on; None where all texts are empty.

    `texts` are by language. Raises Refused: `no_own_words`, `not_now` for a session that is over or cancelled, and at
    `text_<language>` `words_too_long`, `placeholder_unknown`.
    """
    if kind not in OWN_WORDS:
        raise Refused("no_own_words")
    session = Session.objects.select_for_update().get(pk=session.pk)
    if session.state in (State.ENDED, State.CANCELLED):
        raise Refused("not_now", state=session.get_state_display())
    kept = {f"text_{tongue}": checked(texts.get(tongue, ""), f"text_{tongue}") for tongue in Language.values}
    if not any(kept.values()):
        session.own_words.filter(kind=kind).delete()
        return None
    said, _ = OwnWords.objects.update_or_create(
        session=session, kind=kind, defaults={**kept, "author": by, "at": now()}
    )
    return said


def checked(text: str, field: str) -> str:
    """The text with line ends as LF and without control characters. Raises Refused at `field`, as `say` does."""
    text = clean_text(text).strip()
    if len(text) > MOST:
        raise Refused("words_too_long", field=field, most=MOST)
    if found := own_words.faults(text):
        shown = [each if len(each) <= SHOWN else f"{each[:SHOWN]}…" for each in found[:MOST_SHOWN]]
        raise Refused("placeholder_unknown", field=field, found=", ".join(shown), known=_known())
    return text


def _known() -> str:
    """The placeholders as the writer's language names them."""
    language = saying.plain(get_language() or "en")
    return ", ".join(own_words.placeholder(name, language) for name in own_words.PLACEHOLDERS)
