"""Pages that answer a form: whoever asks for one by its address alone is led to the form."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponse]


def answers_form(name: str, query: str = "") -> Callable[[View], View]:
    """POST is the view's; GET, as after a switch of language, leads to the page `name` of the same path arguments."""

    def decorate(view: View) -> View:
        @wraps(view)
        def posted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            return HttpResponseRedirect(reverse(name, kwargs=kwargs) + query)

        return require_http_methods(["GET", "HEAD", "POST"])(posted)

    return decorate
