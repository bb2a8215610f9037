"""The ways to name people who shall be invited, and what comes back from the page that shows them before sending."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from seminars import saying
from seminars.actions.invitations import MOST_AT_ONCE
from seminars.errors import Refused
from seminars.exchange import guestlist
from seminars.exchange.address import Address, BadAddress, Pasted, Unusable, checked
from seminars.exchange.guestlist import Unreadable
from seminars.exchange.naming import as_typed
from seminars.exchange.pasted import read_any
from seminars.models import Group, Person, Session
from seminars.queries import acquaintance, circles
from seminars.vocabulary import Language
from web.forms import parts
from web.forms.refusing import words
from web.forms.sessions import line_of

MOST_SIGNS = 60_000
MOST_SAID = 50
"""Faults named one by one; of more nobody reads any."""
MOST_KEPT = 400
"""Lines put back to be corrected: more than may be sent at once."""


def people_words(count: int) -> str:
    return ngettext("%(n)s person", "%(n)s people", count) % {"n": count}


def _why_not(email: str) -> str:
    """What is wrong with an address that nobody is known by; empty for one that can be used."""
    try:
        checked(email)
    except Unusable as why:
        return str(why)
    return ""


class AddressesForm(parts.Form):
    """One box for addresses in any usual form; those that can't be used stay in it, to be corrected."""

    addresses = parts.Words(
        label=lazy("Addresses"),
        required=False,
        rows=4,
        max_length=MOST_SIGNS,
        help_text=lazy(
            "As you have them: one per line, with commas or semicolons, with names or without, or copied from a "
            "spreadsheet."
        ),
    )
    pasted: Pasted

    def clean_addresses(self) -> str:
        text: str = self.cleaned_data["addresses"]
        try:
            self.pasted = read_any(text)
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from error
        if self.pasted.is_cut:
            raise forms.ValidationError(words(Refused("too_many", most=MOST_AT_ONCE)))
        return text

    def stays(self, bad: Iterable[BadAddress]) -> None:
        """Leaves the bad ones only in the box, numbered as they now stand in it, each with what is wrong; of very many
        the first, and how many they are."""
        lines = list(bad)
        self._keeps("\n".join(one.text for one in lines[:MOST_KEPT]))
        for number, one in enumerate(lines[:MOST_SAID], 1):
            self.add_error("addresses", line_of(BadAddress(number, one.text, one.why)))
        if len(lines) > MOST_SAID:
            words_ = _(
                "%(all)s pieces can’t be used: the first %(said)s are named, the first %(kept)s stay here."
            )
            counts = {"all": len(lines), "said": MOST_SAID, "kept": min(len(lines), MOST_KEPT)}
            self.add_error("addresses", words_ % counts)

    def _keeps(self, text: str) -> None:
        self.data = self.data.copy() if hasattr(self.data, "copy") else dict(self.data)
        self.data["addresses"] = text


