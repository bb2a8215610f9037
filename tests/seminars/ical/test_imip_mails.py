"""The mail around the calendar: tree, parameters, bytes, and the slow form as its reference."""

import base64
import email
import email.policy
import re
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.mime.base import MIMEBase
from email.utils import parseaddr

import pytest
from django.core.mail import EmailMultiAlternatives, SafeMIMEMultipart
from hypothesis import given, settings
from hypothesis import strategies as st

from seminars.ical.imip import compose
from seminars.ical.writer import message

TEXT = "Bonjour Anna,\nvoici l'invitation – à bientôt.\r\n" + "mot " * 100
HTML = "<p>Bonjour Anna,</p>\n<p>à bientôt</p>"
LETTER = {
    "sender": ("Viso – séances", "sessions+k3v9@viso.example"),
    "recipient": ("Anna Rossi", "anna.rossi@example.org"),
    "subject": "Invitation : accompagner la coopération transfrontalière, première demi-journée",
    "text": TEXT,
    "html": HTML,
    "message_id": "<6f1c6a5e.0@viso.example>",
    "date": datetime(2027, 1, 10, 8, 0, tzinfo=UTC),
    "language": "fr",
}
WITH_CALENDAR = [
    "multipart/mixed",
    "multipart/alternative",
    "text/plain",
    "text/html",
    "text/calendar",
    "application/ics",
]


def read(data):
    return email.message_from_bytes(data, policy=email.policy.default)


@pytest.fixture
def make_mail(make_invitation):
    """An invitation mail; arguments of `compose` by keyword."""

    def make(**changes):
        calendar = {"calendar": message(make_invitation()), "method": "REQUEST"}
        return compose(**(LETTER | calendar | changes))

    return make


def assert_bytes_of_a_mail(data):
    assert data.endswith(b"--\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert data.isascii()
    head, _, body = data.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 76
    coded = [line for line in body.split(b"\r\n") if re.fullmatch(rb"[A-Za-z0-9+/]+=*", line)]
    assert max(map(len, coded)) <= 76


def test_an_invitation_has_the_tree_that_clients_expect(make_mail):
    data = make_mail()
    assert_bytes_of_a_mail(data)
    mail = read(data)
    assert [part.get_content_type() for part in mail.walk()] == WITH_CALENDAR
    mixed = list(mail.iter_parts())
    assert [part.get_content_type() for part in mixed] == ["multipart/alternative", "application/ics"]
    for part in mail.walk():
        assert not part.defects
        if not part.is_multipart():
            assert part["Content-Transfer-Encoding"] == "base64"


def test_the_calendar_part_is_an_alternative_and_its_copy_a_file(make_mail, make_invitation):
    mail = read(make_mail())
    inline, copy = list(mail.walk())[4:]
    assert (
        b"\r\nContent-Type: text/calendar; charset=UTF-8; method=REQUEST; component=VEVENT\r\n" in make_mail()
    )
    assert dict(inline["Content-Type"].params) == {
        "charset": "UTF-8",
        "method": "REQUEST",
        "component": "VEVENT",
    }
    assert inline["Content-Disposition"] is None
    assert copy.get_content_disposition() == "attachment"
    assert copy.get_filename() == copy["Content-Type"].params["name"] == "invite.ics"
    written = message(make_invitation())
    assert inline.get_payload(decode=True) == copy.get_payload(decode=True) == written


def test_a_letter_without_a_calendar_is_text_and_html():
    data = compose(**LETTER)
    assert_bytes_of_a_mail(data)
    mail = read(data)
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    text, html = (part.get_payload(decode=True).decode() for part in list(mail.walk())[1:])
    assert text == TEXT.replace("\r\n", "\n").replace("\n", "\r\n")
    assert html == HTML.replace("\n", "\r\n")


def test_the_headers_say_who_when_and_that_a_machine_wrote(make_mail):
    mail = read(
        make_mail(headers=[("X-Auto-Response-Suppress", "All")], reply_to=("Équipe", "team@viso.example"))
    )
    assert mail["From"] == "Viso – séances <sessions+k3v9@viso.example>"
    assert mail["To"] == "Anna Rossi <anna.rossi@example.org>"
    assert mail["Reply-To"] == "Équipe <team@viso.example>"
    assert mail["Subject"] == LETTER["subject"]
    assert mail["Date"].datetime == LETTER["date"]
    assert mail["Message-ID"] == LETTER["message_id"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "fr"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["MIME-Version"] == "1.0"
    assert len(mail.keys()) == len(set(mail.keys()))


def test_a_retry_sends_the_same_bytes_and_another_letter_other_boundaries(make_mail):
    assert make_mail() == make_mail()
    first, second = read(make_mail()), read(make_mail(message_id="<6f1c6a5e.1@viso.example>"))
    assert first.get_boundary() != second.get_boundary()
    inner = next(first.iter_parts()).get_boundary()
    assert inner != first.get_boundary()
    assert not first.get_boundary().startswith(inner)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Anna Rossi",
        'Anna "Prof" Rossi',
        "Rossi, Anna",
        "Dir.: Anna <x@y.example>",
        "Anna\\",
        "Anna 🏔️",
        "é" * 200,
        "=?utf-8?q?x?=",
        "a" * 200,
        "O'Brien",
        "Anna (Torino); ACME",
        "x" * 70,
    ],
)
def test_a_difficult_name_comes_back(name):
    data = compose(**(LETTER | {"recipient": (name, "anna.rossi@example.org")}))
    assert_bytes_of_a_mail(data)
    # Not by the modern policy, which reads a space between two encoded words of one name (RFC 2047, 6.2).
    phrase, address = parseaddr(email.message_from_bytes(data)["To"])
    assert (str(make_header(decode_header(phrase))), address) == (name, "anna.rossi@example.org")


