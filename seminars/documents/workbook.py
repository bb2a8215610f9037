"""The same rows as XLSX: a text stays a text, whatever it begins with; a number is a number."""

import io
import re
from datetime import datetime

import xlsxwriter

from seminars.documents.tabular import tables
from seminars.queries.sheets import Sheet

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLAIN = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
MOST = 32_767
"""Characters of one cell."""
WHEN = "yyyy-mm-dd hh:mm:ss"
"""How a moment shows; a spreadsheet reckons with it as with a number."""
UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold."""


def workbook(sheet: Sheet, language: str, *, at: datetime) -> bytes:
    """A file with a page for the session, its people, and every entry and exit; `at` is when it was made."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, PLAIN)
    book.set_properties(
        {"created": at.replace(tzinfo=None), "author": sheet.about.host_fr or sheet.about.host_it}
    )
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    cell = book.add_format({"valign": "top"})
    when = book.add_format({"valign": "top", "num_format": WHEN, "align": "left"})
    for name, rows in tables(sheet, language):
        page = book.add_worksheet(name[:31])
        page.freeze_panes(1, 1)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.repeat_rows(0)
        page.set_column(0, 0, 28)
        page.set_column(1, len(rows[0]) - 1, 18)
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                shape = cell if y else head
                if isinstance(value, datetime):
                    page.write_datetime(y, x, value, when)
                elif isinstance(value, int):
                    page.write_number(y, x, value, shape)
                else:
                    page.write_string(y, x, UNWANTED.sub("", value)[:MOST], shape)
    book.close()
    return out.getvalue()
