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
    "check_open": gettext_lazy("“Still here?” was asked already: answers are awaited until %(until)s."),
    "check_unknown": gettext_lazy("This question is not known here. Reload the page."),
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
    "condensed": gettext_lazy(
        "The events of this session are no longer kept: its sealed sheet stands as it is."
    ),
    "reason_missing": gettext_lazy("Say why: it is printed with the sheet."),
    "reason_long": gettext_lazy("At most %(most)s characters."),
    "reason_names": gettext_lazy(
        "Leave the name out: this reason can't be erased. Write “a participant” or “the trainer” in its place."
    ),
    "not_on_sheet": gettext_lazy("This person is neither invited nor was here."),
    "no_half_day": gettext_lazy("Choose a half-day of this session."),
    "half_day_missing": gettext_lazy("Choose the half-day and its hours, or tick nobody."),
    "half_day_to_come": gettext_lazy("This half-day has not begun: nothing is declared in advance."),
    "half_day_not_held": gettext_lazy("This half-day was not held: no time of it can count."),
    "times_reversed": gettext_lazy("The end must come after the start."),
    "times_to_come": gettext_lazy("This hour is still to come."),
    "times_outside": gettext_lazy(
        "These hours lie outside the half-day, which was held from %(start)s to %(end)s."
    ),
    "times_overlap": gettext_lazy("These times overlap. Write each minute once."),
    "signed_already": gettext_lazy("There is a signature for this half-day already."),
    "excused_already": gettext_lazy("This absence is marked as excused. Take that mark back first."),
    "signed_and_excused": gettext_lazy(
        "There is a signature for this half-day. Void it first if nobody was there."
    ),
    "excused_signed": gettext_lazy(
        "%(name)s is marked as excused for a half-day that is ticked here. Take one of the two back."
    ),
    "nothing_signed": gettext_lazy("There is no signature left to void."),
    "not_excused": gettext_lazy("This absence is not marked as excused."),
    "scan_empty": gettext_lazy("This file is empty. Choose the scanned page."),
    "scan_too_large": gettext_lazy(
        "This file is larger than %(most)s KB. Scan it in grey, or with fewer points per inch."
    ),
    "scan_type": gettext_lazy("This is no complete PDF, JPEG or PNG. Scan or photograph the page once more."),
    "scan_acts": gettext_lazy(
        "This PDF holds a script, a form or another file. Print it to a new PDF, or photograph the page."
    ),
    "scan_locked": gettext_lazy("This PDF is protected by a password. Save it without one."),
    "scan_twice": gettext_lazy("This page is kept already."),
    "too_many_scans": gettext_lazy("There are %(most)s pages already. Put further pages into one PDF."),
    "scan_quoted": gettext_lazy("Signatures were typed from this page: it stays with them."),
    "nothing_typed": gettext_lazy("Tick at least one signature."),
    "paper_unproved": gettext_lazy("Choose the scanned page, or say why there is none."),
    "paper_team": gettext_lazy(
        "%(name)s is of the team: without the scanned page only %(name)s can sign, on the page for countersigning."
    ),
    "scheme_exists": gettext_lazy("There is a training cycle of this name already."),
    "scheme_empty": gettext_lazy("Choose at least one session of the cycle."),
    "percent_wrong": gettext_lazy("Give a percentage from 0 to 100."),
    "rule_certified": gettext_lazy(
        "Certificates are issued by this percentage already: it stays as it is. Make another training cycle instead."
    ),
    "too_many_questions": gettext_lazy("At most %(most)s questions."),
    "questions_answered": gettext_lazy(
        "Answers are there already, in the order of the questions: their number stays as it is."
    ),
    "form_not_asked": gettext_lazy("This cycle does not ask for this form."),
    "form_closed": gettext_lazy("The cycle is over: this form can no longer be filled in."),
    "form_early": gettext_lazy("This form opens with the last session of the cycle."),
    "form_empty": gettext_lazy("Answer at least one question."),
    "form_judged": gettext_lazy("These answers are judged already: they stay as they are."),
    "form_absent": gettext_lazy("There are no answers to judge."),
    "outcome_missing": gettext_lazy("Choose: completed, or not completed."),
    "decision_reason_missing": gettext_lazy("Say why: the decision is kept with its reason."),
    "completion_decided": gettext_lazy("The figures leave nothing open here."),
    "completion_open": gettext_lazy("Completion is still to be decided by the trainer."),
    "not_completed": gettext_lazy("The cycle is not completed."),
    "sheets_missing": gettext_lazy("Some sessions of the cycle have no sealed sheet yet."),
    "not_sealed": gettext_lazy("The sheet is not sealed yet."),
    "not_present": gettext_lazy("No minute of presence is counted."),
    "same_day_over": gettext_lazy(
        "An attestation of the same day can be issued until the day after. Issue a certificate from the sealed sheet."
    ),
    "walk_in_undecided": gettext_lazy("Came without an invitation, which no host has confirmed."),
    "below_threshold": gettext_lazy("Present for less than is asked."),
    "hours_undecided": gettext_lazy("Present for less than is asked, unless open minutes are declared."),
    "certified_already": gettext_lazy("There is a certificate of this kind already. It can be issued again."),
    "certificate_withdrawn": gettext_lazy("This certificate is withdrawn already."),
    "certificate_erased": gettext_lazy("The person of this certificate is erased."),
    "issue_reason_missing": gettext_lazy("Say why: the certificate keeps the reason."),
    "kind_of_session": gettext_lazy("Choose one of the kinds shown."),
    "certify_nobody": gettext_lazy("Tick at least one person."),
    "certify_too_many": gettext_lazy("At most %(most)s people at once."),
    "sheet_sealed": gettext_lazy("The sheet is sealed: it takes no signature any more. Ask whoever hosts."),
    "sign_early": gettext_lazy("This half-day can be signed from %(hour)s, never in advance."),
    "sign_late": gettext_lazy(
        "This half-day could be signed until %(hour)s. Tell whoever hosts: a late signature is declared with its "
        "reason."
    ),
    "sign_excused": gettext_lazy(
        "You are marked as excused for this half-day. If you are here, tell whoever hosts."
    ),
    "sign_as_other": gettext_lazy(
        "You are signed in as %(name)s, and nobody signs for another. Sign out, then open the link again."
    ),
    "name_differs": gettext_lazy("Type your name as it stands here: %(name)s."),
    "mode_missing": gettext_lazy("Say whether you are in the room or in the video."),
    "not_on_list": gettext_lazy("You are not on the list of this session. Tell whoever hosts."),
    "on_list": gettext_lazy("You are on the list: sign under your own name."),
    "countersigns": gettext_lazy("You are of the team: you countersign."),
    "not_in_team": gettext_lazy("Only the team of this session countersigns."),
    "not_on_site": gettext_lazy("This session is held by video: nobody comes or goes by a code."),
    "nothing_open": gettext_lazy("No half-day can be signed now."),
    "room_code_wrong": gettext_lazy(
        "This code opens nothing now. Type the one that the room shows at this minute."
    ),
    "walk_ins_full": gettext_lazy("At most %(most)s people may wait for a decision. Tell whoever hosts."),
    "walk_in_decided": gettext_lazy("This is decided already."),
    "not_invited_here": gettext_lazy("Choose somebody of the list: invited, or signed in the room too."),
    "form_sent": gettext_lazy("This form was sent already, and its signature is kept."),
    "walk_ins_here": gettext_lazy(
        "%(most)s people have signed in this browser without being on the list. Tell whoever hosts."
    ),
    "no_mail_address": gettext_lazy(
        "No mail address of yours is known here. Sign at the desk, with whoever hosts."
    ),
    "signed_already_move": gettext_lazy(
        "Somebody has signed a half-day of it: its hours and place stay. Say what was held when you close it."
    ),
    "not_inside": gettext_lazy("Join first: only who is in the room can do this."),
    "pulse_unknown": gettext_lazy("This answer is not one of the five."),
    "bad_command": gettext_lazy("This message could not be read."),
    "forbidden": gettext_lazy("You may not do this here."),
    "failed": gettext_lazy("This was not kept. Try again."),
    "too_fast": gettext_lazy("Too many messages. Wait a moment."),
    "walk_ins_open": ngettext_lazy(
        "%(count)s person came without an invitation, and no host has said whether she was there. Decide that first.",
        "%(count)s people came without an invitation, and no host has said whether they were there. Decide that first.",
        "count",
    ),
    "findings_unexplained": ngettext_lazy(
        "%(count)s line of the report needs a reason. Give it, or correct what it shows.",
        "%(count)s lines of the report need a reason. Give them, or correct what they show.",
        "count",
    ),
    "sheet_changed": gettext_lazy(
        "Something has changed since the sheet was sealed. Seal a new version first."
    ),
    "not_training": gettext_lazy(
        "A certificat de réalisation is for training only. Choose another kind for this session."
    ),
    "sheet_moved": gettext_lazy("The sheet has changed meanwhile. Look at it again; what you wrote is kept."),
    "seal_unchanged": gettext_lazy("Nothing has changed since version %(version)s was sealed."),
    "no_seal_key": gettext_lazy(
        "The sheet can't be sealed: this installation has no key for it. Tell whoever runs it."
    ),
    "label_missing": gettext_lazy("Say who inspects: the room and the log show it."),
    "until_wrong": gettext_lazy("Choose a day from today on, and within %(days)s days."),
    "too_many_inspectors": gettext_lazy("There are %(most)s open links already. Take one back first."),
    "paid_to_come": gettext_lazy("This day is still to come: give the day of a payment that was made."),
    "paid_unsure": gettext_lazy("This day is not kept yet: read first what it would change."),
    "no_profile": gettext_lazy("Choose at least one profile of retention."),
    "seal_changed": gettext_lazy(
        "Something has changed since the sheet was sealed. Seal a new version first."
    ),
    "seal_broken": gettext_lazy("The seal does not verify: nothing was taken away. Tell whoever runs Viso."),
    "retention_sealed": gettext_lazy("This sheet is sealed: it can be kept longer, and no longer shorter."),
    "erasure_leads": gettext_lazy(
        "You still run sessions that are to come. Somebody else has to take them over first: write to us."
    ),
    "erasure_asked": gettext_lazy("You have asked for this already."),
    "not_sure": gettext_lazy("Tick that you are sure: this can't be undone."),
    "bundle_large": gettext_lazy(
        "The bundle would be larger than %(most)s MB. Take the documents one by one instead."
    ),
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
