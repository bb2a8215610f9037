"""The words of our templates: icons, bilingual texts, dates and hours in a named zone, activities, form parts."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from seminars import saying
from web.forms.parts import Part

register = template.Library()


def _reader() -> str:
    return saying.plain(get_language() or "en")


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "hand" %}`: a symbol of the sprite, silent beside its word."""
    address = f"{static('img/sprite.svg')}#i-{name}"
    return format_html('<svg class="i" aria-hidden="true"><use href="{}"/></svg>', address)


@register.simple_tag
def said(thing: Any, field: str) -> SafeString | str:
    """`{% said session "title" %}`: in the reader's language, else in another one marked as such."""
    text, language = saying.said(thing, field, _reader())
    return text if language == _reader() else format_html('<span lang="{}">{}</span>', language, text)


@register.simple_tag
def said_plain(thing: Any, field: str) -> str:
    """`{% said_plain session "title" %}`: the same words without a mark, for `title`, `aria-label` and attributes."""
    return saying.said(thing, field, _reader())[0]


@register.simple_tag
def other_said(thing: Any, field: str) -> SafeString:
    """`{% other_said session "title" %}`: the second voice, a paragraph for each other language, nothing when empty."""
    pairs = ((language, text) for text, language in saying.other_said(thing, field, _reader()))
    return format_html_join("", '<p class="other" lang="{}">{}</p>', pairs)


@register.filter
def day(moment: date | None, zone: saying.Zone = "UTC") -> str:
    """`{{ session.starts_at|day:session.timezone }}`: jeudi 4 février 2027; a plain date needs no zone."""
    return saying.day(moment, zone, _reader()) if moment else ""


@register.filter
def day_of_month(moment: date | None, zone: saying.Zone = "UTC") -> str:
    """jeudi 4 février, where the year is written above."""
    return saying.day_of_month(moment, zone, _reader()) if moment else ""


@register.filter
def short_day(moment: date | None, zone: saying.Zone = "UTC") -> str:
    """jeu 4 fév, in a narrow cell."""
    return saying.short_day(moment, zone, _reader()) if moment else ""


@register.filter
def weekday(moment: date | None, zone: saying.Zone = "UTC") -> str:
    """jeudi"""
    return saying.weekday(moment, zone, _reader()) if moment else ""


@register.filter
def month(moment: date | None, zone: saying.Zone = "UTC") -> str:
    """mars 2027"""
    return saying.month(moment, zone, _reader()) if moment else ""


@register.filter
def hour(moment: datetime | None, zone: saying.Zone) -> str:
    """`{{ session.starts_at|hour:session.timezone }}`: 14 h 00 or 14:00."""
    return saying.hour(moment, zone, _reader()) if moment else ""


@register.simple_tag
def hour_near(moment: datetime, near: datetime, zone: saying.Zone) -> str:
    """`{% hour_near mark.at slot.starts_at session.timezone %}`: with its day where that is another."""
    return saying.hour_near(moment, near, zone, _reader())


@register.simple_tag
def hours(start: datetime, end: datetime, zone: saying.Zone) -> str:
    """`{% hours slot.starts_at slot.ends_at session.timezone %}`: 14 h 00 à 15 h 30."""
    return saying.hours(start, end, zone, _reader())


@register.simple_tag
def until(end: datetime, zone: saying.Zone) -> str:
    """`{% until link.expires_at session.timezone as end %}`: what ends at midnight ends with the day before it."""
    local = saying.local(end, zone)
    if local.hour or local.minute:
        return f"{saying.day(end, zone, _reader())}, {saying.hour(end, zone, _reader())}"
    return gettext("%(day)s inclusive") % {"day": saying.day(end - timedelta(seconds=1), zone, _reader())}


@register.filter
def zone_name(moment: datetime | None, zone: saying.Zone) -> str:
    """`{{ session.starts_at|zone_name:session.timezone }}`: heure de Paris (UTC+1).

    Paris and Rome share one clock, so a page names the reader's own city of the two; a document names its session's.
    """
    return saying.zone_words(moment, saying.own_zone(zone, _reader()), _reader()) if moment else ""