@pytest.mark.parametrize(
    "subject", ["Invito", "", "é" * 300, "a" * 2000, "=?utf-8?b?eA==?=", "🏔️" * 40, "x: y, z; w"]
)
def test_a_difficult_subject_comes_back(subject):
    data = compose(**(LETTER | {"subject": subject}))
    assert_bytes_of_a_mail(data)
    assert read(data)["Subject"] == subject


@settings(derandomize=True, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=150).filter(str.strip))
def test_any_subject_comes_back_from_its_words(subject):
    data = compose(**(LETTER | {"subject": subject}))
    raw = email.message_from_bytes(data)["Subject"]
    words = re.fullmatch(r"(=\?utf-8\?b\?[A-Za-z0-9+/=]*\?=)(\r?\n (=\?utf-8\?b\?[A-Za-z0-9+/=]*\?=))*", raw)
    found = re.findall(r"\?b\?([^?]*)\?=", raw)
    assert (b"".join(map(base64.b64decode, found)).decode() if words else raw) == subject
    for word in found:
        base64.b64decode(word).decode("utf-8")


@pytest.mark.parametrize(
    "bad", ["\n", "\r\nBcc: x@y.example", "\x00", "\t", "\x7f", "\x85", "\u2028", "\ud83d"]
)
@pytest.mark.parametrize("field", ["sender", "recipient", "reply_to", "subject", "headers", "message_id"])
def test_a_control_character_is_refused_in_each_header(field, bad):
    values = {
        "sender": (f"Viso{bad}", "sessions@viso.example"),
        "recipient": (f"Anna{bad}", "anna@example.org"),
        "reply_to": (f"Viso{bad}", "sessions@viso.example"),
        "subject": f"Invito{bad}",
        "headers": [("X-Kind", f"a{bad}")],
        "message_id": f"<a{bad}@viso.example>",
    }
    with pytest.raises(ValueError, match=f"^{field}: "):
        compose(**(LETTER | {field: values[field]}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sender", ("Viso", "sessions@viso.example\r\nBcc: x@y.example")),
        ("recipient", ("Anna", "anna@example.org, x@y.example")),
        ("recipient", ("Anna", "")),
        ("reply_to", ("", "à@example.org")),
        ("message_id", "a@viso.example"),
        ("message_id", "<a>@viso.example>"),
        ("date", datetime(2027, 1, 10)),
        ("language", "fr\r\nX: 1"),
        ("headers", [("Bcc", "x@y.example")]),
        ("headers", [("X Kind", "a")]),
        ("headers", [("subject", "a")]),
        ("method", "REQUEST"),
        ("method", None),
    ],
)
def test_a_letter_names_the_field_it_refuses(make_mail, field, value):
    build = (
        make_mail if (field, value) == ("method", None) else lambda **changes: compose(**(LETTER | changes))
    )
    with pytest.raises(ValueError, match=f"^{field}: "):
        build(**{field: value})


