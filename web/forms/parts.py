"""How every form is drawn: our bound field, our templates, native date and hour controls that can also be typed."""

import re
from datetime import time
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.forms.widgets import (
    CheckboxInput,
    CheckboxSelectMultiple,
    DateTimeBaseInput,
    FileInput,
    RadioSelect,
    Widget,
)
from django.template.loader import get_template

TONGUE = re.compile(r"_(fr|it|en)$")
TYPED_HOUR = re.compile(r"^(\d{1,2})\s*(?:h|:|\.)\s*(\d{2})?$", re.IGNORECASE)


class Part(BoundField):
    """A bound field that dresses its control: class `input`, the language of its words, hint and error tied to it."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        if not isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple | FileInput):
            given = built.get("class") or widget.attrs.get("class", "")
            built["class"] = f"input {given}".strip()
        if (tongue := TONGUE.search(self.name)) and not widget.is_hidden:
            built.setdefault("lang", tongue[1])
        return built

    has_other_hint = False

    @property
    def aria_describedby(self) -> str | None:
        """The ids of hint and error, and of the hint from the other language where the template shows one."""
        ids: str | None = super().aria_describedby
        return f"{ids} {self.auto_id}_other".strip() if self.has_other_hint and ids is not None else ids

    @property
    def is_tick(self) -> bool:
        return isinstance(self.field.widget, CheckboxInput)

    @property
    def is_picked(self) -> bool:
        return bool(self.field.widget.use_fieldset)

    @property
    def is_day(self) -> bool:
        return getattr(self.field.widget, "input_type", "") == "date"

    @property
    def is_optional(self) -> bool:
        """What is optional says so; a tick never does, since leaving it empty is an answer."""
        return not self.field.required and not self.is_tick and not self.is_hidden


class Renderer(DjangoTemplates):
    """Our forms and fields from the project's templates, Django's own controls from Django. For FORM_RENDERER."""

    form_template_name = "parts/form.html"
    field_template_name = "parts/field.html"
    bound_field_class = Part

    def get_template(self, template_name: str) -> Any:
        ours = template_name.startswith("parts/")
        return get_template(template_name) if ours else super().get_template(template_name)


class Plain:
    """Mix in before a Django form: the browser stops nothing, so that our sentences answer the reader."""

    use_required_attribute = False
    label_suffix = ""


class Form(Plain, forms.Form):
    """The form to start from."""


class Typed(DateTimeBaseInput):
    """A native control that turns into plain text for what it could not show, so that nothing typed is lost."""

    native: re.Pattern[str]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        if shown and not self.native.match(shown):
            context["widget"]["type"] = "text"
        return context


class DayInput(Typed):
    """The native date control; its value travels as YYYY-MM-DD."""

    input_type = "date"
    format_key = "DATE_INPUT_FORMATS"
    native = re.compile(r"^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])$")

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class HourInput(Typed):
    """The native hour control; its value travels as HH:MM."""

    input_type = "time"
    format_key = "TIME_INPUT_FORMATS"
    native = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class DayField(forms.DateField):
    """A day from the native control, or typed as 2027-02-04, 4/2/2027 or 4.2.2027 (day first in all our languages)."""

    widget = DayInput
    input_formats = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")


class HourField(forms.TimeField):
    """An hour from the native control, or typed as 14:00, 14 h 00, 14h or 14.00."""

    widget = HourInput
    input_formats = ("%H:%M", "%H:%M:%S")

    def to_python(self, value: Any) -> time | None:
        if isinstance(value, str) and (typed := TYPED_HOUR.match(value.strip())):
            value = f"{typed[1]}:{typed[2] or '00'}"
        return super().to_python(value)


class Words(forms.CharField):
    """Several lines that grow with their text; `rows` is where they start."""

    def __init__(self, *, rows: int = 2, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**options)


class PickField(forms.ChoiceField):
    """One of a few, all in sight: radios in full frames."""

    widget = RadioSelect


class PickSeveralField(forms.MultipleChoiceField):
    """Any of a few, all in sight: ticks in full frames."""

    widget = CheckboxSelectMultiple
