"""One mail address as people write it: with a name before or behind, in brackets or without, and what is wrong."""

import re
import unicodedata
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from seminars.vocabulary import Country, Language

LONGEST_NAME = 120
LONGEST_PIECE = 500
"""An address with its name; what is longer is none, and is not looked at any closer."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
MOST_READ = 1000
"""Pieces, good or bad: three times what may be sent at once, so that a refusal can still say what it read."""
_SIGN = r"[^\s<>()\[\]{}\"“”«»,;:|*]"
_PART = r"[^\s<>()\[\]{}\"“”«»,;:|*@]"
CANDIDATE = re.compile(rf"(?<!{_SIGN}){_PART}{{1,64}}@{_PART}{{1,255}}(?!{_SIGN})")
"""One @ between two bounded halves, and nothing beside them: whatever the text, it is searched once."""
QUERY = re.compile(r"(mailto:[^\s?<>]{0,320})\?[^\s<>]*", re.IGNORECASE)
QUOTED = re.compile(r'"([^"]*)"\s*<\s*([^\s<>]+)\s*>')
OBFUSCATED = re.compile(r"\s*[(\[]\s?at\s?[)\]]\s*", re.IGNORECASE)
RESPELT = re.compile(r"[^\s<>(\[]{1,64}\s?[(\[]\s?at\s?[)\]]\s?[^\s<>)\]]{1,255}", re.IGNORECASE)
BULLET = re.compile(r"^\s*(?:[-–—•*·]{1,3}\s+|\d{1,3}[.)]\s+|>\s*)+")
LABEL = re.compile(r"^[^@<>\"]{1,40}:\s*(?!$)")
_PARTICLES = "de di da du del della dello delle dei degli des la le lo van von d l y e et ep née"
PARTICLES = frozenset(_PARTICLES.split())
_UNSEEN = [0xAD, 0x61C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
_SPACES = [0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]
BESIDE = " '`,;:-–—./\\|=*#~_+·•"
"""What stands before or behind a name and is no part of it."""
PLAIN: dict[int, str | None] = {
    **dict.fromkeys(_UNSEEN),
    **dict.fromkeys(_SPACES, " "),
    **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "“”„‟"), '"'),
    **{
        0xFE6B: "@",
        0x3008: "<",
        0x3009: ">",
        0x2039: "<",
        0x203A: ">",
        0x3001: ",",
        0x2019: "'",
        0x2018: "'",
    },
}
"""What copying from web pages and word processors leaves in a text, as the plain sign or nothing."""


@dataclass(frozen=True, slots=True)
class Address:
    """One usable address, in small letters, as found on a line (from 1; 0: on none).

    `language` is a Language or empty, `organisation` a name as somebody wrote it; both only matter for new people.
    """

    line: int
    email: str
    name: str = ""
    language: str = ""
    organisation: str = ""

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class BadAddress:
    line: int
    text: str
    why: str
    """A sentence in the active language."""


@dataclass(slots=True)
class Pasted:
    """What a text or a list holds: each usable address once, each other piece with its line."""

    good: list[Address] = field(default_factory=list)
    bad: list[BadAddress] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    is_cut: bool = False
    """There was far more than may be sent at once: the end was not read."""
    seen: set[str] = field(default_factory=set)
    respelt: list[tuple[str, str]] = field(default_factory=list)
    """`jean(at)exemple.fr` as it was written, and the address that was read."""

    def is_full(self, waiting: int = 0) -> bool:
        return len(self.good) + len(self.bad) + len(self.twice) + waiting >= MOST_READ

    def cut(self, line: int, text: str) -> None:
        self.is_cut = True
        self.refuse(line, text, _("this is too much at once: nothing after it was read"))

    def add(self, address: Address, written: str = "") -> None:
        """`written` is the piece that it was read from."""
        if "@" not in written and (found := RESPELT.search(written)):
            self.respelt.append((found[0], address.email))
        if address.email in self.seen:
            self.twice.append(address.email)
            return
        self.seen.add(address.email)
        self.good.append(address)

    def refuse(self, line: int, text: str, why: str) -> None:
        self.bad.append(BadAddress(line, text.strip()[:120], why))


class Unusable(ValueError):
    """A piece that is no address; its text is the reason, in the active language."""


def plain(text: str) -> str:
    """Without invisible signs, with plain spaces, brackets, quotation marks and @."""
    return text.translate(PLAIN)


def read_one(piece: str, *, may_be_loose: bool = True) -> tuple[str, str]:
    """(address, name) of a plain piece that should hold one address. Raises Unusable.

    `Name <a@b>`, `a@b (Name)`, `mailto:a@b`, `Name a@b`. Words beside an address without brackets are its name only
    when they look like one: in `two words@example.org` a space has slipped in.
    """
    if len(piece) > LONGEST_PIECE:
        raise Unusable(_("this is too long for an address"))
    piece = BULLET.sub("", CONTROL.sub("", piece), count=1).strip()
    piece = QUERY.sub(r"\1", OBFUSCATED.sub("@", piece), count=1)
    if exact := QUOTED.fullmatch(piece):
        return checked(exact[2]), named(exact[1])
    found = {trimmed(each) for each in CANDIDATE.findall(piece)}
    if len(found) != 1:
        raise Unusable(_("there are two addresses without a comma between them") if found else why_bad(piece))
    email = found.pop()
    rest = CANDIDATE.sub(" ", LABEL.sub("", piece)).replace("mailto:", " ")
    if rest.count('"') % 2:
        raise Unusable(_("a quotation mark is not closed"))
    if "@" in rest:
        raise Unusable(why_bad(next(word for word in rest.split() if "@" in word)))
    email, name = checked(email), named(re.sub(r"[<>()\[\]{}|*]", " ", rest))
    is_tied = re.search(r"[<(\[]", piece) is not None
    if name and not is_tied and not (may_be_loose and is_name(name, email, written=piece)):
        raise Unusable(_("there is a space inside"))
    return email, name


def trimmed(candidate: str) -> str:
    return candidate.strip("'`´.!?").lower()


def checked(email: str) -> str:
    """The address in small letters. Raises Unusable."""
    email = email.strip().lower()
    try:
        validate_email(email)
        email.encode("ascii")
    except (ValidationError, UnicodeEncodeError) as error:
        raise Unusable(why_bad(email)) from error
    return email


def named(text: str) -> str:
    """A name on one line, at most 120 characters, without what stood around it."""
    words = " ".join(CONTROL.sub(" ", text).replace('"', " ").split())
    return words.strip(BESIDE)[:LONGEST_NAME].strip() if any(map(str.isalpha, words)) else ""


def is_name(text: str, email: str, *, written: str = "") -> bool:
    """Whether words that stand beside an address are a name: written like one, or found again in the address."""
    words = [word for word in re.split(r"[\s,.'’-]+", text) if word]
    if not 0 < len(words) <= 6 or any(map(str.isdigit, text)):
        return False
    local = folded(email.partition("@")[0])
    if any(len(word) > 2 and folded(word) in local for word in words):
        return True
    if written and not re.search(re.escape(email), written):  # capitals in it: perhaps a part of the name
        return False
    return all(word[0].isupper() or word.lower() in PARTICLES for word in words) and words[0][0].isupper()


def folded(text: str) -> str:
    """Small letters without accents, to compare."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def why_bad(text: str) -> str:
    """Half a sentence in the active language."""
    name, at, domain = text.rpartition("@")
    odd = next((sign for sign in domain + name if ord(sign) > 126), "")
    if not at:
        return _("there is no @")
    if not domain.strip(" >)"):
        return _("nothing follows the @")
    if not name.strip(" <("):
        return _("nothing stands before the @")
    if "@" in name:
        return _("there is more than one @")
    if odd:
        return _("“%(sign)s” can't stand in an address") % {"sign": odd}
    if "." not in domain:
        return _("a dot is missing after “%(domain)s”") % {"domain": domain[:60]}
    if ".." in domain or ".." in name:
        return _("there are two dots in a row")
    if " " in text:
        return _("there is a space inside")
    return _("this is not a mail address")


def country_of(email: str, otherwise: str) -> Country:
    """By the end of its domain, where that names one of the two countries."""
    ending = email.rpartition(".")[2]
    return {"it": Country.ITALY, "fr": Country.FRANCE}.get(ending, Country(otherwise))


def language_of(address: Address, otherwise: str) -> Language:
    """As somebody has said, else that of the address's country, else of the country `otherwise`."""
    if address.language in Language.values:
        return Language(address.language)
    is_italian = country_of(address.email, otherwise) == Country.ITALY
    return Language.ITALIAN if is_italian else Language.FRENCH
