"""The one settings file, driven by the environment; nothing set means embedded: one process, SQLite, no server.

Each name can also be given as NAME_FILE, the path of a file that holds the value.
"""

import contextlib
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

# --- Where things lie -------------------------------------------------------------------------------------------
STATE_DIR = Path(env.str("STATE_DIR", default=str(BASE_DIR / "state"))).resolve()
DEMO = env.bool("DEMO", default=False)
DEBUG = False
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
SITE_URL = env.str(
    "SITE_URL", default=f"http://{'localhost' if HOST in ('127.0.0.1', '0.0.0.0') else HOST}:{PORT}"
).rstrip("/")
SITE_IS_GUESSED = not (env.str("SITE_URL", default="") or env.str("PORT", default=""))
SITE_ORIGIN = "{0.scheme}://{0.netloc}".format(urlsplit(SITE_URL))


STATE_FAULTS: list[OSError] = []
"""What could not be made or read in STATE_DIR while this was loaded: a check refuses it by its name (viso.E015)."""


def _kept_secret() -> str:
    """The key of an installation that names none: made once, kept beside its database, readable by its owner only."""
    place = STATE_DIR / "secret_key"
    if place.exists() and (kept := place.read_text().strip()):
        return kept
    if "--dry-run" in sys.argv:  # promises to write nothing
        return secrets.token_urlsafe(48)
    STATE_DIR.mkdir(parents=True, exist_ok=True)
    fresh = STATE_DIR / f"secret_key.{secrets.token_hex(4)}"
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(48))
    if place.exists():  # empty: a start that was cut off
        place.unlink()
    with contextlib.suppress(FileExistsError):  # another process was first: its key is the one
        place.hardlink_to(fresh)
    fresh.unlink()
    return place.read_text().strip()


SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_IS_KEPT = not SECRET_KEY  # another machine would make another one
if SECRET_IS_KEPT:
    try:
        SECRET_KEY = _kept_secret()
    except OSError as _fault:
        STATE_FAULTS.append(_fault)
        SECRET_KEY = secrets.token_urlsafe(48)  # nothing loads without one, the checks neither

# The Ed25519 key that seals sheets: base64 of 32 octets; unset, made once and kept as the secret is.
SEAL_KEY = env.str("SEAL_KEY", default="")
SEAL_KEY_PLACE = STATE_DIR / "seal_key"
SEAL_OLD_KEYS = env.list("SEAL_OLD_KEYS", default=[])  # public keys that sealed before this one, base64

_hosts = {urlsplit(SITE_URL).hostname or "localhost", *env.list("EXTRA_HOSTS", default=[])}
if not SITE_URL.startswith("https:"):
    _hosts |= {"localhost", "127.0.0.1", "[::1]"}
ALLOWED_HOSTS = sorted(_hosts)
# Pages may be opened by another name of this machine (a phone on the same network): each full origin is named.
LIVE_ORIGINS = sorted(
    {SITE_ORIGIN, *env.list("EXTRA_ORIGINS", default=[])}
    | ({f"http://localhost:{PORT}", f"http://127.0.0.1:{PORT}"} if DEMO else set())
)
CSRF_TRUSTED_ORIGINS = LIVE_ORIGINS

# --- What it is made of ------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "seminars",
    "web",
    "api",
    "realtime",
    "config",
]
MIDDLEWARE = [
    # Files first, in the loop; all the rest is plain code in one thread of the request, the last of it too: an async
    # hook between them would cost two changes of thread each.
    "servestatic.middleware.ServeStaticMiddleware",
    "web.asking.Asking",
    "django.middleware.security.SecurityMiddleware",
    "web.headers.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "web.language.ReaderLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "web.idle.EndsIdleSessions",
    "web.access.ActorOfRequest",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.frame",
            ],
        },
    }
]
FORM_RENDERER = "web.forms.parts.Renderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database: SQLite tuned for durability, or what DATABASE_URL says ---------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{STATE_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    if "--dry-run" not in sys.argv:
        try:
            Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        except OSError as _fault:
            STATE_FAULTS.append(_fault)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a deferred transaction that reads, then writes, fails at once under load
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:  # each request under ASGI has a thread of its own: only a pool keeps the number of connections in hand
    DATABASE_POOL = env.int("DATABASE_POOL", default=10)
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": DATABASE_POOL,
        "timeout": 5,
        "max_idle": 5,  # one connection is given back each time: ten within a minute after a burst
    }
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=0)  # a check refuses more

