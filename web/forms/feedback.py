"""The short form after a session (domain 3.2): five steps with words at both ends, one yes or no, two free texts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from seminars.models import Session
from seminars.vocabulary import Kind
from web.forms import parts

Words = Any
"""A text, or one that is translated when it is shown."""
NO_OPINION = ("none", gettext_lazy("no opinion"))
AGREE: tuple[Words, ...] = (gettext_lazy("1, not at all"), "2", "3", "4", gettext_lazy("5, entirely"))
TEMPO: tuple[Words, ...] = (
    gettext_lazy("1, too slow"),
    "2",
    gettext_lazy("3, just right"),
    "4",
    gettext_lazy("5, too fast"),
)
TRAINING: dict[str, Words] = {
    "useful": gettext_lazy("This session was useful for my work"),
    "goals": gettext_lazy("The announced goals were reached"),
    "pace": gettext_lazy("The pace suited me"),
    "own_language": gettext_lazy("I could take part in my language"),
    "technique": gettext_lazy("Sound, image and room worked well"),
}
SEMINAR = TRAINING | {
    "goals": gettext_lazy("I understand better how the other country works"),
    "pace": gettext_lazy("The recommendations seem feasible to me"),
}
MET = gettext_lazy("I met somebody from the other slope to work with")
KEEP = gettext_lazy("What I take away")
IMPROVE = gettext_lazy("To improve")


def questions(session: Session) -> dict[str, tuple[Words, tuple[Words, ...]]]:
    """Each question in five steps, with the words of its steps, by the name of its column."""
    is_training = session.kind == Kind.DISTANCE_TRAINING
    asked = TRAINING if is_training else SEMINAR
    return {
        name: (words, TEMPO if is_training and name == "pace" else AGREE) for name, words in asked.items()
    }


def _step(value: str) -> int | None:
    return None if value == NO_OPINION[0] else int(value)


def _yes(value: str) -> bool | None:
    return {"yes": True, "no": False}.get(value)


class StepField(forms.TypedChoiceField):
    """1 to 5, or None for no opinion and for no answer; drawn as a scale in one row."""

    widget = forms.RadioSelect
    is_scale = True

    def __init__(self, label: Words, steps: tuple[Words, ...]) -> None:
        self.steps = steps
        choices = [*((str(number), words) for number, words in enumerate(steps, 1)), NO_OPINION]
        super().__init__(
            label=label,
            choices=choices,
            required=False,
            coerce=_step,
            empty_value=None,
        )

    @property
    def ends(self) -> list[str]:
        """What stands beneath the first, the middle and the last step: their words without the figure."""
        return [str(self.steps[number]).partition(", ")[2] for number in (0, 2, 4)]


class FeedbackForm(parts.Form):
    """All optional; the questions follow the kind of session."""

    met_somebody = forms.TypedChoiceField(
        label=MET,
        choices=[("yes", pgettext_lazy("answer", "Yes")), ("no", pgettext_lazy("answer", "No")), NO_OPINION],
        required=False,
        coerce=_yes,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    keep = parts.Words(label=KEEP, required=False, max_length=1000)
    improve = parts.Words(label=IMPROVE, required=False, max_length=1000)
    field_order = (*TRAINING, "met_somebody", "keep", "improve")

    def __init__(self, data: Any = None, *, session: Session) -> None:
        super().__init__(data)
        for name, (words, steps) in questions(session).items():
            self.fields[name] = StepField(words, steps)
        self.order_fields(self.field_order)
