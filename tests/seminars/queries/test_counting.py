"""The count of a half-day beside a count second by second that knows no intervals; the rules of the room."""

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from seminars.evidence.chain import stamp
from seminars.evidence.intervals import Event, spans
from seminars.models import Slot
from seminars.queries.counting import part_of, undecided

BASES = [datetime(2027, month, day, 0, 50, tzinfo=UTC) for month, day in ((1, 21), (3, 28), (10, 31))]
"""An ordinary night, and those in which the clocks change ten minutes later."""
BOUNDS = {1: (60, 660), 2: (700, 1300)}
"""Held times of both half-days, in seconds."""
LAST = 1400
SMALL = {"BRIDGED_GAP_MINUTES": 1, "REPLAY_FREE_MINUTES": 2, "SIGN_OPENS_MINUTES": 1}
BRIDGED, FREE, GRACE = 60, 120, 60

edges = sorted(
    {a + b for bound in BOUNDS.values() for a in bound for b in (-60, -1, 0, 1, 59, 60, 61, 120, 121)}
)
second = st.one_of(st.integers(0, LAST), st.sampled_from(edges))
ordered = st.lists(second, min_size=4, max_size=4).map(sorted)
pair = st.tuples(second, second).map(sorted)
part = st.sampled_from([1, 2])
hours = st.one_of(st.none(), pair)
line = st.tuples(st.just("line"), ordered, st.sampled_from(["", "awake", "video", "heard", "open"]))
signature = st.tuples(
    st.just("sign"),
    part,
    second,
    st.sampled_from(["room", "video"]),
    st.sampled_from(["page", "paper", "told"]),
    hours,
)
move = st.tuples(st.just("move"), part, second, st.sampled_from(["checked_in", "checked_out"]))
minutes = st.tuples(st.just("declared"), st.sampled_from([None, 1, 2]), pair)
correction = st.tuples(st.just("times"), part, second, st.lists(pair, max_size=3))
voided = st.tuples(st.just("void"), part, second)
excuse = st.tuples(st.just("excuse"), part, second, st.booleans())
story = st.one_of(line, line, signature, move, minutes, correction, voided, excuse)


def facts(base, stories):
    """The stories as events in the order of time, and the last beat of connections that are open."""

    def at(second):
        return base + timedelta(seconds=second)

    events, open_ = [], {}
    for number, (what, *told) in enumerate(stories):
        key = str(number)
        if what == "line":
            (a, b, c, d), how = told
            data = {"heard": stamp(at(b))} if how == "heard" else {}
            events.append((a, Event("joined", at(a), key, data)))
            if how in ("", "awake", "video"):
                back = {"last_beat": stamp(at(b))} | ({how: True} if how else {})
                events.append((c, Event("resumed", at(c), key, back)))
            if how == "open":
                open_[key] = at(d)
            else:
                events.append((d, Event("left", at(d), key)))
        elif what == "sign":
            slot, when, mode, by, given_ = told
            data = {"as": "participant", "mode": mode, "by": by}
            if given_ and by != "page":
                data |= {"from": stamp(at(given_[0])), "to": stamp(at(given_[1]))}
            kind = "declared" if by == "told" else "signed"
            data |= {"signature": True} if by == "told" else {}
            source = "paper" if by == "paper" else "companion"
            events.append((when, Event(kind, at(when), None, data, slot=slot, source=source)))
        elif what == "move":
            slot, when, kind = told
            events.append((when, Event(kind, at(when), None, {"mode": "room"}, slot=slot)))
        elif what == "declared":
            slot, (a, b) = told
            data = {"from": stamp(at(a)), "to": stamp(at(b))}
            events.append((LAST, Event("declared", at(LAST), None, data, slot=slot)))
        elif what == "times":
            slot, when, several = told
            times = [[stamp(at(a)), stamp(at(b))] for a, b in several]
            events.append((when, Event("corrected", at(when), None, {"times": times}, slot=slot)))
        elif what == "excuse":
            slot, when, is_so = told
            events.append((when, Event("declared", at(when), None, {"excused": is_so}, slot=slot)))
        else:
            slot, when = told
            events.append((when, Event("corrected", at(when), None, {"signature": False}, slot=slot)))
    ranked = sorted(enumerate(events), key=lambda one: (one[1][0], one[0]))
    return [event for _n, (_second, event) in ranked], open_