# --- Several processes: PostgreSQL, Redis or Valkey, and who serves and who works ----------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
REDIS_PREFIX = env.str(
    "REDIS_PREFIX", default="viso"
)  # two installations on one server hear one another without
WEB_CONCURRENCY = env.int("WEB_CONCURRENCY", default=1)
SERVER = env.str("SERVER", default="daphne")  # daphne | uvicorn
WORKER = env.str(
    "WORKER", default="inline"
)  # inline: a thread of the server; off: `manage.py work` runs elsewhere
CHANNEL_LAYERS: dict[str, Any] = {}  # embedded: live changes need no layer, realtime.hub is all there is
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "process"},
    "shared": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "shared",
        "OPTIONS": {
            "MAX_ENTRIES": 100_000
        },  # Django's 300 would let whoever brings many addresses drop a count
    },
}
if REDIS_URL:
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": REDIS_PREFIX},
    }
    CACHES["shared"] = {
        "BACKEND": "config.caches.SharedCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": REDIS_PREFIX,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }

# --- People ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "seminars.Person"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "sign-in"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "web.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https:")
SECURE_HSTS_SECONDS = 31_536_000 if SITE_URL.startswith("https:") else 0
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"
SECURE_REFERRER_POLICY = "same-origin"
NUM_PROXIES = env.int("NUM_PROXIES", default=0)
if NUM_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

# --- Words and hours ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("it", "Italiano"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

# --- Static files: hashed, compressed, from our own origin ----------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"


def SERVESTATIC_ADD_HEADERS_FUNCTION(headers: Any, path: str, url: str) -> None:
    """What SecurityMiddleware gives to pages."""
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = SECURE_REFERRER_POLICY
    if SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={SECURE_HSTS_SECONDS}"


STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}

# --- Mail: an SMTP server by EMAIL_URL, or .eml files in the state directory ---------------------------------------
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    globals().update(env.email_url("EMAIL_URL"))
    if EMAIL_URL.startswith("smtps:"):  # TLS from the first octet (RFC 8314 3.3); STARTTLS is smtp+tls
        EMAIL_USE_TLS, EMAIL_USE_SSL = False, True
    EMAIL_TIMEOUT = 30
MAIL_RATE = env.str("MAIL_RATE", default="")  # letters that a server may be given: 200/m, 2000/h
MAIL_RATE_PER_HOST = env.str("MAIL_RATE_PER_HOST", default="")  # likewise, to the addresses of one domain
INBOX_URL = env.str(
    "INBOX_URL", default=""
)  # imaps://user:password@host/INBOX: where returned letters are read
MAIL_REPORTS = env.bool("MAIL_REPORTS", default=bool(INBOX_URL))  # reports of delivery are read by somebody
MAIL_DIR = STATE_DIR / "mail"
MAIL_DOMAIN = env.str("MAIL_DOMAIN", default=urlsplit(SITE_URL).hostname or "localhost")
MAIL_FROM = env.str("MAIL_FROM", default=f"sessions@{MAIL_DOMAIN}")
MAIL_NAME = env.str("MAIL_NAME", default="Viso")

# --- Video: a public host opened in a new tab, or an own server embedded with a token --------------------------------
VIDEO_MODE = env.str("VIDEO_MODE", default="link")  # link | embed
VIDEO_HOST = env.str("VIDEO_HOST", default="meet.jit.si")
VIDEO_APP_ID = env.str("VIDEO_APP_ID", default="viso")
VIDEO_SECRET = env.str("VIDEO_SECRET", default="")
VIDEO_ALGORITHM = env.str("VIDEO_ALGORITHM", default="HS256")
VIDEO_KEY_ID = env.str("VIDEO_KEY_ID", default="")
VIDEO_SUBJECT = env.str("VIDEO_SUBJECT", default="") or VIDEO_HOST
VIDEO_GRANTS_MODERATOR = env.bool("VIDEO_GRANTS_MODERATOR", default=False)

