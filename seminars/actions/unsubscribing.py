"""Letters that somebody no longer wants, kind by kind, of any session (RFC 8058), and that she wants again."""

from django.db import transaction

from seminars.models import Person, Unsubscription
from seminars.moments import now
from seminars.vocabulary import STOPPABLE, LetterKind


@transaction.atomic
def stop(*, person: Person, kind: LetterKind) -> Unsubscription:
    """No such letter is posted from now on, and none that waits leaves. A second time changes nothing. Raises
    ValueError for kinds that say what she must know."""
    if kind not in STOPPABLE:
        raise ValueError(f"{kind} can't be stopped")
    return Unsubscription.objects.get_or_create(person=person, kind=kind, defaults={"at": now()})[0]


@transaction.atomic
def resume(*, person: Person, kind: LetterKind) -> None:
    """From the next letter of this kind on. Where she had not stopped them, nothing changes."""
    Unsubscription.objects.filter(person=person, kind=kind).delete()
