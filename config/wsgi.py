"""Pages and API for WSGI workers beside the ASGI servers (docs/scaling.md says when); no live door, no feeds lane."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