# --- Numbers that trainers and laws may want otherwise ------------------------------------------------------------
ROOM_OPENS_MINUTES = env.int("ROOM_OPENS_MINUTES", default=15)
ROOM_CLOSES_MINUTES = env.int("ROOM_CLOSES_MINUTES", default=30)
BRIDGED_GAP_MINUTES = env.int("BRIDGED_GAP_MINUTES", default=5)
REPLAY_FREE_MINUTES = env.int("REPLAY_FREE_MINUTES", default=10)
HELD_DIFFERENCE_MINUTES = env.int("HELD_DIFFERENCE_MINUTES", default=10)
SIGN_OPENS_MINUTES = env.int("SIGN_OPENS_MINUTES", default=15)  # before a half-day's start
SIGN_CLOSES_MINUTES = env.int("SIGN_CLOSES_MINUTES", default=30)  # after its end
SIGN_PROOF_MINUTES = env.int(
    "SIGN_PROOF_MINUTES", default=240
)  # who proved herself longer ago proves it anew
ROOM_CODE_SECONDS = env.int("ROOM_CODE_SECONDS", default=60)  # the code shown in the room, renewed so often
CHECK_MINUTES = env.int(
    "CHECK_MINUTES", default=3
)  # "still here?" may be answered so long without being late
CHECKS_PER_PART = env.int("CHECKS_PER_PART", default=0)  # of new sessions, asked by the clock
SCAN_BYTES = env.int("SCAN_BYTES", default=5 * 1024 * 1024)  # one scanned page
SCANS_PER_SESSION = env.int("SCANS_PER_SESSION", default=40)
RETENTION = env.list("RETENTION", default=["training_fr", "eu_interreg"])  # profiles of new sessions
# Years after the end of the year of the last payment, by profile; and profiles whose raw events are never condensed.
RETENTION_YEARS = {"training_fr": 3, "eu_interreg": 5, "state_aid": 10} | env.json(
    "RETENTION_YEARS", default={}
)
RETENTION_LOGS = env.list("RETENTION_LOGS", default=[])
LEDGER_MONTHS = env.int("LEDGER_MONTHS", default=13)  # then a sealed session is condensed; 0: never
FEW_PEOPLE = max(3, env.int("FEW_PEOPLE", default=5))
FEEDBACK_DAYS = env.int("FEEDBACK_DAYS", default=7)
FEED_PAST_DAYS = env.int("FEED_PAST_DAYS", default=180)
FEED_CANCELLED_DAYS = env.int("FEED_CANCELLED_DAYS", default=45)
FEED_KEY_DAYS = env.int("FEED_KEY_DAYS", default=400)  # a new calendar address ends by itself; 0: never
REMINDER_MINUTES = env.list("REMINDER_MINUTES", cast=int, default=[1440, 60])  # before the start of new ones
ASK_AGAIN_DAYS = env.list("ASK_AGAIN_DAYS", cast=int, default=[7])  # before it, those who have not answered
EDITS_MERGED_MINUTES = env.int("EDITS_MERGED_MINUTES", default=30)  # title and text edits become one letter
SIGN_IN_MINUTES = env.int("SIGN_IN_MINUTES", default=15)
BEAT_SECONDS = env.float("BEAT_SECONDS", default=20.0)
LEASE_SECONDS = env.float("LEASE_SECONDS", default=120.0)
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=30.0)
LETTER_LEASE_SECONDS = env.float("LETTER_LEASE_SECONDS", default=120.0)
LETTER_BACKOFF_SECONDS = env.float("LETTER_BACKOFF_SECONDS", default=60.0)
WORK_PAUSE_SECONDS = env.float("WORK_PAUSE_SECONDS", default=0.5)
LIVE_LANES = env.bool("LIVE_LANES", default=True)
LIVE_PULL_SECONDS = env.float("LIVE_PULL_SECONDS", default=30.0)
# Presence and pulse of one tick leave as one frame; one person moves others' screens once per hold; a process
# looks for numbers it was not told once per watch.
LIVE_TICK_SECONDS = env.float("LIVE_TICK_SECONDS", default=0.2)
LIVE_HOLD_SECONDS = env.float("LIVE_HOLD_SECONDS", default=5.0)
LIVE_WATCH_SECONDS = env.float("LIVE_WATCH_SECONDS", default=10.0)
ATTENDANCE_TICK_SECONDS = env.float("ATTENDANCE_TICK_SECONDS", default=0.0)
ATTENDANCE_MOST_WAITING = env.int("ATTENDANCE_MOST_WAITING", default=20_000)
REPLAY_HOURS = env.int("REPLAY_HOURS", default=24)
REPLAY_LATE_MINUTES = env.int("REPLAY_LATE_MINUTES", default=15)
FEED_LANE = env.bool("FEED_LANE", default=True)  # feeds are answered before Django where that is right
FEED_KEPT_BYTES = env.int("FEED_KEPT_BYTES", default=64 * 1024 * 1024)
FUNDING = {"line": env.str("FUNDING_LINE", default=""), "project": env.str("FUNDING_PROJECT", default="")}
# Printed on documents where they are set (domain ATT-18): texts, numbers and pictures of the project.
PROJECT = {
    "code": env.str("PROJECT_CODE", default=""),  # names the chain of sheets
    "number": env.str("PROJECT_NUMBER", default=""),
    "programme": env.str("PROJECT_PROGRAMME", default=""),
    "emblem": env.str("PROJECT_EMBLEM", default=""),  # path of an SVG or PNG
    "provider": env.str("PROVIDER_NAME", default=""),
    "provider_number": env.str("PROVIDER_NUMBER", default=""),  # numéro de déclaration d'activité (France)
}
# Where a copy of each seal is written, best on another machine; beside the mails to the trainers.
SEALS_DIR = Path(env.str("SEALS_DIR", default=str(STATE_DIR / "seals")))
CONTACT = {
    "name": env.str("CONTACT_NAME", default="Viso"),
    "email": env.str("CONTACT_EMAIL", default=MAIL_FROM),
}
# What an audit found: non | partial | full, its date and its maker. Nothing is claimed until there was one.
ACCESSIBILITY = {
    "state": env.str("ACCESSIBILITY_STATE", default="non"),
    "date": env.str("ACCESSIBILITY_DATE", default=""),
    "auditor": env.str("ACCESSIBILITY_AUDITOR", default=""),
}
CLOCK_SHIFT_FILE = env.str(
    "CLOCK_SHIFT_FILE", default=""
)  # test seam: seconds added to the server's clock, read from this file

