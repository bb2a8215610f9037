"""How much a client may send at once, and how long an end may take: the same by both servers."""

MOST_OCTETS = 16384
"""Of one message of a live socket."""
MOST_OF_A_BODY = 6 * 1024 * 1024
"""Room for one scanned page (SCAN_BYTES) and its form. The pages themselves refuse, in words, what is larger than they
take: 1 MiB of anything else."""
SERVICE_RESTART = 1012
"""Close code for sockets whose server goes (IANA's registry of RFC 6455 codes): the page comes back by itself."""
GRACE = 5.0
"""Seconds for requests and handlers under way."""
QUICK_WORK = 0.3
"""Seconds after which a worker told to stop waits for a slow mail server."""
LAST_WORK = 3.0
"""Seconds for the worker after that."""
AT_MOST = 9.5
"""Seconds from the signal to the end, whatever still runs."""
