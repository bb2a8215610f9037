"""What a trainer writes about a session, and the one page that plans it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from seminars import saying
from seminars.actions import sessions as session_actions
from seminars.actions.checks import MOST_PER_PART
from seminars.actions.sessions import Plan
from seminars.exchange.address import BadAddress, Pasted
from seminars.exchange.pasted import read_addresses
from seminars.ical.lines import clean_text
from seminars.models import Activity, Organisation, Person, Session
from seminars.models.sessions import usual_checks
from seminars.vocabulary import Interpretation, Kind, Language, Role
from web.forms import parts
from web.forms.hours import SessionForm, WhenForm

TEAM = {
    "trainer": (Role.TRAINER, pgettext_lazy("role", "Trainer")),
    "facilitator": (Role.FACILITATOR, pgettext_lazy("role", "Facilitator")),
    "speaker": (Role.SPEAKER, pgettext_lazy("role", "Speaker")),
    "interpreter": (Role.INTERPRETER, pgettext_lazy("role", "Interpreter")),
    "tutor": (Role.PLACEMENT_TUTOR, pgettext_lazy("role", "Placement tutor")),
    "rapporteur": (Role.RAPPORTEUR, pgettext_lazy("role", "Rapporteur")),
}


def _said(thing: Any, field: str) -> str:
    return saying.said(thing, field, get_language() or "en")[0]


class ActivityField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.code} {_said(obj, 'name')}"


class OrganisationField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{_said(obj, 'name')} ({obj.country})"


class OrganisationsField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        return f"{_said(obj, 'name')} ({obj.country})"


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {_said(obj.organisation, 'name')}" if obj.organisation else obj.name


class PastedField(parts.Words):
    """Without the signs that nobody sees, which come along from other programs."""

    def clean(self, value: Any) -> str:
        return clean_text(str(super().clean(value))).replace("\ufeff", "")


class TitleField(PastedField):
    """One line, however it was pasted."""

    def clean(self, value: Any) -> str:
        return " ".join(super().clean(value).split())


class WordsForm(SessionForm):
    """What a session is about, in both languages, and who may see it."""

    title_fr = TitleField(label=lazy("Title in French"), required=False, max_length=200)
    title_it = TitleField(label=lazy("Title in Italian"), required=False, max_length=200)
    summary_fr = PastedField(label=lazy("Summary in French"), required=False, rows=3, max_length=4000)
    summary_it = PastedField(label=lazy("Summary in Italian"), required=False, rows=3, max_length=4000)
    kind = forms.ChoiceField(
        label=lazy("Kind"),
        choices=Kind.choices,
        initial=Kind.DISTANCE_TRAINING,
        error_messages={"required": lazy("Choose the kind.")},
    )
    activity = ActivityField(
        label=lazy("Activity"),
        queryset=Activity.objects.all(),
        empty_label=lazy("Choose an activity"),
        error_messages={"required": lazy("Choose an activity.")},
    )
    languages = parts.PickSeveralField(
        label=lazy("Languages spoken"),
        choices=[
            (Language.FRENCH, lazy("French")),
            (Language.ITALIAN, lazy("Italian")),
            (Language.ENGLISH, lazy("English")),
        ],
        initial=["fr", "it"],
        error_messages={"required": lazy("Choose at least one language.")},
    )
    interpretation = forms.ChoiceField(
        label=lazy("Interpretation"),
        required=False,
        choices=[("", lazy("No interpretation")), *Interpretation.choices],
    )
    capacity = forms.IntegerField(label=lazy("Number of places"), required=False, min_value=1, max_value=2000)
    min_presence_percent = forms.IntegerField(
        label=lazy("Least presence for a certificate, in percent"),
        required=False,
        min_value=0,
        max_value=100,
    )
    checks_per_part = forms.IntegerField(
        label=lazy("Presence checks in each half-day"),
        required=False,
        min_value=0,
        max_value=MOST_PER_PART,
        initial=usual_checks,
        help_text=lazy(
            "“Still here?” is asked at minutes that nobody knows beforehand; 0: only when you ask."
        ),
    )
    is_public = forms.BooleanField(
        label=lazy("Public: everybody sees it in the programme, in both languages"), required=False
    )
    is_confidential = forms.BooleanField(
        label=lazy("Confidential: only who is invited sees it, letters say little"), required=False
    )

    WORDS = (
        "title_fr",
        "title_it",
        "summary_fr",
        "summary_it",
        "kind",
        "activity",
        "languages",
        "interpretation",
        "capacity",
        "min_presence_percent",
        "checks_per_part",
        "is_public",
        "is_confidential",
    )

    def clean_checks_per_part(self) -> int:
        """Left empty, nobody is asked by the clock."""
        return self.cleaned_data["checks_per_part"] or 0

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not {"title_fr", "title_it"} & set(self.errors):
            self.ask(
                session_actions.check_titles,
                title_fr=self.value("title_fr") or "",
                title_it=self.value("title_it") or "",
                is_public=bool(self.value("is_public")),
            )
        return self.cleaned_data

    MORE = (
        "summary_fr",
        "summary_it",
        "interpretation",
        "capacity",
        "min_presence_percent",
        "checks_per_part",
        "is_confidential",
    )

    @property
    def has_more(self) -> bool:
        """Whether the folded part holds something that must be seen."""
        is_filled = any(self[name].value() for name in self.MORE)
        return bool(is_filled or set(self.errors) & {*self.MORE, "languages"})

    def words(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.WORDS}

    @classmethod
    def with_words_of(cls, session: Session, data: Any = None) -> "WordsForm":
        return cls(data, initial={name: getattr(session, name) for name in cls.WORDS})


class PlanForm(WhenForm, WordsForm):
    """One page for a whole session: what, when, where, with whom, and whom to invite."""

    host = OrganisationField(
        label=lazy("Host organisation"),
        queryset=Organisation.objects.order_by("country", "name_fr"),
        empty_label=lazy("Choose an organisation"),
        error_messages={"required": lazy("Choose the organisation that hosts the session.")},
    )
    organisers = OrganisationsField(
        label=lazy("Organised together with"),
        queryset=Organisation.objects.order_by("country", "name_fr"),
        required=False,
    )
    addresses = parts.Words(
        label=lazy("People to invite now"),
        required=False,
        rows=4,
        max_length=60_000,
        help_text=lazy(
            "One address per line, or with commas. Each person gets a letter in her own language."
        ),
    )

    def __init__(self, *args: Any, planner: Person, **options: Any) -> None:
        initial = {
            "host": planner.organisation_id,
            "trainer": planner.pk,
            "timezone": planner.timezone,
        } | options.pop("initial", {})
        super().__init__(*args, initial=initial, **options)
        people = Person.objects.filter(is_active=True).exclude(role=Role.PARTICIPANT)
        known = people.select_related("organisation").order_by("name", "pk")
        for name, (_role, label) in TEAM.items():
            self.fields[name] = PersonField(
                label=label, queryset=known, required=False, empty_label=_("Nobody yet")
            )

    def clean_addresses(self) -> str:
        """One bad address stops the whole plan: the box keeps them all, and nothing leaves before they are right."""
        text: str = self.cleaned_data["addresses"]
        for bad in read_addresses(text).bad:
            self.add_error("addresses", line_of(bad))
        return text

    def plan(self) -> Plan:
        """What the action takes."""
        team = [(self.value(name), role) for name, (role, _label) in TEAM.items() if self.value(name)]
        return Plan(
            **self.words(),
            host=self.cleaned_data["host"],
            organisers=list(self.cleaned_data["organisers"]),
            slots=self.slots(),
            timezone=self.cleaned_data["timezone"],
            mode=self.cleaned_data["mode"],
            place=self.cleaned_data["place"],
            team=team,
            is_past_meant=self.cleaned_data["is_past_meant"],
        )

    def pasted(self) -> Pasted:
        return read_addresses(self.cleaned_data["addresses"])

    def groups(self) -> Sequence[Any]:
        return [self[name] for name in TEAM]


def line_of(bad: BadAddress) -> str:
    """`Line 2, “x@y”: a dot is missing…`"""
    return _("Line %(line)s, “%(text)s”: %(why)s.") % {"line": bad.line, "text": bad.text, "why": bad.why}
