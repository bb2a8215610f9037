"""The work that is due, in order: letters, stale leases."""

from seminars.work.rounds import work

__all__ = ["work"]
