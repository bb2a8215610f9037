"""What somebody new is called in her letter: the order of a written name, and what an address tells of one."""

import re

from seminars.exchange.address import LONGEST_NAME, PARTICLES, Address, folded
from seminars.exchange.oddities import is_of_office

_TITLES = """dr dre dra dott dottor dottore dottssa dottoressa drssa prof profssa professeur professeure professore
    professoressa ing arch avv rag geom me maitre mr mrs ms mme mlle m sig sigra signor signora phd md msc mba ma ba
    jr sr cav onorevole on don suor pere soeur"""
TITLES = frozenset(_TITLES.split())
_FORMS = """srl srls spa sas snc sarl sasu sa eurl scop scic scrl scarl coop cooperativa onlus odv aps ets asd asl aslcn
    asst ats ltd inc llc gmbh ag association associazione asso comune mairie ville citta provincia regione region
    departement consorzio fondazione fondation ufficio bureau service servizio servizi direction direzione settore
    ccas cias csi caf inps ministere ministero universite universita societe societa ente"""
FORMS = frozenset(_FORMS.split())
"""First words after a comma that say what a body is: no given name."""
MOST_GIVEN = 3
"""Words of a given name; more are a description."""
FIRST_LAST = re.compile(r"([a-z]{2,}(?:-[a-z]{2,})*)\.([a-z]{2,}(?:[-'][a-z]{2,})*)\d{0,4}")


def in_order(name: str, email: str) -> str:
    """`Rossi, Anna` as `Anna Rossi`; any other name, and one with a title or a firm's form behind its comma, as it is.

    `Anna Rossi, Cuneo` stays where the address holds all that stands before the comma and nothing of the rest.
    """
    family, comma, given = (part.strip() for part in name.partition(","))
    words = [_bare(word) for word in given.split()]
    if not comma or not family or "," in given or not 0 < len(words) <= MOST_GIVEN or not all(words):
        return name
    if (
        any(map(str.isdigit, name))
        or words[0] in FORMS
        or _bare(given) in FORMS | TITLES
        or {*words} <= TITLES
    ):
        return name
    local = _bare(email.partition("@")[0])
    long = [_bare(word) for word in family.split() if word.lower() not in PARTICLES]
    is_whole = len(long) > 1 and all(word in local for word in long)
    if is_whole and not any(word in local for word in words):
        return name
    return f"{given} {family}"


def _bare(text: str) -> str:
    """Letters only, small and without accents."""
    return "".join(sign for sign in folded(text) if sign.isalpha())


def derived(email: str) -> str:
    """The name that `first.last@` tells; empty for any other form, and for an office."""
    found = FIRST_LAST.fullmatch(email.lower().partition("@")[0].partition("+")[0])
    return "" if found is None or is_of_office(email) else f"{found[1]} {found[2]}".title()


def name_of(address: Address) -> str:
    """As written, else as `first.last@` tells, else what stands before the @ as it is."""
    return (address.name or derived(address.email) or address.email.partition("@")[0])[:LONGEST_NAME]


def as_typed(text: str) -> str:
    """A name from a field of its own: one line, at most 120 signs, nothing else changed."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * LONGEST_NAME])
    return " ".join(printable.split())[:LONGEST_NAME].strip()
