"""Returned mails as servers write them: the same letter, in each shape."""

from textwrap import dedent

from seminars.models import Letter


def headers_of(letter: Letter, host: str = "localhost") -> str:
    return dedent(f"""\
        From: Viso <sessions+agent@{host}>
        To: Ange Esquisse <ange@example.org>
        Subject: =?utf-8?q?Invitation?=
        Message-ID: <{letter.pk}@{host}>
        """)


def mail(
    *parts: str, to: str, sender: str = "MAILER-DAEMON@mx.example.org", kind: str = "delivery-status"
) -> bytes:
    """A multipart/report of these parts, each with its own Content-Type line first."""
    head = (
        f"Return-Path: <>\nFrom: Mail Delivery System <{sender}>\nTo: {to}\nSubject: Undelivered Mail\n"
        f"Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type={kind};\n\tboundary="=_mark"\n\n'
    )
    body = "".join(f"--=_mark\nContent-Type: {part}\n" for part in parts)
    return f"{head}This is a MIME-encapsulated message.\n\n{body}--=_mark--\n".encode().replace(
        b"\n", b"\r\n"
    )


def status(
    letter: Letter,
    *,
    action: str = "failed",
    code: str = "5.1.1",
    said: str = "smtp; 550 5.1.1 <ange@example.org>: no such user",
    envelope: bool = False,
    kind: str = "message/delivery-status",
) -> str:
    first = f"Original-Envelope-Id: {letter.pk}\n" if envelope else ""
    return (
        f"{kind}\n\nReporting-MTA: dns; mx.example.org\n{first}Arrival-Date: Thu, 11 Mar 2027 14:00:00 +0100\n\n"
        f"Final-Recipient: rfc822; ange@example.org\nAction: {action}\nStatus: {code}\n"
        f"Diagnostic-Code: {said}\n"
    )


WORDS = "text/plain; charset=us-ascii\n\nYour message could not be delivered.\n"


def postfix(letter: Letter, to: str) -> bytes:
    returned = f"message/rfc822\n\nReceived: from x by y\n{headers_of(letter)}\nthe letter\n"
    return mail(WORDS, status(letter), returned, to=to)


def headers_only(letter: Letter, to: str) -> bytes:
    return mail(WORDS, status(letter), f"text/rfc822-headers\n\n{headers_of(letter)}", to=to)


def by_envelope(letter: Letter, to: str) -> bytes:
    return mail(WORDS, status(letter, envelope=True), to=to)


def gmail(letter: Letter, to: str) -> bytes:
    """Words and a picture in a multipart of their own; the status with folded, many-lined words."""
    shown = (
        'multipart/related; boundary="inner"\n\n--inner\nContent-Type: text/html\n\n<p>Address not found</p>\n'
        "--inner\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--inner--\n"
    )
    said = (
        "smtp; 550-5.1.1 The email account that you tried to reach does not\n 550-5.1.1 exist. Please try\n"
        " 550 5.1.1 https://support.example/mail - gsmtp"
    )
    returned = f"message/rfc822\n\n{headers_of(letter)}\nthe letter\n"
    return mail(shown, status(letter, said=said), returned, to=to, sender="mailer-daemon@googlemail.com")


def exchange(letter: Letter, to: str) -> bytes:
    """The report wrapped once more, the status in base64 as no RFC allows, the headers as text."""
    said = "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"
    report = mail(
        'multipart/alternative; boundary="alt"\n\n--alt\nContent-Type: text/plain\n\nDelivery has failed\n--alt--\n',
        status(letter, code="5.1.10", said=said),
        f"message/rfc822-headers\n\n{headers_of(letter)}",
        to=to,
    )
    head, _, body = report.partition(b"MIME-Version: 1.0\r\n")
    wrapped = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="out"\r\n\r\n--out\r\n' + body
    return head + wrapped + b"--out--\r\n"


def qmail(letter: Letter, to: str) -> bytes:
    words = (
        "Hi. This is the qmail-send program at mx.example.org.\nI'm afraid I wasn't able to deliver your message.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n<ange@example.org>:\n"
        "Sorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n"
    )
    return plain(f"{words}Return-Path: <sessions@localhost>\n{headers_of(letter)}\nthe letter\n", to=to)


def exim(letter: Letter, to: str) -> bytes:
    words = (
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        "  ange@example.org\n    host mx.example.org [192.0.2.1]: 550 unknown user\n\n"
        "------ This is a copy of the message, including all the headers. ------\n\n"
    )
    return plain(
        f"{words}{headers_of(letter)}\nthe letter\n", to=to, more="X-Failed-Recipients: ange@example.org\n"
    )


def plain(body: str, *, to: str, sender: str = "MAILER-DAEMON@mx.example.org", more: str = "") -> bytes:
    head = f"Return-Path: <>\nFrom: {sender}\nTo: {to}\nSubject: failure notice\n{more}\n"
    return (head + body).encode().replace(b"\n", b"\r\n")


def with_header(content: bytes, name: str, value: str) -> bytes:
    del_from = content.index(b"\r\n") + 2
    return content[:del_from] + f"{name}: {value}\r\n".encode() + content[del_from:]


SHAPES = (postfix, headers_only, by_envelope, gmail, exchange, qmail, exim)