def test_the_mail_and_its_calendar_are_about_the_same_people_and_method(make_mail):
    with pytest.raises(ValueError, match=r"^recipient: not the ATTENDEE"):
        make_mail(recipient=("Piero", "piero@example.org"))
    with pytest.raises(ValueError, match=r"^sender: not the ORGANIZER"):
        make_mail(sender=("Viso", "sessions@viso.example"))
    with pytest.raises(ValueError, match=r"^method: not that of the calendar"):
        make_mail(method="CANCEL")
    with pytest.raises(ValueError, match=r"^method: 'request'"):
        make_mail(method="request")
    assert make_mail(recipient=("Anna", "Anna.Rossi@Example.org"))


class Invitation(EmailMultiAlternatives):
    """The same mail by Django's own classes: slow, and the reference for ours."""

    def __init__(self, *args, calendar, method, **kwargs):
        super().__init__(*args, **kwargs)
        self.calendar, self.method = calendar, method

    def _create_alternatives(self, msg):
        msg = super()._create_alternatives(msg)
        parameters = {"charset": "UTF-8", "method": self.method, "component": "VEVENT"}
        msg.attach(self._ics(MIMEBase("text", "calendar", **parameters)))
        return msg

    def _create_attachments(self, msg):
        mixed = SafeMIMEMultipart(_subtype="mixed", encoding="utf-8")
        mixed.attach(msg)
        copy = self._ics(MIMEBase("application", "ics", name="invite.ics"))
        copy.add_header("Content-Disposition", "attachment", filename="invite.ics")
        mixed.attach(copy)
        return mixed

    def _ics(self, part):
        part.set_payload(base64.encodebytes(self.calendar).decode("ascii"))
        part["Content-Transfer-Encoding"] = "base64"
        return part


def test_the_fast_form_is_the_slow_form(make_mail, make_invitation):
    calendar = message(make_invitation())
    slow = Invitation(
        LETTER["subject"],
        LETTER["text"],
        "Viso – séances <sessions+k3v9@viso.example>",
        ["Anna Rossi <anna.rossi@example.org>"],
        headers={
            "Message-ID": LETTER["message_id"],
            "Date": "Sun, 10 Jan 2027 08:00:00 +0000",
            "Auto-Submitted": "auto-generated",
            "Content-Language": "fr",
        },
        calendar=calendar,
        method="REQUEST",
    )
    slow.attach_alternative(LETTER["html"], "text/html")
    theirs, ours = read(slow.message().as_bytes(linesep="\r\n")), read(make_mail())
    assert sorted(theirs.keys()) == sorted(ours.keys())
    for name in set(ours.keys()) - {"Content-Type"}:
        assert theirs[name].strip() == ours[name], name
    for their, our in zip(theirs.walk(), ours.walk(), strict=True):
        assert described(their) == described(our)


def described(part):
    parameters = {
        name: value.lower() for name, value in part["Content-Type"].params.items() if name != "boundary"
    }
    body = None if part.is_multipart() else part.get_payload(decode=True).replace(b"\r\n", b"\n")
    return part.get_content_type(), parameters, part.get_content_disposition(), part.get_filename(), body
