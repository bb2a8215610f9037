"""Addresses that are well formed and yet perhaps not meant: of an office, or one slip away from a known domain."""

from collections.abc import Iterable

from seminars.exchange.address import folded

_ROLES = """accueil admin administration amministrazione associazione association bureau comune comptabilite contact
    contacts contatti contatto coordination coordinamento direction direzione equipe formation formazione hello
    help info information informations informazioni mairie office personale presidence presidenza progetti projet
    protocollo reception rh risorseumane secretaire secretariat segreteria service servizi servizio sociale sportello
    staff standard support team ufficio urp"""
ROLES = frozenset(_ROLES.split())
_UNREAD = "noreply donotreply nepasrepondre nonrispondere mailerdaemon postmaster abuse bounce"
UNREAD = frozenset(_UNREAD.split())
_WELL_KNOWN = """
    gmail.com googlemail.com hotmail.com hotmail.fr hotmail.it outlook.com outlook.fr outlook.it live.com live.fr
    live.it msn.com yahoo.com yahoo.fr yahoo.it icloud.com orange.fr wanadoo.fr free.fr sfr.fr laposte.net
    bbox.fr neuf.fr numericable.fr libero.it alice.it tiscali.it virgilio.it tim.it tin.it fastwebnet.it inwind.it
    proton.me protonmail.com gmx.fr gmx.com gmx.net posteo.net aol.com legalmail.it pec.it aruba.it"""
WELL_KNOWN = frozenset(_WELL_KNOWN.split())
SHORTEST = 6
"""Signs of a domain below which one slip apart says nothing."""


def _local(email: str) -> str:
    before = email.partition("@")[0].partition("+")[0]
    return "".join(sign for sign in folded(before) if sign.isalpha())


def is_of_office(email: str) -> bool:
    """`segreteria@`, `info.cuneo@`: several people may read it."""
    first = folded(email.partition("@")[0]).replace("-", ".").replace("_", ".").partition(".")[0]
    return _local(email) in ROLES or first in ROLES


def is_unread(email: str) -> bool:
    """`no-reply@`: nobody reads it."""
    return _local(email) in UNREAD


def likely_domain(domain: str, known: Iterable[str]) -> str:
    """The well-known or `known` domain that is one slip away; empty where there is none, or the domain is one."""
    ours = frozenset(known)
    if len(domain) < SHORTEST or domain in WELL_KNOWN or domain in ours:
        return ""
    for each in (*sorted(WELL_KNOWN), *sorted(ours)):
        if len(each) >= SHORTEST and is_one_slip(domain, each):
            return each
    return ""


def is_one_slip(one: str, other: str) -> bool:
    """Whether one sign is missing, too much, another one, or changed places with its neighbour."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    one, other = one[start:], other[start:]
    if len(one) == len(other):
        return one[1:] == other[1:] or (one[:2] == other[1::-1] and one[2:] == other[2:])
    shorter, longer = sorted((one, other), key=len)
    return longer[1:] == shorter


def is_other_name(one: str, other: str) -> bool:
    """Whether two ways to write a name share no word; their order, case and accents say nothing."""
    words = [
        {
            word
            for word in "".join(sign if sign.isalpha() else " " for sign in folded(name)).split()
            if len(word) > 1
        }
        for name in (one, other)
    ]
    return all(words) and not words[0] & words[1]