def voids(stories, slot):
    """Asks whether a later word of the trainer took a signature of that half-day away."""
    last = {n: told[1] for n, (what, *told) in enumerate(stories) if what == "void" and told[0] == slot}
    return lambda number, when: any(void > when or (void == when and n > number) for n, void in last.items())


def classes(stories, slot):
    """Seconds of each class but the room's, as far as they can count in one half-day."""
    found = {name: set() for name in ("seen", "replayed", "unseen", "declared")}
    is_void = voids(stories, slot)
    for number, (what, *told) in enumerate(stories):
        if what == "declared":
            if told[0] in (None, slot):
                found["declared"] |= set(range(*told[1]))
        elif what == "sign" and told[2] == "video" and told[3] != "page" and told[4]:
            if told[0] == slot and not is_void(number, told[1]):
                found["declared"] |= set(range(*told[4]))
        elif what == "line":
            (a, b, c, d), how = told
            if how == "heard":
                found["replayed"] |= set(range(a, b))
                found["seen"] |= set(range(b, d))
            elif how == "open":
                found["seen"] |= set(range(a, d))
            else:
                found["seen"] |= set(range(a, b)) | set(range(c, d))
                between = {"awake": "replayed", "video": "unseen"}.get(how)
                if between:
                    found[between] |= set(range(b, c))
    return found


def in_the_room(stories, slot, begun, ended):
    """Seconds on site: each asks by itself whether she had come and not gone."""
    is_void = voids(stories, slot)
    signs, stays = [], set()
    for number, (what, *told) in enumerate(stories):
        if what == "move" and told[0] == slot:
            signs.append((told[1], {"checked_in": 0, "checked_out": 1}[told[2]]))
        elif what == "sign" and told[0] == slot and told[2] == "room" and not is_void(number, told[1]):
            if told[3] == "page":
                signs.append((told[1], 2))
            else:
                a, b = told[4] or (begun, ended)
                stays |= set(range(a, b))
    signs.sort()
    arrivals = [one for n, one in enumerate(signs) if one[1] == 0 or (one[1] == 2 and n == 0)]
    for now in range(begun, ended):
        for when, kind in arrivals:
            is_first = (when, kind) == signs[0]
            since = begun if is_first and when <= begun + GRACE else when
            gone = any(k == 1 and ((when, kind) < (t, k)) and t <= now for t, k in signs)
            if since <= now and not gone:
                stays.add(now)
    return stays & set(range(begun, ended))


def brute(stories, slot):
    """Sets of seconds by class, of one half-day."""
    begun, ended = BOUNDS[slot]
    bound = set(range(begun, ended))
    excused = [
        (told[1], number, told[2])
        for number, (what, *told) in enumerate(stories)
        if what == "excuse" and told[0] == slot
    ]
    if excused and max(excused)[2]:
        return {"minutes": set(), "visits": set(), "bridged": set(), "unseen": set(), "waiting": set()}
    corrected = [
        (told[1], number, told[2])
        for number, (what, *told) in enumerate(stories)
        if what == "times" and told[0] == slot
    ]
    if corrected:
        times = set().union(*(set(range(a, b)) for a, b in max(corrected)[2])) & bound
        return {"minutes": times, "visits": times, "corrected": True}
    found = {name: times & bound for name, times in classes(stories, slot).items()}
    onsite = in_the_room(stories, slot, begun, ended)
    proved = found["seen"] | onsite | found["declared"]
    told = found["replayed"] - proved
    is_free = len(told) <= FREE
    sure = proved | (told if is_free else set())
    gaps = [set(range(a + 1, b)) for a, b in pairwise(sorted(sure)) if 0 < b - a - 1 < BRIDGED]
    bridged = set().union(*gaps)
    whole = sure | bridged
    waiting = told - whole
    return {
        "minutes": whole,
        "visits": sure,
        "bridged": bridged,
        "onsite": onsite - found["seen"],
        "declared": found["declared"] - found["seen"] - onsite,
        "replayed": told if is_free else set(),
        "waiting": waiting,
        "unseen": found["unseen"] - whole - waiting,
    }


