"""Headers of every page: a strict content policy, no framing, no sniffing; the video's host only where embedded."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

VARIES_ONLY = "X-Varies-Only"
"""A view says by it what its answer depends on and what alone: whatever was looked at on the way, it is the same for
every reader. It becomes `Vary` here, behind all who add to that, and does not leave the house."""


def policy() -> str:
    video = f"https://{settings.VIDEO_HOST}"
    embed = settings.VIDEO_MODE == "embed"
    parts = {
        "default-src": "'none'",
        "script-src": f"'self' {video}" if embed else "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "frame-src": video if embed else "'self'",
        "manifest-src": "'self'",
        "form-action": f"'self' {video}",  # Join is a form whose answer leads to the video
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def permissions() -> str:
    video = f'"https://{settings.VIDEO_HOST}"' if settings.VIDEO_MODE == "embed" else ""
    devices = ("camera", "microphone", "display-capture", "fullscreen", "autoplay", "screen-wake-lock")
    return ", ".join(f"{device}=(self {video})".replace(" )", ")") for device in devices) + ", geolocation=()"


class SecurityHeaders:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response, self.policy, self.permissions = get_response, policy(), permissions()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", self.permissions)
        response.headers.setdefault("X-Frame-Options", "DENY")
        if VARIES_ONLY in response.headers:
            if not response.cookies:
                response.headers["Vary"] = response.headers[VARIES_ONLY]
            del response.headers[VARIES_ONLY]
        if response.status_code == 304:
            # A length would have to be that of the body it does not bring (RFC 9110 8.6).
            response.headers.pop("Content-Length", None)
        return response
