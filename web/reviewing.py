"""The page between naming people and sending their letters: who gets one, and what to know before. It keeps nothing:
its rows travel in its own form."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from seminars import saying
from seminars.exchange import guestlist
from seminars.exchange.address import Address, BadAddress, Pasted
from seminars.exchange.naming import derived
from seminars.models import Session
from seminars.moments import now
from seminars.queries import prospects
from seminars.queries.prospects import Note, Prospect
from seminars.vocabulary import Country, Language, LetterKind
from web.access import person_of
from web.forms.invitations import SendForm

SENTENCES = {
    "suspended": lambda _facts: _(
        "This person’s access is suspended. Tick only if the invitation is meant all the same."
    ),
    "invited": lambda _facts: _("Invited before, and not reached. Tick to send a new letter."),
    "withdrawn": lambda facts: (
        _("Withdrawn on %(day)s. Sending invites this person anew, by another link; untick to leave it so.")
        % {"day": _day(facts)}
    ),
    "said_no": lambda facts: (
        _("Said no on %(day)s. Untick unless you have spoken since.") % {"day": _day(facts)}
    ),
    "stopped": lambda facts: (
        _("Has stopped some letters: %(kinds)s. The invitation is sent all the same.")
        % {"kinds": ", ".join(str(LetterKind(kind).label).lower() for kind in facts["kinds"])}
    ),
    "other_name": lambda facts: (
        _("Known here as “%(known)s”, not as “%(written)s”. Check that the address is this person’s.") % facts
    ),
    "other_country": lambda facts: (
        _(
            "The address ends in “.%(ending)s”, but this person is registered in %(country)s. Check the address."
        )
        % {"ending": facts["ending"], "country": Country(facts["country"]).label}
    ),
    "office": lambda _facts: _(
        "Looks like an office’s address: whoever reads it can answer by the personal link. Better write to one person."
    ),
    "unread": lambda _facts: _(
        "Nobody reads this address. Leave it unticked, and write the person’s own in the field “Addresses”."
    ),
    "slip": lambda facts: (
        _(
            "“%(domain)s” looks like a slip for “%(likely)s”. If so, write the right one in the field “Addresses”; if "
            "not, tick it."
        )
        % facts
    ),
}
RETURNED = frozenset({"bounced", "elsewhere"})
KEEPS_SILENT = frozenset({"stopped", "withdrawn"})
"""To know, not to mend."""


@dataclass(frozen=True, slots=True)
class Row:
    """One person on the page, counted from 1 as `SendForm` counts."""

    number: int
    prospect: Prospect
    notes: list[tuple[str, bool]]
    """Sentences, and whether each is a warning."""
    server: str
    """A mail server's own words, where there are none in the reader's language."""
    called: str
    """The name, with the address where somebody else here has the same."""
    asks_name: bool = False

    @property
    def typed(self) -> str:
        """What stands in the field for the name."""
        return self.prospect.address.name or derived(self.prospect.address.email)


def _day(facts: dict[str, Any]) -> str:
    """The day of `at` on the clock of the session."""
    return saying.day_of_month(facts["at"] or now(), facts["zone"], saying.plain(get_language() or "en"))


def sentence(note: Note, zone: str) -> str:
    why = {"why": note.facts.get("why") or _("The mail server refused it.")}
    if note.name == "bounced":
        return _("The newest letter did not arrive. %(why)s Correct the address, or tick to try again.") % why
    if note.name == "elsewhere":
        return (
            _("A letter about another session did not arrive at this address. %(why)s Check the address.")
            % why
        )
    return str(SENTENCES[note.name](note.facts | {"zone": zone}))


def rows_of(
    found: Sequence[Prospect], zone: str, only: Collection[str] | None = None, typed: Collection[str] = ()
) -> list[Row]:
    """With every note, or those that `only` names; whoever is new and without a name, or stands in `typed`, gets a
    field for one."""
    rows = []
    names = Counter(prospect.name for prospect in found)
    for number, prospect in enumerate(found, 1):
        notes = [note for note in prospect.notes if only is None or note.name in only]
        said = [(sentence(note, zone), note.name not in KEEPS_SILENT) for note in notes]
        servers = [note.facts["server"] for note in notes if note.name in RETURNED and not note.facts["why"]]
        called = ", ".join([prospect.name, *[prospect.address.email] * (names[prospect.name] > 1)])
        address = prospect.address
        asks_name = prospect.is_new and (not address.name or address.email in typed)
        rows.append(Row(number, prospect, said, "".join(servers), called, asks_name))
    return rows


def page(
    request: HttpRequest,
    session: Session,
    addresses: Sequence[Address],
    *,
    chosen: Collection[str] | None = None,
    read: Pasted | None = None,
    bad: Sequence[BadAddress] = (),
    form: SendForm | None = None,
    typed: Collection[str] = (),
) -> HttpResponse:
    """The review of `addresses`; `chosen` stay ticked (None: as it advises), of what was `read` the oddities are told,
    `form` comes back with its errors, and `typed` keep the field for their names."""
    review = prospects.review(session, addresses, by=person_of(request), chosen=chosen)
    form = form or left(bad)
    context: dict[str, Any] = {"session": session, "review": review, "form": form}
    context["rows"] = rows_of(review.coming, session.timezone, typed=typed)
    context["already"] = rows_of(review.already, session.timezone, {"elsewhere", "suspended"})
    context["table"] = guestlist.written(each.address for each in review.coming)
    context["twice"] = list(dict.fromkeys(read.twice if read else ()))
    context["respelt"] = list(dict.fromkeys(read.respelt if read else ()))
    context["languages"] = Language.choices
    context["count"] = len(review.chosen)
    context["previews"] = reverse("session-letters-preview", args=[session.code])
    context["has_refused"] = bool(form.errors and not bad)
    return render(request, "invitations/review.html", context, status=422 if context["has_refused"] else 200)


def left(bad: Sequence[BadAddress]) -> SendForm:
    form = SendForm({})
    form.is_valid()
    form.stays(bad)
    return form
