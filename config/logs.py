"""What a log line may hold: no key of a link, no address of a person."""

import logging
import re

SECRET_PATHS = re.compile(r"(/(?:i|sign-in|calendar)/)[A-Za-z0-9_.~-]{12,}")
ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


class MaskSecrets(logging.Filter):
    """Replaces keys in paths and mail addresses before a line is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        record.msg, record.args = ADDRESSES.sub("<address>", SECRET_PATHS.sub(r"\1<key>", text)), ()
        return True
