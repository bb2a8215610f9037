"""How dates, hours, zones and bilingual texts are said in French, Italian and English, on pages and in letters alike.

Grammar, not vocabulary: word order, the first of the month, the French hour, elisions and fallbacks between languages.
Every function takes the zone and the language it speaks in; none reads the process zone or the active translation.
"""

import re
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR

LANGUAGES = ("fr", "it", "en")
THIN = "\u202f"  # narrow no-break space: French sets it between a figure and its unit
HARD = "\u00a0"
MINUS = "\u2212"
CITIES = {
    "Europe/Paris": {"fr": "Paris", "it": "Parigi", "en": "Paris"},
    "Europe/Rome": {"fr": "Rome", "it": "Roma", "en": "Rome"},
    "Europe/London": {"fr": "Londres", "it": "Londra", "en": "London"},
    "Europe/Zurich": {"fr": "Zurich", "it": "Zurigo", "en": "Zurich"},
    "Europe/Brussels": {"fr": "Bruxelles", "it": "Bruxelles", "en": "Brussels"},
}
TWINS = {"fr": "Europe/Paris", "it": "Europe/Rome"}
Zone = ZoneInfo | str


def plain(language: str) -> str:
    """`fr-fr`, `FR` or `it_IT` as one of the three languages; English for any other."""
    short = language.lower().replace("_", "-").partition("-")[0]
    return short if short in LANGUAGES else "en"


@cache
def _names(language: str) -> tuple[list[str], list[str], list[str], list[str]]:
    """Weekdays from Monday and months from January, in full and short, in the case of running text."""
    with translation.override(language):
        lists = [
            [str(WEEKDAYS[i]) for i in range(7)],
            [str(MONTHS[i]) for i in range(1, 13)],
            [str(WEEKDAYS_ABBR[i]) for i in range(7)],
            [str(MONTHS_3[i]) for i in range(1, 13)],
        ]
    lists = [[name.capitalize() if language == "en" else name.lower() for name in names] for names in lists]
    return lists[0], lists[1], lists[2], lists[3]


def local(moment: datetime, zone: Zone) -> datetime:
    """The aware moment on the wall clock of the zone; ValueError for a naive one, which names no instant."""
    if moment.tzinfo is None:
        raise ValueError("a naive moment cannot be said: it names no instant")
    return moment.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def _date(moment: date, zone: Zone) -> date:
    """A moment's date in the zone; a plain date is already one, whatever the zone."""
    return local(moment, zone).date() if isinstance(moment, datetime) else moment


def _ordinal(number: int, language: str) -> str:
    first = {"fr": "1er", "it": "1º", "en": "1"}
    return first[language] if number == 1 else str(number)


def weekday(moment: date, zone: Zone, language: str) -> str:
    """`jeudi`, `giovedì`, `Thursday`."""
    return _names(plain(language))[0][_date(moment, zone).weekday()]


def month(moment: date, zone: Zone, language: str) -> str:
    """`mars 2027`, `marzo 2027`, `March 2027`."""
    on = _date(moment, zone)
    return f"{_names(plain(language))[1][on.month - 1]} {on.year}"


def day(moment: date, zone: Zone, language: str) -> str:
    """`jeudi 4 février 2027`, `giovedì 4 febbraio 2027`, `Thursday 4 February 2027`."""
    language = plain(language)
    on = _date(moment, zone)
    weekdays, months, _, _ = _names(language)
    return f"{weekdays[on.weekday()]} {_ordinal(on.day, language)} {months[on.month - 1]} {on.year}"


def day_of_month(moment: date, zone: Zone, language: str) -> str:
    """The day without its year, for a row under a month: `jeudi 4 février`, `giovedì 4 febbraio`."""
    return day(moment, zone, language).rpartition(" ")[0]


def short_day(moment: date, zone: Zone, language: str) -> str:
    """`jeu 4 fév`, `gio 4 feb`, `Thu 4 Feb`: for cells where the full day does not fit."""
    language = plain(language)
    on = _date(moment, zone)
    _, _, weekdays, months = _names(language)
    return f"{weekdays[on.weekday()]} {_ordinal(on.day, language)} {months[on.month - 1]}"


