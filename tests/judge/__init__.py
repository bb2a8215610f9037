"""The judge of every calendar object and mail that tests send: octets, grammar, iTIP, MIME tree, feeds, revisions.

It shares no line with what it judges, and says each fault in words; parsers let nearly everything pass.
"""

from tests.judge.feeds import judge_feed
from tests.judge.histories import History
from tests.judge.itip import judge_message
from tests.judge.mails import judge_mail

__all__ = ["History", "judge_feed", "judge_mail", "judge_message"]
