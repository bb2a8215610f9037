"""A person's own archive: a ZIP with all that is held about her, her minutes as a table, and a page of words."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from seminars.exchange.cells import safe
from web.spreadsheet import BOM, SEPARATOR

COLUMNS = ("code", "title_fr", "title_it", "starts_at", "ends_at", "role", "minutes", "percent")


def archive(everything: Mapping[str, Any]) -> bytes:
    """The ZIP of what `queries.owndata.everything` tells, with its words in the active language."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr(_("READ-ME") + ".txt", _read_me())
        whole.writestr("data.json", json.dumps(everything, ensure_ascii=False, indent=1, default=str))
        whole.writestr("minutes.csv", _minutes(everything["minutes"]))
    return out.getvalue()


def _minutes(rows: Iterable[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=SEPARATOR, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([safe(cell) if isinstance(cell := row[name], str) else cell for name in COLUMNS])
    return BOM + out.getvalue()


def _read_me() -> str:
    lines = [
        _("This archive holds all that Viso keeps about you, and nothing about anybody else."),
        _(
            "data.json: every row that is about you, by its table; of what you did for others, what it was and when."
        ),
        _("minutes.csv: your minutes of each session, as its sheet counts them."),
        _("Left out: keys, which open something, and the text of mails, which you have received."),
        _("Answers to the form at the end of a session bear no name: nobody can find yours."),
        _("Questions: %(name)s, %(address)s.")
        % {"name": settings.CONTACT["name"], "address": settings.CONTACT["email"]},
    ]
    return "\r\n".join([*lines, ""])


def count(everything: Mapping[str, Any]) -> int:
    """How many rows are in it."""
    return sum(len(rows) for rows in everything["rows"].values())
