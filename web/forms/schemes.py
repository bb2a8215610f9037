"""What a trainer writes about a training cycle, what its people answer, and what is decided of one of them."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from seminars import saying
from seminars.models import Scheme, Session
from seminars.vocabulary import Asked, Outcome
from web.forms import parts

Words = Any
USUAL: dict[str, list[Words]] = {
    Asked.NEEDS: [
        lazy("What do you expect from this training?"),
        lazy("Which situations of your work should it help you with?"),
        lazy("What do you know about the subject already?"),
    ],
    Asked.ASSESSMENT: [
        lazy("What have you learnt that you did not know before?"),
        lazy("Give an example of how you will use it in your work."),
        lazy("What is still unclear?"),
    ],
}
"""Asked where the scheme has no questions of its own."""


def questions(scheme: Scheme, kind: str, language: str) -> list[Words]:
    """In the reader's language, each where it lacks one in the other."""
    own = scheme.questions.get(kind, [])
    first, second = ("it", "fr") if saying.plain(language) == "it" else ("fr", "it")
    return [one.get(first) or one.get(second, "") for one in own] or USUAL[kind]


def _sessions(choices: Iterable[tuple[str, str]]) -> forms.MultipleChoiceField:
    return parts.PickSeveralField(
        label=lazy("Sessions of the cycle"),
        choices=list(choices),
        required=False,
        help_text=lazy("Sessions that you host and that belong to no cycle yet."),
    )


class MakeForm(parts.Form):
    """A new cycle: a name, and the first of its sessions."""

    name = forms.CharField(label=lazy("Name of the cycle"), max_length=100, required=False)

    def __init__(self, data: Any = None, *, sessions: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(data)
        self.fields["sessions"] = _sessions(sessions)


class JoinForm(parts.Form):
    prefix = "join"

    def __init__(self, data: Any = None, *, sessions: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(data)
        self.fields["sessions"] = _sessions(sessions)


class SchemeForm(parts.Form):
    """The rule of completion, and the questions: one on each line, the same number in both languages."""

    title_fr = forms.CharField(label=lazy("Title in French"), max_length=200, required=False)
    title_it = forms.CharField(label=lazy("Title in Italian"), max_length=200, required=False)
    min_percent = forms.IntegerField(
        label=lazy("Asked at least, in per cent of the planned time of all sessions"),
        min_value=0,
        max_value=100,
    )
    asks_needs = forms.BooleanField(
        label=lazy("Asks for a questionnaire on needs before the first session"), required=False
    )
    asks_assessment = forms.BooleanField(
        label=lazy("Asks for an assessment of learning, which the trainer judges"), required=False
    )
    needs_fr = parts.Words(label=lazy("Questions on needs, in French"), required=False, max_length=4000)
    needs_it = parts.Words(label=lazy("Questions on needs, in Italian"), required=False, max_length=4000)
    assessment_fr = parts.Words(
        label=lazy("Questions of the assessment, in French"), required=False, max_length=4000
    )
    assessment_it = parts.Words(
        label=lazy("Questions of the assessment, in Italian"), required=False, max_length=4000
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for kind in Asked:
            fr, it = (_lines(given.get(f"{kind}_{language}", "")) for language in ("fr", "it"))
            if fr and it and len(fr) != len(it):
                self.add_error(f"{kind}_it", lazy("Write as many questions as in French, one on each line."))
        return given

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes."""
        kept = {name: self.cleaned_data[name] for name in KEPT}
        return kept | {"questions": {str(kind): _pairs(self.cleaned_data, kind) for kind in Asked}}


KEPT = ("title_fr", "title_it", "min_percent", "asks_needs", "asks_assessment")


def _lines(text: str) -> list[str]:
    return [line.strip()[:300] for line in text.splitlines() if line.strip()]


def _pairs(given: dict[str, Any], kind: str) -> list[dict[str, str]]:
    fr, it = _lines(given[f"{kind}_fr"]), _lines(given[f"{kind}_it"])
    fr, it = fr or [""] * len(it), it or [""] * len(fr)
    return [{"fr": one, "it": other} for one, other in zip(fr, it, strict=True)]


def initial(scheme: Scheme) -> dict[str, Any]:
    kept = {name: getattr(scheme, name) for name in KEPT}
    for kind in Asked:
        for language in ("fr", "it"):
            asked = [one.get(language, "") for one in scheme.questions.get(kind, [])]
            kept[f"{kind}_{language}"] = "\n".join(filter(None, asked))
    return kept


class AnswersForm(parts.Form):
    """The questions of one form, each with room for some lines."""

    def __init__(self, data: Any = None, *, asked: list[Words], kept: list[str] | None = None) -> None:
        super().__init__(data)
        for number, words in enumerate(asked):
            before = kept[number] if kept and number < len(kept) else ""
            self.fields[f"answer_{number}"] = parts.Words(
                label=words, required=False, max_length=2000, rows=3, initial=before
            )

    @property
    def answers(self) -> list[str]:
        return [self.cleaned_data[name] for name in self.fields]


class DecideForm(parts.Form):
    """The trainer's word on completion."""

    prefix = "decide"
    outcome = parts.PickField(
        label=lazy("Decision"),
        required=False,
        choices=[
            (Outcome.MET.value, pgettext_lazy("completion", "completed")),
            (Outcome.NOT_MET.value, pgettext_lazy("completion", "not completed")),
        ],
    )
    reason = parts.Words(
        label=lazy("Reason"),
        required=False,
        max_length=300,
        help_text=lazy("No name and nothing about health: this can't be erased."),
    )


class JudgeForm(parts.Form):
    prefix = "judge"
    passed = parts.PickField(
        label=lazy("Assessment"),
        choices=[
            ("yes", pgettext_lazy("assessment", "passed")),
            ("no", pgettext_lazy("assessment", "not passed")),
            ("open", pgettext_lazy("assessment", "not judged yet")),
        ],
    )


def choices_of(sessions: Iterable[Session], language: str) -> list[tuple[str, str]]:
    return [
        (
            one.code,
            f"{saying.short_day(one.starts_at, one.timezone, language)} {one.starts_at.year}, "
            f"{saying.said(one, 'title', language)[0]}",
        )
        for one in sessions
    ]
