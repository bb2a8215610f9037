"""Refusals in words: the fact first, then what to do. The doors ask here, in the reader's language."""

from datetime import UTC, date, datetime, time
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from seminars import saying
from seminars.errors import Refused

Words = str | Promise
SENTENCES: dict[str, Words] = {
    "title_missing": gettext_lazy("Add a title in French or in Italian."),
    "second_title_missing_fr": gettext_lazy(
        "Add the title in French: a public session speaks two languages."
    ),
    "second_title_missing_it": gettext_lazy(
        "Add the title in Italian: a public session speaks two languages."
    ),
    "end_before_start": gettext_lazy(
        "The end (%(end)s) comes before the start (%(start)s). Choose an hour after %(start)s."
    ),
    "no_such_hour": gettext_lazy(
        "On %(day)s, %(hour)s does not exist: the clocks go forward. Choose an hour later or another date."
    ),
    "hour_twice": gettext_lazy(
        "On %(day)s, %(hour)s comes twice: the clocks go back. Choose an hour before 2:00 or after 3:00."
    ),
    "past_date": gettext_lazy(
        "This date has passed. Tick “It is meant so” to keep a session that was already held."
    ),
    "slots_overlap": gettext_lazy("The second half-day must begin after the first one ends (%(end)s)."),
    "slots_missing": gettext_lazy("Give a date, a start and an end."),
    "place_missing": gettext_lazy("Add the place: people come in person."),
    "too_long": gettext_lazy("A half-day may last 12 hours at most. Split the session into several parts."),
    "not_now": gettext_lazy("This can't be done while the session is “%(state)s”."),
    "draft_first": gettext_lazy("This session is still a draft. Schedule it, then invite."),
    "room_not_open": gettext_lazy("The room opens at %(hour)s. This page stays here for you."),
    "room_over": gettext_lazy("The room is closed: the session is over."),
    "too_early_to_open": gettext_lazy("The session can be opened from %(hour)s."),
    "held_reason_missing": gettext_lazy(
        "The hours held differ from the plan by more than %(minutes)s minutes. Say why: the sheet prints it."
    ),
    "held_times_wrong": gettext_lazy("The hours held must end after they begin, and not in the future."),
    "nobody_to_invite": gettext_lazy("Write at least one address."),
    "too_many": gettext_lazy("At most %(most)s addresses at once. Send the others in a second round."),
    "over_quota": ngettext_lazy(
        "%(organisation)s has %(seats)s seat. Taken: %(taken)s. Too many: %(over)s. Leave somebody out, or tick "
        "“Invite anyway”.",
        "%(organisation)s has %(seats)s seats. Taken: %(taken)s. Too many: %(over)s. Leave somebody out, or tick "
        "“Invite anyway”.",
        "seats",
    ),
    "seats_wrong": gettext_lazy("Give a number of seats from 0 to %(most)s, or none."),
    "group_empty": gettext_lazy("A group needs at least one person."),
    "group_full": gettext_lazy("A group holds at most %(most)s people. Make a second one."),
    "too_many_groups": gettext_lazy("There are %(most)s groups already. Delete one that is no longer used."),
    "group_is_empty": gettext_lazy("Nobody is in this group."),
    "nobody_ticked": gettext_lazy("Nobody is ticked. Tick whoever shall leave the group."),
    "bad_addresses": gettext_lazy(
        "Some addresses can't be used. The others are kept; correct these and send again."
    ),
    "answers_closed": gettext_lazy(
        "The session has begun or is over: the answer can no longer be changed here."
    ),
    "replaced": gettext_lazy(
        "%(name)s comes in your place. Do you want to come again? Write to whoever organises it."
    ),
    "session_moved": gettext_lazy(
        "The date, the hours or the place changed after this page was opened. It is now on %(day)s, %(start)s. Nothing "
        "was kept: please answer again."
    ),
    "settings_of_planner": gettext_lazy(
        "You plan sessions: sign in, and change your language and zone on your account page."
    ),
    "session_cancelled": gettext_lazy("This session is cancelled: it does not take place."),
    "invitation_withdrawn": gettext_lazy("This invitation has been taken back."),
    "dates_missing": gettext_lazy("Choose an answer for at least one date."),
    "address_unusable": gettext_lazy("This address can't be used: %(why)s."),
    "address_not_one": gettext_lazy("Write one mail address, such as name@example.org."),
    "substitute_herself": gettext_lazy(
        "This is your own address. Write that of the person who comes instead."
    ),
    "substitution_open": gettext_lazy(
        "You have asked already, and the decision is still open. Take that request back first."
    ),
    "substitution_gone": gettext_lazy("This request is decided or taken back already."),
    "message_empty": gettext_lazy("Write a text in at least one language."),
    "no_own_words": gettext_lazy("Letters of this kind take no words of your own."),
    "words_too_long": gettext_lazy("The text has more than %(most)s characters. Shorten it."),
    "placeholder_unknown": gettext_lazy(
        "Not filled in: %(found)s. Placeholders are %(known)s; write anything else without braces."
    ),
    "nobody_to_write_to": gettext_lazy("This would reach nobody. Choose other readers."),
    "convoked": gettext_lazy("Everybody who said yes has the convocation as the session stands now."),
    "asked_today": gettext_lazy(
        "Nobody is asked twice within a day: those who have not answered were, or want no such letters."
    ),
    "all_answered": gettext_lazy("Everybody has answered."),
    "reminder_unknown": gettext_lazy("Choose among the moments shown."),
    "link_old": gettext_lazy("This link is no longer valid. Ask for a new one at the same address."),
    "code_wrong": gettext_lazy("This number does not match. Check it, or ask for a new mail."),
    "lapsed": gettext_lazy("The connection had lapsed; it is being taken up again."),
    "foreign_connection": gettext_lazy("This connection belongs to somebody else. Reload the page."),
    "unknown_connection": gettext_lazy("This connection is not known here. Reload the page."),
    "too_large": gettext_lazy("This is too much at once."),
    "feedback_closed": gettext_lazy("The form is closed: it stays open for %(days)s days."),
    "feedback_given": gettext_lazy("Your answers are already kept. Thank you."),
    "feedback_empty": gettext_lazy("Answer at least one question."),
    "name_missing": gettext_lazy("Give a name, so that you recognise it later."),
    "window_wrong": gettext_lazy("Give a number of days from 0 to %(days)s, or none."),
    "key_revoked": gettext_lazy("This calendar address has been revoked. Make another one."),
    "too_many_keys": gettext_lazy(
        "There are %(most)s calendar addresses already. Revoke one that is no longer used."
    ),
    "link_over": gettext_lazy(
        "The link of your letter opens nothing any more. Sign in, and make an address that lasts."
    ),
    "not_inside": gettext_lazy("Join first: only who is in the room can do this."),
    "pulse_unknown": gettext_lazy("This answer is not one of the five."),
    "bad_command": gettext_lazy("This message could not be read."),
    "forbidden": gettext_lazy("You may not do this here."),
    "failed": gettext_lazy("This was not kept. Try again."),
    "too_fast": gettext_lazy("Too many messages. Wait a moment."),
}


def shown(value: Any) -> Any:
    """A fact the reader's way: hours and days in the active language, whatever else as it is."""
    language = translation.get_language() or "en"
    if isinstance(value, datetime):
        return saying.hour(value, value.tzinfo, language)  # type: ignore[arg-type]  # actions give zoneinfo zones
    if isinstance(value, time):  # an hour on the wall, said as it is
        return saying.hour(datetime.combine(date(2000, 1, 1), value, UTC), "UTC", language)
    if isinstance(value, date):
        return saying.day_of_month(value, "UTC", language)
    return value


def sentence(refused: Refused) -> str:
    """The refusal in the active language."""
    text = SENTENCES.get(refused.code, _("This was refused."))
    facts = {name: shown(value) for name, value in refused.facts.items()}
    return str(text % facts if facts else text)
