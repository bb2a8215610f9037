"""What a log line may hold: no key of a link, no address of a person."""

import logging
import re

SECRETS = re.compile(
    r"(?P<before>/(?:i|sign-in|calendar)/|\b(?:sessionid|csrftoken|jwt)=|\bBearer )[\w.~-]{12,}"
    r"|\b[a-z0-9]{12}\.[\w-]{20,}"  # a derived key, wherever it stands
    r"|[\w-]{40,}",  # a random one
    re.IGNORECASE,
)
ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_formatter = logging.Formatter()


def masked(text: str) -> str:
    return ADDRESSES.sub("<address>", SECRETS.sub(lambda found: f"{found['before'] or ''}<key>", text))


class MaskSecrets(logging.Filter):
    """Replaces keys and mail addresses before a line is written, and in the traceback that follows it: an error
    quotes what it was given."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = _formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = masked(record.exc_text)
        if record.stack_info:
            record.stack_info = masked(record.stack_info)
        return True
