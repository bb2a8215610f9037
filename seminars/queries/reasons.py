"""Reasons in the reader's language: those that the program itself writes into the ledger, and why a letter did not
arrive, by what a mail server says in an enhanced status code (RFC 3463)."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

OWN = (
    "seen in the video by the trainer",
    "was not in the room, says whoever hosts",
    "signed in the room as a walk-in; whoever hosts says that it is this person",
)
"""As the actions write them into the ledger."""
ENHANCED = re.compile(r"(?<![\d.])([45])\.(\d{1,3}\.\d{1,3})(?![\d.])")
WORDS: dict[str, str | Promise] = {
    "1.1": _("This address does not exist."),
    "1.2": _("There is no such mail domain: what stands behind the @ is misspelt."),
    "1.3": _("This address is written in a form that no mail server takes."),
    "1.6": _("This person has moved to another address."),
    "1.10": _("This address does not exist."),
    "2.1": _("This mailbox is closed."),
    "2.2": _("The mailbox is full."),
    "2.3": _("The letter is too large for this mailbox."),
    "3.4": _("The letter is too large for this mail server."),
    "4.1": _("The mail server of this address does not answer."),
    "4.4": _("The mail domain of this address names no mail server."),
    "4.7": _("The mail server of this address did not take the letter for days."),
    "7.1": _("The mail server of this address does not accept our letters."),
    "7.26": _("The mail server of this address does not accept our letters."),
}
GREY = _("The mail server of this address asks us to come later.")
"""4.7.x: a greylist, or too many letters at once."""


def said(written: str) -> str:
    """A reason of the ledger: ours in the active language, somebody's as it was written."""
    return gettext(written) if written in OWN else written


def reason(answer: str) -> str:
    """In the reader's language; empty where the answer has no code that we know: then its own words say it."""
    for kind, detail in ENHANCED.findall(answer):
        if kind == "4" and detail.startswith("7."):
            return str(GREY)
        if detail in WORDS:
            return str(WORDS[detail])
    return ""
