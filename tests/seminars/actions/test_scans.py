"""The paper sheet that came back: what a page may be, and the signatures typed from it."""

import struct
import zlib
from datetime import timedelta

import pytest

from seminars.actions import correcting, declaring, scans, sessions
from seminars.errors import Refused
from seminars.evidence import scanning
from seminars.models import PresenceEvent, Scan, Session, TeamMember
from seminars.moments import as_if
from seminars.queries.consistency import findings
from seminars.queries.sheets import sheet
from seminars.vocabulary import Hand, Role, Source
from tests import cast

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
JPEG = b"\xff\xd8\xff\xe0\x00\x04JF\xff\xc0\x00\x05\x08\x00\x01\xff\xda\x00\x03\x01\x11\x22\xff\xd9"


def pdf(more: bytes = b"") -> bytes:
    return b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\n" + more + b"\ntrailer <</Root 1 0 R>>\n%%EOF\n"


HEAD, LEAD = b"/Type /ObjStm /N 1 /First 4", b"3 0 "


def packed(inside: bytes, whole: bool = True, head: bytes = HEAD, lead: bytes = LEAD) -> bytes:
    stream = zlib.compress(lead + inside)
    return (
        (b"2 0 obj <<" + head + b">>\nstream\n") + (stream if whole else stream[:-9]) + b"\nendstream endobj"
    )