def runs(seconds, base):
    """A set of seconds as spans."""
    found = []
    for one in sorted(seconds):
        if found and found[-1][1] == one:
            found[-1][1] = one + 1
        else:
            found.append([one, one + 1])
    return tuple((base + timedelta(seconds=a), base + timedelta(seconds=b)) for a, b in found)


@limits(max_examples=400, deadline=None)
@given(base=st.sampled_from(BASES), stories=st.lists(story, max_size=9))
def test_every_class_equals_a_count_second_by_second(base, stories):
    events, open_ = facts(base, stories)
    whole = spans(events, open_)
    for number, (a, b) in BOUNDS.items():
        bound = (base + timedelta(seconds=a), base + timedelta(seconds=b))
        with override_settings(**SMALL):
            found = part_of(Slot(number=number, starts_at=bound[0], ends_at=bound[1]), whole, [bound])
        expected = brute(stories, number)
        is_corrected = expected.pop("corrected", False)
        visits, times = expected.pop("visits"), expected["minutes"]
        assert found.corrected == is_corrected
        for name, seconds in expected.items():
            assert getattr(found, name) == len(seconds) // 60, name
        assert found.visits == runs(visits, base)
        assert found.times == runs(times, base)
        assert (found.first_in is None) == (not times)


# --- The rules of the room ---------------------------------------------------------------------------------------

NINE = datetime(2027, 1, 21, 9, tzinfo=UTC)


def at(minute):
    return NINE + timedelta(minutes=minute)


def room(minute, kind="signed", *, source="companion", **data):
    given_ = {"as": "participant", "mode": "room", "by": "code"} | data
    return Event(kind, at(minute), None, given_, slot=1, source=source)


def counted(*events, until=90):
    slot = Slot(number=1, starts_at=at(0), ends_at=at(90))
    return part_of(slot, spans(events, {}), [(at(0), at(until))])


@pytest.mark.parametrize(("minute", "minutes"), [(-10, 90), (0, 90), (15, 90), (16, 74), (89, 1), (100, 0)])
def test_who_signs_within_a_quarter_of_an_hour_was_there_from_the_beginning(minute, minutes):
    found = counted(room(minute))
    assert (found.minutes, found.onsite, found.mode) == (minutes, minutes, "room")


def test_signing_by_video_gives_no_minute_of_itself():
    found = counted(room(5, mode="video"))
    assert (found.minutes, found.mode, found.signature.mode) == (0, "video", "video")


def test_who_checks_out_is_gone_until_she_checks_in_and_a_signature_brings_nobody_back():
    out = room(30, "checked_out")
    assert counted(room(2), out).minutes == 30
    assert counted(room(2, "checked_in"), out, room(50)).minutes == 30
    assert counted(room(2), out, room(50, "checked_in")).minutes == 70


def test_hours_written_on_paper_are_hers_and_without_them_it_is_the_whole_half_day():
    paper = {"source": "paper", "by": "paper"}
    assert counted(room(95, **paper)).minutes == 90
    hours_ = {"from": stamp(at(20)), "to": stamp(at(80))}
    assert counted(room(95, **paper, **hours_)).minutes == 60


def test_a_declared_signature_stands_for_its_hours_and_says_that_it_is_declared():
    told = room(120, "declared", signature=True, **{"from": stamp(at(20)), "to": stamp(at(300))})
    found = counted(told)
    assert (found.minutes, found.declared, found.signature.is_declared) == (70, 0, True)


def test_minutes_on_site_that_the_server_saw_too_are_counted_once_and_as_seen():
    found = counted(room(2), Event("joined", at(0), "a"), Event("left", at(40), "a"))
    assert (found.minutes, found.onsite) == (90, 50)


def test_a_voided_signature_takes_its_minutes_along_and_a_new_one_may_follow():
    void = Event("corrected", at(50), None, {"signature": False}, slot=1)
    assert (counted(room(2), void).minutes, counted(room(2), void).signature) == (0, None)
    assert counted(room(2), void, room(60)).minutes == 30