# --- Who listens to facts: named here so that no floor imports the one above it ---------------------------------------
FACT_LISTENERS = ["realtime.broadcast.on_fact"]

# --- API ---------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.access.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.access.AsksTheTable"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "api.pages.Pages",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "api.problems.problem",
    "NUM_PROXIES": NUM_PROXIES,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Viso",
    "DESCRIPTION": "Sessions, invitations, answers and attendance of a cross-border programme.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["api.access.AsksTheTable"],
    "ENUM_NAME_OVERRIDES": {
        "SessionKind": "seminars.vocabulary.Kind",
        "SessionState": "seminars.vocabulary.State",
        "LetterKind": "seminars.vocabulary.LetterKind",
        "LetterState": "seminars.vocabulary.LetterState",
    },
}

# --- Logs: to the standard error stream, one line each --------------------------------------------------------------
LOG_FORMAT = env.str("LOG_FORMAT", default="line")  # line | json
LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING")
ACCESS_LOG = env.bool("ACCESS_LOG", default=True)  # a line for each request
ACCESS_LOG_SECONDS = env.float("ACCESS_LOG_SECONDS", default=1.0)  # feeds' lines wait so long for others
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.logs.Line"}, "json": {"()": "config.logs.Structured"}},
    "filters": {
        "short": {"()": "config.logs.Shorten"},
        "secrets": {"()": "config.logs.MaskSecrets"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_FORMAT == "json" else "line",
            "filters": ["short", "secrets"],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "web.asking": {"level": "INFO" if ACCESS_LOG else "WARNING"},
        "channels_redis.pubsub": {"level": "CRITICAL"},  # a traceback a second; realtime.relay says it once
        "django.request": {"level": "ERROR"},  # what was refused stands in the line of its request
    },
}