DECOY = zlib.compress(b"3 0 <</Type /Page>>")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, scanning.PNG),
        (JPEG, scanning.JPEG),
        (pdf(), scanning.PDF),
        (pdf(packed(b"<</Type /Page>>")), scanning.PDF),
        (pdf(packed(b"<</Type /Page>>") + b" 4 0 obj <</First 5 0 R>> endobj"), scanning.PDF),
        (pdf(b"4 0 obj <</First 5 0 R>> endobj 6 0 obj <<>>\nstream\nxyz\nendstream endobj"), scanning.PDF),
        (JPEG[:-2] + b"\xff\xda\x00\x03\x01\x11\xff\x00\xff\xd0\x22\xff\xff\xd9", scanning.JPEG),
    ],
)
def test_a_page_is_what_its_content_says(content, kind):
    assert scanning.media_type(content) == kind


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<!doctype html><script>alert(1)</script>", "type"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "type"),
        (EICAR, "type"),
        (b"PK\x03\x04" + bytes(60), "type"),
        (b"GIF89a" + bytes(60), "type"),
        (b"%PDF-1.7 and nothing else", "type"),
        (b"<script>%PDF-" + pdf(), "type"),
        (pdf() + b"<script>alert(1)</script>", "type"),
        (pdf() + b"PK\x05\x06" + bytes(18), "type"),
        (PNG[:-2], "type"),
        (PNG + b"<script>", "type"),
        (PNG.replace(b"IDAT", b"IDAU"), "type"),
        (b"\xff\xd8\xff<script>", "type"),
        (JPEG[:6], "type"),
        (pdf(b"3 0 obj <</S /JavaScript /JS (app.alert)>> endobj"), "acts"),
        (pdf(b"3 0 obj <</S /J#61vaScript>> endobj"), "acts"),
        (pdf(b"3 0 obj <</S/Launch>> endobj"), "acts"),
        (pdf(b"3 0 obj <</Names <</EmbeddedFiles 4 0 R>>>> endobj"), "acts"),
        (pdf(packed(b"<</S /JavaScript>>")), "acts"),
        (pdf(packed(b"<</Type /Page>>", whole=False)), "acts"),
        (pdf(packed(b"<</S /JavaScript>>", head=b"/Type /Obj#53tm /N 1 /First 4")), "acts"),
        (pdf(packed(b"<</S /JavaScript>>", head=b"/Type/#4fbjSt#6D/N 1/#46irst 4")), "acts"),
        (pdf(packed(b"<</S /JavaScript>>", head=b"/Type /ObjStm /Pad (" + b"x" * 999 + b")")), "acts"),
        (pdf(packed(b"<</S /JavaScript>>", head=b"/N 1 /First 4")), "acts"),
        (pdf(packed(b"<</S /JavaScript>>", head=b"/Type /ObjStm %stream\n/N 1 /First 4")), "acts"),
        (pdf(packed(b"<</S /JavaScript>>", head=b"/Type /ObjStm %endobj\n/N 1 /First 4")), "acts"),
        (pdf(packed(b"<</S /JavaScript>>", head=b"/Type /ObjStm %stream\n" + DECOY + b"\n/N 1")), "acts"),
        (pdf(b"2 0 obj <</Type /ObjStm /N 1 /First 4>> endobj"), "acts"),
        (pdf(b"2 0 obj <</Type /ObjStm /N 1 /First 4>>"), "acts"),
        (pdf(packed(zlib.compress(b"3 0 <</S /JavaScript>>"), lead=b"")), "acts"),
        (
            pdf(packed(b"33 20 30".hex(" ").encode(), head=b"/Type /ObjStm /Filter [/Fl /ASCIIHe#78Decode]")),
            "acts",
        ),
        (JPEG + b"PK\x03\x04<script>", "type"),
        (JPEG[:-2] + b"\xff\xe1\x00\x09<script>", "type"),
        (JPEG + b"<script>\xff\xd9", "type"),
        (pdf(packed(bytes(scanning.MOST_UNPACKED + 1))), "acts"),
        (pdf(2 * packed(bytes(scanning.MOST_UNPACKED // 2))), "acts"),
        (JPEG[:-2] + b"\xff\xda\x00\x02" * scanning.MOST_SEGMENTS + b"\xff\xd9", "type"),
        (pdf(b"/Encrypt 5 0 R"), "locked"),
    ],
)
def test_whatever_is_not_surely_a_page_or_acts_by_itself_is_not_taken(content, why):
    with pytest.raises(scanning.Unfit) as unfit:
        scanning.media_type(content)
    assert unfit.value.why == why


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/x.pdf", "x.pdf"),
        ("C:\\scans\\feuille.pdf", "feuille.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("n\r\nX: y", "nX: y"),
        ("  ..", "scan"),
        ("é" * 300 + ".pdf", "é" * 116 + ".pdf"),
    ],
)
def test_a_name_is_words_and_never_a_path(given, kept):
    assert scans.clean_name(given) == kept


@pytest.fixture
def session(elia, ange, bruna, clock):
    """Ninety minutes in person, over since ten."""
    found = cast.make_session(elia, mode="in-person", place="Briançon")
    cast.invite(found, ange, bruna)
    with as_if(found.starts_at):
        found = sessions.open_(session=found, by=elia)
    with as_if(found.ends_at):
        found = sessions.close(session=found, by=elia)
    clock.at(found.ends_at + timedelta(minutes=10))
    return found


def keep(session, by, content=PNG, name="page.png"):
    return scans.keep(session=session, by=by, name=name, content=content)


@pytest.mark.django_db
def test_a_kept_page_has_its_digest_and_is_kept_once(session, elia):
    page = keep(session, elia)
    assert (page.media_type, page.size, bytes(Scan.objects.get().content)) == ("image/png", len(PNG), PNG)
    with pytest.raises(Refused, match="scan_twice"):
        keep(session, elia, name="again.png")


@pytest.mark.django_db
def test_empty_large_and_too_many_pages_are_refused(session, elia, settings):
    with pytest.raises(Refused, match="scan_empty"):
        keep(session, elia, b"")
    settings.SCAN_BYTES = len(PNG) - 1
    with pytest.raises(Refused, match="scan_too_large"):
        keep(session, elia)
    settings.SCAN_BYTES, settings.SCANS_PER_SESSION = 10_000, 1
    keep(session, elia)
    with pytest.raises(Refused, match="too_many_scans"):
        keep(session, elia, JPEG)


@pytest.mark.django_db
def test_typed_rows_are_signatures_on_paper_that_quote_the_page(session, elia, ange, bruna):
    page = keep(session, elia)
    start = session.starts_at
    rows = [
        scans.PaperRow(ange, 1),
        scans.PaperRow(bruna, 1, times=(start + timedelta(minutes=30), start + timedelta(minutes=90))),
        scans.PaperRow(elia, 1, Hand.TRAINER),
    ]
    assert scans.type_in(session=session, by=elia, rows=rows, scan=page) == 3
    assert scans.type_in(session=session, by=elia, rows=rows, scan=page) == 0
    whole = {row.person.key: row.parts[0] for row in sheet(Session.objects.get(pk=session.pk)).rows}
    assert (whole["ange"].minutes, whole["bruna"].minutes) == (90, 60)
    assert whole["ange"].signature.is_paper
    assert [mark.hand for mark in whole["elia"].trainer_marks] == [Hand.TRAINER]
    paper = PresenceEvent.objects.filter(source=Source.PAPER)
    assert {event.data["scan"] for event in paper} == {page.digest}
    assert {event.author for event in paper} == {elia}
    with pytest.raises(Refused, match="scan_quoted"):
        scans.remove(scan=page, by=elia)


@pytest.mark.django_db
def test_a_page_that_nothing_rests_on_can_be_removed(session, elia):
    scans.remove(scan=keep(session, elia), by=elia)
    assert not Scan.objects.exists()


@pytest.mark.django_db
def test_one_row_that_is_refused_keeps_none(session, elia, ange, bruna):
    declaring.excuse(session=session, person=bruna, by=elia, slot_number=1)
    before = PresenceEvent.objects.count()
    with pytest.raises(Refused, match="excused_signed"):
        rows = [scans.PaperRow(ange, 1), scans.PaperRow(bruna, 1)]
        scans.type_in(session=session, by=elia, rows=rows, reason="The paper is in Turin.")
    with pytest.raises(Refused, match="nothing_typed"):
        scans.type_in(session=session, by=elia, rows=[])
    assert PresenceEvent.objects.count() == before


@pytest.mark.django_db
def test_without_a_page_a_row_needs_its_reason_and_the_report_asks_for_it(session, elia, ange, bruna):
    row = [scans.PaperRow(ange, 1)]
    for bare in ("", " \n"):
        with pytest.raises(Refused, match="paper_unproved"):
            scans.type_in(session=session, by=elia, rows=row, reason=bare)
    with pytest.raises(Refused, match="reason_long"):
        scans.type_in(session=session, by=elia, rows=row, reason="x" * 301)
    assert not PresenceEvent.objects.filter(source=Source.PAPER).exists()
    scans.type_in(session=session, by=elia, rows=row, reason=" The paper is in Turin. ")
    scans.type_in(session=session, by=elia, rows=[scans.PaperRow(bruna, 1)], scan=keep(session, elia))
    assert PresenceEvent.objects.get(person=ange, source=Source.PAPER).reason == "The paper is in Turin."
    whole = sheet(Session.objects.get(pk=session.pk))
    assert (elia.name, "The paper is in Turin.") in whole.declarations
    [found] = [one for one in findings(whole.session, whole) if one.kind == "paper_without_page"]
    assert (found.level, found.people, [slot.number for slot in found.slots]) == ("bad", (ange,), [1])


@pytest.mark.django_db
@pytest.mark.parametrize("hand", [Hand.TRAINER, Hand.TUTOR, Hand.PARTICIPANT])
def test_nobody_types_for_another_of_the_team_without_a_page(session, elia, dominique, hand):
    TeamMember.objects.create(session=session, person=dominique, role=Role.TRAINER)
    row = [scans.PaperRow(dominique, 1, hand)]
    with pytest.raises(Refused, match="paper_team"):
        scans.type_in(session=session, by=elia, rows=row, reason="She asked me to.")
    assert not PresenceEvent.objects.filter(source=Source.PAPER).exists()
    assert scans.type_in(session=session, by=dominique, rows=row, reason="My paper is lost.") == 1


@pytest.mark.django_db
def test_a_voided_paper_signature_asks_for_no_reason_any_more(session, elia, ange):
    scans.type_in(session=session, by=elia, rows=[scans.PaperRow(ange, 1)], reason="The paper is lost.")
    correcting.void_signature(session=session, person=ange, by=elia, slot_number=1, reason="It was found.")
    whole = sheet(Session.objects.get(pk=session.pk))
    assert "paper_without_page" not in [one.kind for one in findings(whole.session, whole)]