def test_the_last_correction_stands_in_the_place_of_everything_even_of_what_comes_later():
    def corrected(minute, *times):
        data = {"times": [[stamp(at(a)), stamp(at(b))] for a, b in times]}
        return Event("corrected", at(minute), None, data, slot=1)

    line_ = [Event("joined", at(0), "a"), Event("left", at(90), "a")]
    found = counted(
        room(2), *line_, corrected(95, (0, 10)), corrected(96, (0, 20), (23, 50), (80, 200)), *line_
    )
    assert (found.minutes, found.bridged, found.corrected) == (57, 0, True), "nothing is bridged for her"
    assert found.times == ((at(0), at(20)), (at(23), at(50)), (at(80), at(90)))
    assert counted(*line_, corrected(95)).minutes == 0
    whole = spans([Event("left", at(10), "a", {"video_until": stamp(at(60))}), corrected(95)], {})
    assert undecided(whole, {1: [(at(0), at(90))]}) == [], "nothing is left to declare"


def test_an_excused_half_day_counts_nothing_says_what_it_sets_aside_and_can_be_taken_back():
    def excused(value):
        return Event("declared" if value else "corrected", at(5), None, {"excused": value}, slot=1)

    found = counted(excused(True), room(10), room(20, "checked_out"))
    assert (found.minutes, found.visits, found.set_aside, found.is_excused) == (0, (), 20, True)
    back = counted(excused(True), room(10), room(20, "checked_out"), excused(False))
    assert (back.minutes, back.set_aside, back.is_excused) == (20, 0, False)
    slept = Event("left", at(10), "a", {"video_until": stamp(at(60))})
    assert undecided(spans([slept, excused(True)], {}), {1: [(at(0), at(90))]}) == []


def test_what_is_declared_of_the_morning_counts_in_no_afternoon():
    told = Event("declared", at(200), None, {"from": stamp(at(0)), "to": stamp(at(190))}, slot=1)
    whole = spans([told], {})
    afternoon = Slot(number=2, starts_at=at(100), ends_at=at(190))
    assert part_of(afternoon, whole, [(at(100), at(190))]).minutes == 0
    morning = Slot(number=1, starts_at=at(0), ends_at=at(90))
    assert part_of(morning, whole, [(at(0), at(90))]).minutes == 90


def test_the_hours_of_a_declared_signature_by_video_go_when_it_is_voided():
    hours_ = {"from": stamp(at(0)), "to": stamp(at(90))}
    told = room(100, "declared", signature=True, mode="video", **hours_)
    void = Event("corrected", at(110), None, {"signature": False}, slot=1)
    assert (counted(told).minutes, counted(told).declared) == (90, 90)
    assert (counted(told, void).minutes, counted(told, void).signature) == (0, None)


def test_towards_the_plan_a_half_day_gives_at_most_its_own_minutes():
    found = counted(room(0), until=130)
    assert (found.minutes, found.planned, found.credited, found.at_best) == (130, 90, 90, 90)


def test_what_was_signed_for_a_half_day_that_was_not_held_counts_nothing():
    slot = Slot(number=1, starts_at=at(0), ends_at=at(90))
    found = part_of(slot, spans([room(5)], {}), [])
    assert (found.minutes, found.signature.by) == (0, "code")


def cost(returns):
    """CPU seconds of a half-day in which one line came back so many times, at best of three."""
    whole, step = NINE + timedelta(hours=3), timedelta(hours=3) / (returns + 2)
    events = [Event("joined", NINE, "a")]
    for number in range(1, returns + 1):
        last, back = NINE + step * number, NINE + step * (number + 0.5)
        how = {"awake": True} if number % 2 else {"video": True}
        events.append(Event("resumed", back, "a", {"last_beat": stamp(last)} | how))
    events.append(Event("left", whole, "a"))

    def once():
        began = time.process_time()
        found = spans(events, {})
        assert part_of(Slot(number=1, starts_at=NINE, ends_at=whole), found, [(NINE, whole)]).minutes
        undecided(found, {1: [(NINE, whole)]})
        return time.process_time() - began

    return min(once() for _ in range(3))


def test_four_times_as_many_events_of_one_person_take_about_four_times_as_long():
    assert cost(8000) < 9 * cost(2000)
