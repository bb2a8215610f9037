"""A refusal of an action, on the form it is about, in the reader's language."""

from django.forms import BaseForm

from seminars import refusals
from seminars.errors import Refused


def words(refused: Refused) -> str:
    return refusals.sentence(refused)


def refuse(form: BaseForm, refused: Refused) -> None:
    """Adds the sentence to the field it is about, or to the form."""
    field = refused.field if refused.field in form.fields else None
    form.add_error(field, words(refused))
