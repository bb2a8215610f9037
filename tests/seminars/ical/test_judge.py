"""The judge finds each of these faults, which parsers let pass, and none where there is none."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from seminars.ical.entry import Attendee, Entry, Organizer
from seminars.ical.imip import compose
from seminars.ical.lines import folded
from seminars.ical.rules import Rule
from seminars.ical.writer import feed, message
from tests.judge import History, judge_feed, judge_mail, judge_message

ROME = ZoneInfo("Europe/Rome")
STAMP = datetime(2027, 1, 10, 8, tzinfo=UTC)
ENTRY = Entry(
    uid="6f1c6a5e-0d7c-4c0e-9f0a-3d1b1f0a7c12@viso.example",
    sequence=1,
    stamp=STAMP,
    created=STAMP,
    modified=STAMP,
    start=datetime(2027, 2, 3, 9, tzinfo=ROME),
    end=datetime(2027, 2, 3, 12, tzinfo=ROME),
    summary="Accompagner la coopération, première demi-journée à Turin et à Chambéry",
    description="Riga 1\nC:\\ fine; due, tre",
    url="https://viso.example/sessions/K7Q2",
    conference="https://viso.example/join/K7Q2",
    organizer=Organizer("sessions+k3v9@viso.example", "Viso"),
    attendees=(Attendee("anna.rossi@example.org", "Rossi, Anna"),),
)
SERIES = replace(ENTRY, rrule=Rule(freq="WEEKLY", until=datetime(2027, 2, 17, 8, tzinfo=UTC), byday=("WE",)))
SERIES = replace(SERIES, exdates=(datetime(2027, 2, 10, 9, tzinfo=ROME),))
ONE = replace(ENTRY, recurrence_id=datetime(2027, 2, 17, 9, tzinfo=ROME), sequence=2)
REQUEST, WEEKLY = message(ENTRY), message(SERIES)
CANCEL = message(replace(ENTRY, status="CANCELLED"), "CANCEL")
BOTH = message([SERIES, ONE])
FEED = feed([ENTRY.without_people()], name="Viso", zone="Europe/Rome", source="https://viso.example/c.ics")
ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VEVENT"


def swapped(data: bytes, *pairs: tuple[str, str]) -> bytes:
    """With other words, folded anew; fails where the words are not there."""
    text = data.replace(b"\r\n ", b"").decode()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return b"".join(folded(line) for line in text.split("\r\n")[:-1])


def split_inside_a_character(data: bytes) -> bytes:
    at = data.index("é".encode()) + 1
    return data[:at] + b"\r\n " + data[at:]


OBJECTS = {
    "line ends LF": (REQUEST.replace(b"\r\n", b"\n"), "octets: a line end"),
    "no last CRLF": (REQUEST.removesuffix(b"\r\n"), "octets: no CRLF"),
    "byte order mark": (b"\xef\xbb\xbf" + REQUEST, "octets: a byte order mark"),
    "a long line": (REQUEST.replace(b"\r\n ", b""), "octets: a line of"),
    "a fold inside a character": (split_inside_a_character(REQUEST), "octets: a fold inside"),
    "Latin-1": (REQUEST.replace("é".encode(), b"\xe9"), "octets: not UTF-8"),
    "an empty line": (REQUEST.replace(b"BEGIN:VEVENT", b"\r\nBEGIN:VEVENT"), "octets: an empty line"),
    "a control character": (swapped(REQUEST, ("Turin", "Tur\x07in")), "octets: a control"),
    "an unescaped comma": (swapped(REQUEST, ("coopération\\, ", "coopération, ")), "text: an unescaped sign"),
    "a broken escape": (swapped(REQUEST, ("Turin", "Tur\\in")), "text: a broken escape"),
    "an escaped address": (swapped(REQUEST, ("URL:https:", "URL:https\\:")), "address: an escape"),
    "CN without quotes": (swapped(REQUEST, ('"Rossi, Anna"', "Rossi: Anna")), "people: ATTENDEE is not"),
    "SENT-BY without quotes": (
        swapped(REQUEST, ("ORGANIZER;", "ORGANIZER;SENT-BY=mailto:a@b.example;")),
        "people: ORGANIZER is not",
    ),
    "a name in mailto": (
        swapped(REQUEST, ("mailto:anna.rossi@example.org", "mailto:Anna <anna.rossi@example.org>")),
        "people: ATTENDEE",
    ),
    "no zone": (
        swapped(REQUEST, ("TZID:Europe/Rome", "TZID:Europe/Turin")),
        "zones: no VTIMEZONE for Europe/Rome",
    ),
    "spring an hour late": (
        swapped(REQUEST, ("19700329T020000", "19700329T030000")),
        "zones: Europe/Rome is wrong at 2027-03-28 01:00",
    ),
    "autumn an hour early": (
        swapped(REQUEST, ("19701025T030000", "19701025T020000")),
        "zones: Europe/Rome is wrong at 2027-10-31 00:00",
    ),
    "changes as dates": (
        swapped(REQUEST, ("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "RDATE:20270328T020000")),
        "zones: changes without a rule",
    ),
    "a floating time": (
        swapped(REQUEST, ("DTSTART;TZID=Europe/Rome:2027", "DTSTART:2027")),
        "time: DTSTART floats",
    ),
    "UTC as a zone": (
        swapped(REQUEST, ("DTSTART;TZID=Europe/Rome:", "DTSTART;TZID=UTC:")),
        "time: DTSTART names UTC",
    ),
    "the end first": (swapped(REQUEST, ("20270203T120000", "20270203T080000")), "time: the end is not after"),
    "a skipped hour": (swapped(REQUEST, ("20270203T090000", "20270328T023000")), "time: DTSTART is skipped"),
    "DTSTAMP in local time": (
        swapped(REQUEST, ("DTSTAMP:20270110T080000Z", "DTSTAMP:20270110T080000")),
        "time",
    ),
    "UNTIL in local time": (
        swapped(WEEKLY, ("T080000Z;BY", "T090000;BY")),
        "recurrence: UNTIL is not in UTC",
    ),
    "COUNT=1": (swapped(WEEKLY, ("UNTIL=20270217T080000Z", "COUNT=1")), "recurrence: COUNT=1"),
    "COUNT and UNTIL": (swapped(WEEKLY, (";BYDAY=WE", ";COUNT=3;BYDAY=WE")), "recurrence: COUNT and UNTIL"),
    "a start beside its rule": (swapped(WEEKLY, ("BYDAY=WE", "BYDAY=TH")), "recurrence: DTSTART is no"),
    "EXDATE in UTC": (
        swapped(WEEKLY, ("EXDATE;TZID=Europe/Rome:20270210T090000", "EXDATE:20270210T080000Z")),
        "recurrence: EXDATE is not in the form",
    ),
    "two dates in one EXDATE": (
        swapped(WEEKLY, (":20270210T090000", ":20270210T090000,20270217T090000")),
        "time: several values",
    ),
    "EXDATE beside the rule": (
        swapped(WEEKLY, ("0210T09", "0211T09")),
        "recurrence: EXDATE is no occurrence",
    ),
    "RECURRENCE-ID in another form": (
        swapped(BOTH, ("RECURRENCE-ID;TZID=Europe/Rome:20270217T090000", "RECURRENCE-ID:20270217T080000Z")),
        "series: RECURRENCE-ID is not in the zone",
    ),
    "RECURRENCE-ID of an excluded day": (
        swapped(BOTH, ("RECURRENCE-ID;TZID=Europe/Rome:20270217", "RECURRENCE-ID;TZID=Europe/Rome:20270210")),
        "series: RECURRENCE-ID is no occurrence",
    ),
    "an occurrence below": (swapped(BOTH, ("SEQUENCE:1", "SEQUENCE:5")), "series: an occurrence below"),
    "two UIDs": (BOTH.replace(b"UID:6f", b"UID:7f", 1), "itip: more than one UID"),
    "two attendees": (
        swapped(REQUEST, ("\r\nEND:VEVENT", "\r\nATTENDEE;ROLE=CHAIR:mailto:b@example.org\r\nEND:VEVENT")),
        "itip: not exactly one ATTENDEE",
    ),
    "no RSVP": (swapped(REQUEST, (";RSVP=TRUE", "")), "itip: a REQUEST that asks for no answer"),
    "an unknown PARTSTAT": (swapped(REQUEST, ("NEEDS-ACTION", "MAYBE")), "people: an unknown PARTSTAT"),
    "no ORGANIZER": (swapped(REQUEST, ("ORGANIZER;CN=Viso", "X-ORGANIZER;CN=Viso")), "itip: no ORGANIZER"),
    "METHOD:PUBLISH": (swapped(REQUEST, ("METHOD:REQUEST", "METHOD:PUBLISH")), "itip: METHOD 'PUBLISH'"),
    "a REQUEST that is cancelled": (
        swapped(REQUEST, ("STATUS:CONFIRMED", "STATUS:CANCELLED")),
        "itip: a REQUEST whose STATUS",
    ),
    "two SUMMARYs": (
        swapped(REQUEST, ("\r\nEND:VEVENT", "\r\nSUMMARY:x\r\nEND:VEVENT")),
        "event: SUMMARY twice",
    ),
    "a CANCEL that rings": (swapped(CANCEL, ("END:VEVENT", ALARM)), "itip: a CANCEL with a reminder"),
    "a CANCEL with SEQUENCE 0": (
        swapped(CANCEL, ("SEQUENCE:1", "SEQUENCE:0")),
        "itip: a CANCEL with SEQUENCE",
    ),
    "a video key": (
        swapped(REQUEST, ("/join/K7Q2", "/join/K7Q2?jwt=eyJhbGciOiJIUzI1NiJ9.x")),
        "links: a key",
    ),
    "features in quotes": (
        swapped(REQUEST, ("FEATURE=AUDIO,VIDEO", 'FEATURE="AUDIO,VIDEO"')),
        "links: CONFERENCE lacks",
    ),
    "no link on the first line": (
        swapped(REQUEST, ("DESCRIPTION;LANGUAGE=fr:", "DESCRIPTION;LANGUAGE=fr:Ici\\n")),
        "links: the first line",
    ),
}
FEEDS = {
    "a feed that asks": (swapped(FEED, ("CALSCALE", "METHOD:REQUEST\r\nCALSCALE")), "feed: a METHOD"),
    "a feed with names": (
        swapped(FEED, ("\r\nEND:VEVENT", "\r\nATTENDEE;ROLE=CHAIR:mailto:b@example.org\r\nEND:VEVENT")),
        "feed: somebody is named",
    ),
    "REFRESH-INTERVAL without its kind": (swapped(FEED, (";VALUE=DURATION", "")), "feed: REFRESH-INTERVAL"),
    "SOURCE without its kind": (swapped(FEED, ("SOURCE;VALUE=URI", "SOURCE")), "feed: SOURCE"),
    "a length without its T": (swapped(FEED, ("X-PUBLISHED-TTL:PT1H", "X-PUBLISHED-TTL:P1H")), "feed: X-PUB"),
    "a colour in hex": (swapped(FEED, ("CALSCALE", "COLOR:#aa0000\r\nCALSCALE")), "feed: COLOR"),
    "DTSTAMP of now": (swapped(FEED, ("DTSTAMP:20270110", "DTSTAMP:20270111")), "feed: DTSTAMP"),
    "the same entry twice": (
        FEED.replace(b"END:VCALENDAR\r\n", FEED[FEED.index(b"BEGIN:VEVENT") :]),
        "calendar: the same UID",
    ),
}
MAIL = compose(
    sender=("Viso", "sessions+k3v9@viso.example"),
    recipient=("Anna Rossi", "anna.rossi@example.org"),
    subject="Invitation : Accompagner la coopération",
    text="Bonjour",
    html="<p>Bonjour</p>",
    message_id="<1@viso.example>",
    date=STAMP,
    language="fr",
    calendar=REQUEST,
    method="REQUEST",
)
COPY = MAIL.rindex(base64.b64encode(REQUEST)[:76])
OTHER = base64.b64encode(REQUEST.replace(b"SEQUENCE:1", b"SEQUENCE:2"))
LINES = b"\r\n".join(OTHER[at : at + 76] for at in range(0, len(OTHER), 76))
MAILS = {
    "no method": (MAIL.replace(b" method=REQUEST;", b""), "tree: the method parameter"),
    "method in lower case": (
        MAIL.replace(b"method=REQUEST", b"method=request"),
        "tree: the method parameter",
    ),
    "another method": (MAIL.replace(b"method=REQUEST", b"method=CANCEL"), "tree: the method parameter"),
    "charset twice": (MAIL.replace(b"; method", b"; charset=UTF-8; method"), "tree: a parameter twice"),
    "a disposition inside": (
        MAIL.replace(b"component=VEVENT\r\n", b"component=VEVENT\r\nContent-Disposition: attachment\r\n"),
        "tree: a disposition",
    ),
    "another copy": (MAIL[:COPY] + LINES + MAIL[COPY + len(LINES) :], "tree: the copy is another"),
    "no copy": (MAIL.replace(b"application/ics", b"application/pdf"), "tree: no copy"),
    "HTML first": (
        MAIL.replace(b"text/plain", b"text/x")
        .replace(b"text/html", b"text/plain")
        .replace(b"text/x", b"text/html"),
        "tree: multipart/alternative of",
    ),
    "8 bit": (MAIL.replace(b"Encoding: base64", b"Encoding: 8bit"), "tree: text/plain is not in base64"),
    "LF in a mail": (MAIL.replace(b"\r\n", b"\n"), "mail: a line end"),
    "bare UTF-8": (MAIL.replace(b"Subject: ", "Subject: é".encode()), "mail: octets"),
    "a long line of a mail": (MAIL.replace(b"Viso", b"V" * 1000, 1), "mail: a line over"),
    "two recipients": (
        MAIL.replace(b"To: Anna Rossi", b"To: b@example.org, Anna Rossi"),
        "mail: To is not one mailbox",
    ),
    "a copy to somebody": (MAIL.replace(b"To: ", b"Cc: b@example.org\r\nTo: "), "mail: Cc"),
    "another recipient": (MAIL.replace(b"anna.rossi", b"anna.bianchi"), "mail: To is not the ATTENDEE"),
    "another sender": (MAIL.replace(b"sessions+k3v9", b"sessions+aaaa"), "mail: From is not the ORGANIZER"),
    "no Date": (MAIL.replace(b"Date: ", b"X-Date: "), "mail: Date is not there once"),
    "no Message-ID": (MAIL.replace(b"Message-ID: ", b"X-ID: "), "mail: Message-ID"),
    "not automatic": (MAIL.replace(b"auto-generated", b"no"), "mail: not marked"),
    "a split encoded word": (
        MAIL.replace(b"Subject: ", b"Subject: =?utf-8?b?w6k=?= =?utf-8?b?ww==?="),
        "mail: an encoded word that splits",
    ),
    "an unsubscribing without POST": (
        MAIL.replace(b"To: ", b"List-Unsubscribe: <https://viso.example/x>\r\nTo: "),
        "mail: List-Unsubscribe",
    ),
}
NEXT = {
    "the same DTSTAMP": ({"stamp": STAMP}, "history: DTSTAMP does not rise"),
    "SEQUENCE falls": ({"sequence": 0}, "history: SEQUENCE fell"),
    "moved under the same SEQUENCE": ({"end": ENTRY.end + timedelta(hours=1)}, "history: another time"),
    "another place under the same SEQUENCE": ({"location": "Sala 2"}, "history: another place"),
    "another status under the same SEQUENCE": ({"status": "TENTATIVE"}, "history: another status"),
    "another ORGANIZER": (
        {"organizer": Organizer("sessions+x@viso.example", "Viso")},
        "history: another ORG",
    ),
    "LAST-MODIFIED goes back": ({"modified": STAMP - timedelta(1)}, "history: LAST-MODIFIED went back"),
    "another CREATED": ({"created": STAMP - timedelta(1)}, "history: CREATED changed"),
}


def test_what_is_sound_is_let_pass():
    assert [judge_message(data)[1] for data in (REQUEST, WEEKLY, CANCEL, BOTH)] == [[]] * 4
    assert judge_feed(FEED)[1] == judge_mail(MAIL).faults == []


def test_there_are_enough_of_them():
    assert len(OBJECTS) + len(FEEDS) + len(MAILS) + len(NEXT) >= 80


@pytest.mark.parametrize(("broken", "fault"), OBJECTS.values(), ids=OBJECTS)
def test_a_broken_object_is_found(broken, fault):
    assert any(found.startswith(fault) for found in judge_message(broken)[1])


@pytest.mark.parametrize(("broken", "fault"), FEEDS.values(), ids=FEEDS)
def test_a_broken_feed_is_found(broken, fault):
    assert any(found.startswith(fault) for found in judge_feed(broken)[1])


@pytest.mark.parametrize(("broken", "fault"), MAILS.values(), ids=MAILS)
def test_a_broken_mail_is_found(broken, fault):
    assert broken != MAIL
    assert any(found.startswith(fault) for found in judge_mail(broken).faults)


@pytest.mark.parametrize(("changes", "fault"), NEXT.values(), ids=NEXT)
def test_a_message_that_can_not_follow_is_found(changes, fault):
    history = History()
    first, _ = judge_message(REQUEST)
    second, _ = judge_message(message(replace(ENTRY, **({"stamp": STAMP + timedelta(hours=1)} | changes))))
    assert history.judge("anna.rossi@example.org", first) == []
    assert any(found.startswith(fault) for found in history.judge("anna.rossi@example.org", second))


def test_one_organizer_for_two_recipients_is_found():
    history = History()
    calendar, _ = judge_message(REQUEST)
    assert history.judge("anna.rossi@example.org", calendar) == []
    assert history.judge("piero@example.org", calendar) == ["history: one ORGANIZER for two recipients"]


def test_a_cancel_under_the_old_sequence_is_found():
    history = History()
    later = swapped(CANCEL, ("DTSTAMP:20270110", "DTSTAMP:20270111"))
    first, second = (judge_message(data)[0] for data in (REQUEST, later))
    assert history.judge("anna.rossi@example.org", first) == []
    assert history.judge("anna.rossi@example.org", second) == ["history: a CANCEL without a higher SEQUENCE"]


def test_the_same_octets_once_more_are_no_new_message():
    history = History()
    assert [history.is_new(data) for data in (MAIL, MAIL, REQUEST)] == [True, False, True]
