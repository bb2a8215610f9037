"""Refuses half-made deployments by name, before somebody learns it from half a room that hears nothing.

Each check reads settings only, and asks no other machine: a database or a Redis that is away for a moment is a
matter of health (config.health), not of a refusal. `serve` and `work` begin with all of them; so does
`manage.py check`. docs/scaling.md lists them for whoever runs it.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from shutil import disk_usage
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from config.shares import share_of
from seminars.evidence import guards
from seminars.evidence.seals import OCTETS, octets
from seminars.moments import now
from seminars.postal import read_place, read_rate

Found = Iterator[CheckMessage]
OLDEST = datetime(2024, 1, 1, tzinfo=UTC)
LEAST_FREE = 16 * 1024 * 1024
"""Octets that must be free: a write-ahead log, a few mails."""
LEAST_SECRET = 40
LEAST_LETTERS = 8
INSECURE = ("django-insecure-", "changeme", "change-me", "secret", "insecure")
OWN_ENDINGS = (
    ".localhost",
    ".localdomain",
    ".local",
    ".lan",
    ".home",
    ".box",
    ".internal",
    ".home.arpa",
    ".test",
)
"""Of names that no public server answers for, and of those that routers at home give."""


CHECKS: list[Callable[[], Found]] = []


def check(function: Callable[[], Found]) -> Callable[[], Found]:
    CHECKS.append(function)
    return function


@register
def all_found(app_configs: Sequence[AppConfig] | None = None, **more: Any) -> list[CheckMessage]:
    return [message for function in CHECKS for message in function()]


def is_sqlite() -> bool:
    return bool(settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"))


def is_several() -> bool:
    return bool(settings.WEB_CONCURRENCY > 1)


def is_scaled_out() -> bool:
    return is_several() or bool(settings.REDIS_URL) or not is_sqlite()


def host() -> str:
    return (urlsplit(settings.SITE_URL).hostname or "").rstrip(".")


def is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def is_own_machine() -> bool:
    """Whether the site is for this machine only: a laptop, a test."""
    return is_loopback(host())


def is_public() -> bool:
    """Whether strangers may reach the site: not this machine, nor a name or an address of a local network."""
    if is_own_machine():
        return False
    try:
        return ip_address(host()).is_global
    except ValueError:
        return "." in host() and not host().endswith(OWN_ENDINGS)


@check
def several_hear_one_another() -> Found:
    """Live changes reach the sockets of other processes through Redis only."""
    if is_several() and not settings.REDIS_URL:
        words = f"{settings.WEB_CONCURRENCY} server processes without REDIS_URL: half of a room would hear nothing."
        yield Error(words, hint="Set REDIS_URL, or run one process.", id="viso.E001")


@check
def layer_crosses_processes() -> Found:
    layer = settings.CHANNEL_LAYERS.get("default", {}).get("BACKEND", "")
    if (is_several() or settings.REDIS_URL) and "InMemory" in layer:
        words = "The channel layer lives in the memory of one process, and there are several."
        yield Error(words, hint="Leave CHANNEL_LAYERS to REDIS_URL.", id="viso.E002")


@check
def several_write_a_server() -> Found:
    if is_several() and is_sqlite():
        words = f"{settings.WEB_CONCURRENCY} server processes on SQLite would wait for one another's writing."
        yield Error(words, hint="Set DATABASE_URL to PostgreSQL, or run one process.", id="viso.E003")


@check
def sqlite_lies_on_this_machine() -> Found:
    """Locks and the shared memory of WAL do not hold over a network (sqlite.org/wal.html, "same host")."""
    if is_sqlite() and (share := share_of(Path(settings.DATABASES["default"]["NAME"]))):
        words = f"The database lies on a network share ({share}): SQLite would be damaged there."
        yield Error(words, hint="Move STATE_DIR to a local disk, or use PostgreSQL.", id="viso.E004")


@check
def secret_is_strong() -> Found:
    key = settings.SECRET_KEY
    is_weak = len(key) < LEAST_SECRET or len(set(key)) < LEAST_LETTERS or key.lower().startswith(INSECURE)
    if is_weak and not is_own_machine():
        hint = "Take one from: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        yield Error("SECRET_KEY can be guessed.", hint=hint, id="viso.E005")


@check
def secret_is_given_to_all() -> Found:
    """The key that was made here would be another one on the next machine, and its links and sessions void."""
    if settings.SECRET_IS_KEPT and is_scaled_out() and not is_own_machine():
        words = "SECRET_KEY was made on this machine, and others would make another one."
        yield Error(words, hint="Set SECRET_KEY or SECRET_KEY_FILE, the same everywhere.", id="viso.E006")


@check
def seals_are_signed_by_a_real_key() -> Found:
    """Without a word of the key. One that is made here, at the first seal, is looked at once it is there."""
    hint = "Take one from: head -c 32 /dev/urandom | base64"
    place = settings.SEAL_KEY_PLACE
    try:
        kept = place.read_text(errors="replace").strip() if not settings.SEAL_KEY and place.exists() else ""
    except OSError as fault:
        yield Error(
            f"The key that seals sheets can't be read: {fault.strerror} ({place}).", id="viso.E022", hint=hint
        )
        return
    named = {"SEAL_KEY": settings.SEAL_KEY, f"The key in {place}": kept}
    named |= {f"SEAL_OLD_KEYS, number {n}": key for n, key in enumerate(settings.SEAL_OLD_KEYS, 1)}
    for name, key in named.items():
        try:
            if key and len(set(octets(key, OCTETS))) < LEAST_LETTERS:
                yield Error(
                    f"{name} can be guessed: no seal would prove anything.", hint=hint, id="viso.E022"
                )
        except ValueError:
            yield Error(f"{name} is no base64 of {OCTETS} octets.", hint=hint, id="viso.E022")


@check
def seal_key_is_given_to_all() -> Found:
    """Each machine would make its own: half of the seals would be foreign to the other half."""
    if not settings.SEAL_KEY and is_scaled_out() and not is_own_machine():
        words = "SEAL_KEY is not set: each machine would seal sheets with a key of its own."
        yield Error(words, hint="Set SEAL_KEY or SEAL_KEY_FILE, the same everywhere.", id="viso.E023")


@check
def connections_are_not_kept() -> Found:
    """Under ASGI each request has a thread of its own, so that kept connections pile up."""
    age = settings.DATABASES["default"].get("CONN_MAX_AGE", 0)
    if age != 0:
        words = f"CONN_MAX_AGE is {age}: connections would pile up."
        yield Error(words, hint="Unset it; DATABASE_POOL keeps connections to PostgreSQL.", id="viso.E007")


@check
def site_is_encrypted() -> Found:
    if is_public() and not settings.SITE_URL.startswith("https:"):
        words = "SITE_URL is public and not https: names, answers and sessions could be read on their way."
        yield Error(words, hint="Set SITE_URL=https://…, behind a proxy with a certificate.", id="viso.E008")


@check
def proxies_are_counted() -> Found:
    """Without their number every visitor has the address of the proxy: limits would hit all, or nobody."""
    if settings.NUM_PROXIES < 1 and settings.SITE_URL.startswith("https:"):
        words = "SITE_URL is https, so a proxy stands in front, and NUM_PROXIES is not set."
        yield Error(
            words, hint="Set NUM_PROXIES to the number of proxies in a row, mostly 1.", id="viso.E009"
        )


@check
def hosts_are_named() -> Found:
    if "*" in settings.ALLOWED_HOSTS:
        words = "ALLOWED_HOSTS holds *: any name would pass for this site's."
        yield Error(words, hint="Name the hosts in SITE_URL and EXTRA_HOSTS.", id="viso.E010")


@check
def nothing_of_a_trial_is_public() -> Found:
    if not is_public():
        return
    if settings.DEMO:
        words = "DEMO is on at a public address: anybody could enter as anybody."
        yield Error(words, hint="Unset DEMO.", id="viso.E011")
    if settings.DEBUG:
        words = "DEBUG is on at a public address: error pages would show code and data."
        yield Error(words, hint="Leave DEBUG off.", id="viso.E012")
    if settings.CLOCK_SHIFT_FILE:
        words = "CLOCK_SHIFT_FILE is set at a public address: whoever writes that file moves the clock."
        yield Error(words, hint="Unset it; it is for tests.", id="viso.E014")
    if not settings.EMAIL_URL:
        words = "EMAIL_URL is not set: no letter leaves, all are kept as files."
        yield Warning(words, hint="Set EMAIL_URL, such as smtp+tls://user:password@host:587.", id="viso.W001")


@check
def a_trial_stays_on_this_machine() -> Found:
    """SITE_URL says so by default, whatever the server listens on."""
    if settings.DEMO and is_own_machine() and not is_loopback(settings.HOST):
        words = f"DEMO is on and Viso listens on {settings.HOST}: anybody on the network enters as anybody."
        hint = "Set HOST=127.0.0.1, or SITE_URL to the address that others are to use."
        yield Warning(words, hint=hint, id="viso.W002")


@check
def clock_is_set() -> Found:
    if now() < OLDEST:
        words = f"This machine's clock says {now():%Y-%m-%d}: attendance would be recorded wrongly."
        yield Error(words, hint="Set the clock, best by NTP, and start again.", id="viso.E013")


@check
def state_can_be_written() -> Found:
    place = settings.STATE_DIR
    try:
        if settings.STATE_FAULTS:
            raise settings.STATE_FAULTS[0]
        while not place.exists():
            place = place.parent
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(bytes(65536))
    except OSError as fault:
        words = f"STATE_DIR ({settings.STATE_DIR}) can't be written: {fault.strerror} ({fault.filename or place})."
        yield Error(words, hint="Give it to the user who runs Viso, or make room.", id="viso.E015")
        return
    if (free := disk_usage(place).free) < LEAST_FREE:
        words = f"STATE_DIR ({settings.STATE_DIR}) is nearly full: {free // 1024} KiB are free."
        yield Error(words, hint="Make room: what is acknowledged must be written.", id="viso.E016")


@check
def words_are_known() -> Found:
    for name, known in {"SERVER": ("daphne", "uvicorn"), "WORKER": ("inline", "off")}.items():
        if (given := getattr(settings, name)) not in known:
            words = f"{name} is {given!r}."
            yield Error(words, hint=f"It is one of {', '.join(known)}.", id="viso.E017")
    if settings.WEB_CONCURRENCY < 1:
        words = f"WEB_CONCURRENCY is {settings.WEB_CONCURRENCY}."
        yield Error(words, hint="At least one process has to serve.", id="viso.E018")


@check
def rates_are_readable() -> Found:
    for name in ("MAIL_RATE", "MAIL_RATE_PER_HOST"):
        try:
            if given := getattr(settings, name):
                read_rate(given)
        except ValueError as fault:
            yield Error(f"{name}: {fault}.", hint="Unset it to send without a rate.", id="viso.E019")


@check
def inbox_is_readable() -> Found:
    """Without a word of the address, which holds a password."""
    try:
        if settings.INBOX_URL:
            read_place(settings.INBOX_URL)
    except ValueError as fault:
        hint = "Write imaps://user:password@host/INBOX, with @ in the user's name as %40."
        yield Error(f"INBOX_URL: {fault}.", hint=hint, id="viso.E020")


@check
def moments_of_letters_make_sense() -> Found:
    bounds = {
        "REMINDER_MINUTES": (1, 60 * 24 * 30),
        "ASK_AGAIN_DAYS": (1, 60),
        "EDITS_MERGED_MINUTES": (0, 60 * 24),
    }
    for name, (least, most) in bounds.items():
        given = getattr(settings, name)
        wrong = [
            each for each in (given if isinstance(given, list) else [given]) if not least <= each <= most
        ]
        if wrong:
            words = f"{name} holds {', '.join(map(str, wrong))}."
            yield Error(words, hint=f"Whole numbers from {least} to {most}.", id="viso.E021")


@register(Tags.database)
def evidence_is_guarded(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **more: Any
) -> list[CheckMessage]:
    """Only where a database is asked for (`check --database default`, `migrate`). A warning: migrating is the way to
    put guards up, and begins with this check."""
    return [
        Warning(
            f"The database would let evidence be changed: {name} is missing.",
            hint="Run manage.py migrate.",
            id="viso.W003",
        )
        for alias in databases or ()
        for name in guards.missing(connections[alias])
    ]
