"""`python -m bench [--quick] [NAME…]`: runs the cases, prints a table and writes bench/report.json."""

import argparse
import logging
import sys
import time

from bench import attendance, fanout, feeds, http, latency, mail, presence, weight
from bench.children import pin
from bench.rows import REPORT, Row, missing, table, write

CASES = {
    "live.fanout.mem": fanout.mem,
    "live.fanout.redis": fanout.redis,
    "live.fanout.textbook": fanout.textbook,
    "live.fanout.flat": fanout.flat,
    "live.latency.p95": latency.latency,
    "live.slow_reader": latency.slow_reader,
    "live.memory": weight.memory,
    "live.presence": presence.presence,
    "attendance.write": attendance.write,
    "attendance.recount": attendance.recount,
    "feed": feeds.sqlite,
    "feed.304.pg": feeds.postgres,
    "mail.send": mail.send,
    "mail.outbox": mail.outbox,
    "page.programme": http.programme,
}
log = logging.getLogger("bench")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small numbers: shows that it runs, not how fast"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CASES)}; none means all")
    options = parser.parse_args()
    if unknown := set(options.names) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    pin(0, -1)
    rows: list[Row] = []
    for name, case in CASES.items():
        if options.names and name not in options.names:
            continue
        began = time.monotonic()
        try:
            rows += case(options.quick)
        except Exception as broken:  # one case that can't run must not hide the others
            log.exception("%s", name)
            rows.append(missing(name, "", "", f"{type(broken).__name__}: {broken}"))
        sys.stderr.write(f"{name}: {time.monotonic() - began:.0f} s\n")
    write(rows)
    sys.stdout.write(f"{table(rows)}\nwritten to {REPORT}\n")


if __name__ == "__main__":
    main()
