"""The reader's language: her choice, else her profile's, else her browser's."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

COOKIE = settings.LANGUAGE_COOKIE_NAME
PROFILE = "profile_language"
"""Key in the session: the language of the person's profile, kept there at sign-in so that no page asks for it again."""


def language_of(request: HttpRequest) -> str:
    """What the middleware has chosen; before it could, or where it could not, what can be told without a session."""
    found = getattr(request, "LANGUAGE_CODE", "") or request.COOKIES.get(COOKIE)
    known = dict(settings.LANGUAGES)
    return found if found in known else translation.get_language_from_request(request)


class ReaderLanguage:
    """Activates the language for a request; one address serves all languages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.known = dict(settings.LANGUAGES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(COOKIE) or request.session.get(PROFILE)
        language = chosen if chosen in self.known else translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            if callable(getattr(response, "render", None)) and not getattr(response, "is_rendered", True):
                response.render()  # type: ignore[attr-defined]
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", language)
        return response
