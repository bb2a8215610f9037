"""How often a script may call: so often with one token, and so often from one network without a valid one."""

from django.conf import settings
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from seminars.limits import Limit, network_of
from seminars.models import ApiToken


class Counted(BaseThrottle):
    """Refused requests count too: codes can't be guessed without end."""

    limit: Limit
    left = 0

    def who(self, request: Request) -> str:
        """Whose requests are counted together; empty: not ours to count."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: APIView) -> bool:
        who = self.who(request)
        self.left = self.limit.take(who) if who else 0
        return not self.left

    def wait(self) -> float:
        return self.left


class PerToken(Counted):
    limit = Limit("api-token", 600, 3600)

    def who(self, request: Request) -> str:
        return str(request.auth.pk) if isinstance(request.auth, ApiToken) else ""


class PerNetwork(Counted):
    """Whoever has a valid token is not counted here: an office shares one address, also with whoever tries keys."""

    limit = Limit("api-network", 120, 15 * 60)

    def who(self, request: Request) -> str:
        if isinstance(request.auth, ApiToken):
            return ""
        meta = request.META
        return network_of(
            meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""), settings.NUM_PROXIES
        )


EACH = (PerToken, PerNetwork)


class CountsBadKeys(APIView):
    def perform_authentication(self, request: Request) -> None:
        """A key that is none counts for the network it comes from, and is refused as too many once there are."""
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            APIView.check_throttles(self, request)
            raise
