"""A letter -> subject, text, HTML and calendar part, in the READER's language and zone, never the sender's."""

from seminars.wording.mail import render
from seminars.wording.series import Series

__all__ = ["Series", "render"]
