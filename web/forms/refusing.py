"""A refusal of an action, on the form it is about, in the reader's language."""

from datetime import date, datetime, time
from typing import Any

from django.forms import BaseForm
from django.utils import translation

from seminars import refusals, saying
from seminars.errors import Refused


def shown(name: str, value: Any) -> Any:
    """Hours and days of a refusal the reader's way."""
    language = translation.get_language() or "en"
    if isinstance(value, datetime):
        return saying.hour(value, value.tzinfo, language)  # type: ignore[arg-type]  # actions give zoneinfo zones
    if isinstance(value, time):
        return (
            f"{value.hour}{saying.THIN}h{saying.THIN}{value:%M}"
            if language == "fr"
            else f"{value.hour}:{value:%M}"
        )
    if isinstance(value, date):
        return saying.day_of_month(value, "UTC", language)
    return value


def words(refused: Refused) -> str:
    return refusals.sentence(refused, shown)


def refuse(form: BaseForm, refused: Refused) -> None:
    """Adds the sentence to the field it is about, or to the form."""
    field = refused.field if refused.field in form.fields else None
    form.add_error(field, words(refused))