@register.filter
def zone_of_session(moment: datetime | None, zone: saying.Zone) -> str:
    """The same for a document, which many people read: the zone the session is held in."""
    return saying.zone_words(moment, zone, _reader()) if moment else ""


@register.simple_tag
def was(before: datetime, after: datetime, zone: saying.Zone) -> SafeString:
    """`{% was row.before session.starts_at session.timezone %}`: the struck hour, with its day if another."""
    said = saying.hour(before, zone, _reader())
    if saying.local(before, zone).date() != saying.local(after, zone).date():
        said = f"{saying.short_day(before, zone, _reader())}, {said}"
    return format_html('<del><span class="sr">{} </span>{}</del>', gettext("before:"), said)


@register.filter
def iso(moment: date | None, zone: saying.Zone = "UTC") -> str:
    """`<time datetime="{{ session.starts_at|iso:session.timezone }}">`: with the zone's offset, to the minute."""
    if isinstance(moment, datetime):
        return saying.local(moment, zone).isoformat(timespec="minutes")
    return moment.isoformat() if moment else ""


@register.filter
def quotes_inside(words: object) -> str:
    """`{{ message|quotes_inside }}`: a name that is quoted may itself hold quotation marks. Safe words stay so."""
    text = str(words)
    said = saying.quotes_inside(text)
    return SafeString(said) if isinstance(text, SafeString) else said


@register.filter
def minutes(length: float | None) -> str:
    """`{{ left|minutes }}`: a whole number of minutes as 1 h 36."""
    return "" if length is None else saying.duration(int(length), _reader())


@register.filter
def initials(person: Any) -> str:
    """Two letters of a person's name, or of the text given: first and last word."""
    words = str(getattr(person, "name", "") or person).replace("-", " ").split()
    letters = [word[0] for word in words if word[0].isalpha()]
    return "".join(letters[:1] + letters[1:][-1:]).upper()


@register.simple_tag
def activity(thing: Any, short: bool = False) -> SafeString:
    """`{% activity session.activity %}`: code in its tile, then the name, which `short=True` only reads aloud."""
    if thing is None:
        return SafeString()
    name = said(thing, "name")
    words = format_html('<span class="sr">{}</span>', name) if short else name
    return format_html('<span class="act" data-a="{}"><b>{}</b> {}</span>', thing.code, thing.code, words)


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, tongue: str = "", hint: str = "", optional: bool = True) -> dict[str, Any]:
    """`{% field form.place %}`: label, hint, error, control; `optional=False` drops that word, `tongue="fr"` tags."""
    if hint and isinstance(bound, Part):
        bound.has_other_hint = True
    return {"field": bound, "tongue": tongue, "hint": hint, "optional": optional}


@register.inclusion_tag("parts/pair.html")
def pair(form: BaseForm, name: str, optional: bool = False) -> dict[str, Any]:
    """`{% pair form "title" %}`: title_fr and title_it side by side; an empty one shows the other's words as a hint."""
    fields = {language: form[f"{name}_{language}"] for language in ("fr", "it")}
    words = {language: str(bound.value() or "").strip() for language, bound in fields.items()}
    hints = {
        "fr": _in_other(gettext("In Italian:"), "it", words["it"]) if not words["fr"] else "",
        "it": _in_other(gettext("In French:"), "fr", words["fr"]) if not words["it"] else "",
    }
    sides = [
        {"field": bound, "tongue": language, "hint": hints[language]} for language, bound in fields.items()
    ]
    return {"sides": sides, "optional": optional}


def _in_other(lead: str, language: str, words: str) -> SafeString | str:
    return format_html('{} <span lang="{}">{}</span>', lead, language, words) if words else ""


@register.inclusion_tag("parts/errors.html")
def errors(*forms: BaseForm) -> dict[str, Any]:
    """`{% errors form %}`: the summary, first in main; several forms make one list. Nothing when all is well."""
    points = [point for form in forms for point in _points(form)]
    return {"points": points}


def _points(form: BaseForm) -> Iterator[dict[str, str]]:
    for words in form.non_field_errors():
        yield {"words": str(words), "label": "", "target": ""}
    for bound in form:
        for words in bound.errors:
            target = f"{bound.auto_id}_0" if bound.use_fieldset else bound.id_for_label
            yield {"words": str(words), "label": str(bound.label), "target": target}
