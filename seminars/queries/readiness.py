"""What a host needs to know five minutes before: who was invited, which letters failed, whether video is set."""

from dataclasses import dataclass

from django.conf import settings

from seminars.models import Letter, Session
from seminars.vocabulary import Answer, LetterState


@dataclass(frozen=True, slots=True)
class Readiness:
    """`refused` are (address, why) of letters that will not arrive; `waiting` is how many have not left yet."""

    invited: int
    coming: int
    refused: tuple[tuple[str, str], ...]
    waiting: int
    needs_video: bool
    has_video: bool

    @property
    def cares(self) -> int:
        """How many points need a look."""
        return (not self.invited) + bool(self.refused) + (self.needs_video and not self.has_video)


def of(session: Session) -> Readiness:
    """Two queries, whatever the number of people."""
    answers = list(session.invitations.active().values_list("answer", flat=True))
    letters = Letter.objects.filter(
        session=session, state__in=[LetterState.PENDING, LetterState.FAILED, LetterState.DEAD]
    )
    rows = list(letters.order_by("created_at").values_list("person__email", "state", "last_error"))
    refused = {email: why for email, state, why in rows if state != LetterState.PENDING}
    return Readiness(
        invited=len(answers),
        coming=sum(answer == Answer.YES for answer in answers),
        refused=tuple(refused.items()),
        waiting=sum(state == LetterState.PENDING for _, state, _ in rows),
        needs_video=session.is_online,
        has_video=bool(settings.VIDEO_HOST),
    )
