"""Certificates in the worker: one handful a round, so that letters do not wait for two hundred papers."""

import logging
import time

from django.db import InterfaceError, OperationalError

from seminars.actions import certificates
from seminars.models import CertificateBatch

log = logging.getLogger(__name__)
LOOK_SECONDS = 2.0
"""How often a worker looks for a batch while it has none."""


class Certifier:
    """One worker's hand on batches of certificates; `owner` names its claims."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.looked = -LOOK_SECONDS

    def round(self) -> bool:
        """One handful of one batch; whether there may be more to do at once."""
        if time.monotonic() - self.looked < LOOK_SECONDS:
            return False
        if not CertificateBatch.objects.filter(finished_at=None).exists():
            self.looked = time.monotonic()
            return False
        batch = certificates.claim(self.owner)
        if batch is None:
            self.looked = time.monotonic()
            return False
        self._advance(batch)
        return True

    def _advance(self, batch: CertificateBatch) -> None:
        """A certificate that can't be made is noted and passed over; a database that is away is the caller's."""
        try:
            certificates.advance(batch=batch, owner=self.owner)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("a handful of certificates failed, they are tried one by one")
            self._one(batch)

    def _one(self, batch: CertificateBatch) -> None:
        try:
            certificates.advance(batch=batch, owner=self.owner, most=1)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("a certificate could not be made; batch %s goes on without it", batch.code)
            certificates.skip(batch=batch, owner=self.owner)

    def close(self) -> None:
        certificates.give_back(self.owner)