class InviteForm(AddressesForm):
    """Addresses, a list as a file, the people of an earlier session, saved groups: all that is given counts."""

    file = forms.FileField(
        label=lazy("A list as a file (CSV)"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
        help_text=lazy(
            "With or without column heads: email, name, language, organisation. Saved from any spreadsheet, at most "
            "256 KB and 300 rows."
        ),
    )
    earlier = forms.ChoiceField(label=lazy("The people of an earlier session"), required=False)
    groups = parts.PickSeveralField(label=lazy("Saved groups"), required=False)

    def __init__(self, *args: Any, session: Session, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sessions = {one.session.code: one for one in circles.earlier(session, person)}
        self.kept: dict[str, Group] = {group.code: group for group in circles.groups_of(person)}
        self._choice("earlier").choices = [("", _("None")), *self._earlier()]
        self._choice("groups").choices = [
            (code, f"{group.name} · {people_words(group.size)}")  # type: ignore[attr-defined]  # annotated
            for code, group in self.kept.items()
        ]

    @property
    def has_more(self) -> bool:
        """Whether the other ways have to be in sight."""
        return any(self[name].value() or self[name].errors for name in ("file", "earlier", "groups"))

    @property
    def more_words(self) -> str:
        """The other ways that there are: no session is promised where none can be chosen."""
        found = [_("A list as a file")]
        if self.sessions:
            found.append(_("an earlier session"))
        if self.kept:
            found.append(_("a saved group"))
        return ", ".join(found)

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def _earlier(self) -> Iterable[tuple[str, str]]:
        language = saying.plain(get_language() or "en")
        for code, one in self.sessions.items():
            title = saying.said(one.session, "title", language)[0]
            day = saying.short_day(one.session.starts_at, one.session.timezone, language)
            year = saying.local(one.session.starts_at, one.session.timezone).year
            said = ngettext("%(n)s invited", "%(n)s invited", one.invited) % {"n": one.invited}
            yield f"{code}:{circles.INVITED}", f"{day} {year} · {title} · {said}"
            if one.present:
                said = ngettext("%(n)s present", "%(n)s present", one.present) % {"n": one.present}
                yield f"{code}:{circles.PRESENT}", f"{day} {year} · {title} · {said}"

    def clean_file(self) -> Pasted:
        given = self.cleaned_data["file"]
        if given is None:
            return Pasted()
        try:
            listed = guestlist.read_list(given.read(guestlist.MOST_OCTETS + 1))
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from error
        if listed.is_cut:
            raise forms.ValidationError(words(Refused("too_many", most=MOST_AT_ONCE)))
        return listed

    def gathered(self) -> Pasted:
        """All ways together, each address once; only of a valid form."""
        whole = Pasted(list(self.pasted.good), list(self.pasted.bad), list(self.pasted.twice))
        whole.seen = {address.email for address in whole.good}
        listed: Pasted = self.cleaned_data["file"]
        whole.bad += listed.bad
        whole.twice += listed.twice
        whole.respelt = [*self.pasted.respelt, *listed.respelt]
        for address in [*listed.good, *self._together()]:
            whole.add(address)
        return whole

    def _together(self) -> Iterable[Address]:
        code, _colon, which = self.cleaned_data["earlier"].partition(":")
        if code:
            yield from circles.addresses_of(circles.people_of(self.sessions[code].session, which))
        for code in self.cleaned_data["groups"]:
            yield from circles.addresses_of(circles.members(self.kept[code]))


class SendForm(AddressesForm):
    """What the review sends. Its rows travelled through the page: each is an address that could be typed, or one of
    somebody known whose address is odder than that, or stands among `lost`."""

    rows = forms.CharField(widget=forms.HiddenInput, required=False, max_length=400_000)
    is_over_meant = forms.BooleanField(label=lazy("Invite anyway"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lost: list[BadAddress] = []

    def clean_rows(self) -> list[Address]:
        if not self.cleaned_data["rows"]:
            return []
        try:
            rows = guestlist.read_again(self.cleaned_data["rows"]).good
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from error
        whys = {address.email: why for address in rows if (why := _why_not(address.email))}
        known = acquaintance.known(whys) if whys else {}
        self.lost = [
            BadAddress(address.line, address.email, whys[address.email])
            for address in rows
            if address.email in whys and address.email not in known
        ]
        lost = {one.text for one in self.lost}
        return [address for address in rows if address.email not in lost]

    @property
    def bad(self) -> list[BadAddress]:
        """What can't be used of the rows and of what is written beside them; only of a valid form."""
        return [*self.lost, *self.pasted.bad]

    def names_lost(self) -> None:
        """Adds rows that can't be used to what is written beside them, where the page comes back as it was sent."""
        if not self.lost:
            return
        written = [str(self.data.get("addresses", "")), *(one.text for one in self.lost)]
        self._keeps("\n".join(filter(None, written)))
        for one in self.lost[:MOST_SAID]:
            self.add_error("addresses", line_of(one))

    def addressed(self) -> list[Address]:
        """All rows, new people in the language chosen for them and by the name typed for them."""
        rows: list[Address] = self.cleaned_data["rows"]
        return [replace(one, language=self._language(one), name=self._name(one)) for one in rows]

    def _name(self, address: Address) -> str:
        field = f"name-{address.line}"
        return as_typed(str(self.data[field])) if field in self.data else address.name

    def typed(self) -> set[str]:
        """The addresses beside which a name could be typed: the field stays."""
        rows: list[Address] = self.cleaned_data.get("rows") or []
        return {address.email for address in rows if f"name-{address.line}" in self.data}

    def _language(self, address: Address) -> str:
        chosen = str(self.data.get(f"language-{address.line}", ""))
        return chosen if chosen in Language.values else address.language

    def ticked(self) -> set[str]:
        """Addresses; names that stand in no row change nothing."""
        given = self.data.getlist("to") if hasattr(self.data, "getlist") else self.data.get("to", [])
        return {str(email).lower() for email in given[: 2 * MOST_AT_ONCE]}