def hour(moment: datetime, zone: Zone, language: str) -> str:
    """`14 h 00` in French, with narrow no-break spaces; `14:00` in Italian and English."""
    at = local(moment, zone)
    if plain(language) == "fr":
        return f"{at.hour}{THIN}h{THIN}{at.minute:02d}"
    return f"{at.hour}:{at.minute:02d}"


def hour_near(moment: datetime, near: datetime, zone: Zone, language: str) -> str:
    """The hour alone on the day of `near`, else with its day: `ven 5 fév, 9 h 10`."""
    said = hour(moment, zone, language)
    if local(moment, zone).date() == local(near, zone).date():
        return said
    return f"{short_day(moment, zone, language)}, {said}"


def hours(start: datetime, end: datetime, zone: Zone, language: str) -> str:
    """`14 h 00 à 15 h 30`, `dalle 14:00 alle 15:30`, `14:00 to 15:30`."""
    frames = {"fr": "{} à {}", "it": "dalle {} alle {}", "en": "{} to {}"}
    return frames[plain(language)].format(hour(start, zone, language), hour(end, zone, language))


def offset(moment: datetime, zone: Zone) -> str:
    """`UTC+1`, `UTC+5:30`, `UTC−3`, or `UTC`: what the zone's clock shows at that moment, summer time included."""
    seconds = int((local(moment, zone).utcoffset() or timedelta()).total_seconds())
    if not seconds:
        return "UTC"
    whole, rest = divmod(abs(seconds) // 60, 60)
    return f"UTC{'+' if seconds > 0 else MINUS}{whole}" + (f":{rest:02d}" if rest else "")


def zone_words(moment: datetime, zone: Zone, language: str) -> str:
    """`heure de Paris (UTC+1)`, `ora di Roma (UTC+2)`, `Paris time (UTC+1)`; without a city, the offset only."""
    language = plain(language)
    key = zone if isinstance(zone, str) else zone.key
    if "/" not in key or key.startswith("Etc/"):
        return offset(moment, zone)
    city = CITIES.get(key, {}).get(language) or key.rpartition("/")[2].replace("_", " ")
    of = "d’" if city[0] in "AEIOUÉ" else "de "
    words = {"fr": f"heure {of}{city}", "it": f"ora di {city}", "en": f"{city} time"}
    return f"{words[language]} ({offset(moment, zone)})"


def own_zone(zone: Zone, language: str) -> Zone:
    """Of the two zones that share one clock, the reader's: Paris in French, Rome in Italian; any other stays."""
    key = zone if isinstance(zone, str) else zone.key
    return TWINS.get(plain(language), zone) if key in TWINS.values() else zone


def duration(minutes: int, language: str) -> str:
    """`1 h 36`, `2 h`, `45 min`, with no-break spaces; a negative length is said as none."""
    space = THIN if plain(language) == "fr" else HARD
    whole, rest = divmod(max(0, int(minutes)), 60)
    if not whole:
        return f"{rest}{space}min"
    return f"{whole}{space}h{space}{rest:02d}" if rest else f"{whole}{space}h"


def quotes_inside(text: str) -> str:
    """French and Italian quotation marks within others become “ ”; what does not pair stays as it is."""
    parts, depth = re.split(r"(«[\s\u202f\xa0]*|[\s\u202f\xa0]*»)", text), 0
    for place, part in enumerate(parts):
        if part.startswith("«"):
            parts[place] = "“" if depth else part
            depth += 1
        elif part.endswith("»"):
            depth -= 1
            parts[place] = "”" if depth else part
            if depth < 0:
                return text
    return text if depth else "".join(parts)


def said(thing: Any, field: str, language: str) -> tuple[str, str]:
    """The text of `field_<language>` and its language; the next filled one when it is empty, or ("", language)."""
    language = plain(language)
    for each in (language, *(other for other in LANGUAGES if other != language)):
        if text := getattr(thing, f"{field}_{each}", "") or "":
            return str(text), each
    return "", language


def other_said(thing: Any, field: str, language: str) -> list[tuple[str, str]]:
    """The same words on the other slope, as (text, language): one for French or Italian readers, else up to two."""
    language = plain(language)
    shown = said(thing, field, language)[1]
    wanted = {"fr": ("it",), "it": ("fr",)}.get(language, ("fr", "it"))
    texts = [(str(getattr(thing, f"{field}_{each}", "") or ""), each) for each in wanted if each != shown]
    return [(text, each) for text, each in texts if text]
