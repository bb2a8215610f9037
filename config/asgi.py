"""The two doors of one server: HTTP pages and API, and the live WebSocket."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()  # loads the apps, so it comes before the routes

from django.conf import settings  # noqa: E402 - settings and routes need the loaded apps
from django.urls import reverse  # noqa: E402

from config.health import in_front  # noqa: E402
from realtime.lanes import keep_send  # noqa: E402
from realtime.origins import ExactOrigin  # noqa: E402
from realtime.routing import routes  # noqa: E402
from web.feedlane import FeedLane  # noqa: E402

reverse("home")  # loads every page: what is broken is told before "ready", not at the first request
pages = in_front(http)
application = ProtocolTypeRouter(
    {
        "http": FeedLane(pages) if settings.FEED_LANE else pages,
        "websocket": keep_send(ExactOrigin(URLRouter(routes), settings.LIVE_ORIGINS)),
    }
)
