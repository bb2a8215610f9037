"""The log of what left the house: who took which personal data, when, and how much."""

from seminars import moments
from seminars.models import Export, Person, Session


def log(
    *, what: str, by: Person | None, session: Session | None = None, about: str = "", rows: int = 0
) -> Export:
    """Note one export (domain GDPR-14). `what` is a short word of the kind ("sheet", "bundle", "own data"); `about`
    tells one from another (language, format, number) and never names a person; `rows` counts people or lines.

    `by` is nobody where a link let an outsider in, as an inspector's does.
    """
    return Export.objects.create(
        at=moments.now(),
        person=by,
        session=session,
        what=what[:40],
        about=about[:200],
        rows=rows,
    )
