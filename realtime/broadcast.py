"""A fact becomes a frame for each audience: hosts, participants, and the person it is about."""

import logging

from realtime import bridge, groups
from realtime.hub import frame_text
from realtime.seats import registry
from seminars.facts import AccessRevoked, Fact
from seminars.models import Invitation, Presence, TeamMember
from seminars.queries import live

log = logging.getLogger(__name__)


def on_fact(fact: Fact | AccessRevoked) -> None:
    """Called after the commit, in whatever thread the action ran."""
    if isinstance(fact, AccessRevoked):
        bridge.soon(registry.look_again, fact.person_id, fact.session_id)
        return
    hosts, everybody = groups.hosts(fact.session_id), groups.everybody(fact.session_id)
    if bridge.is_heard(hosts):
        _tell(hosts, fact.seq, live.host_patch(fact))
    if bridge.is_heard(everybody):
        _tell_own(fact)
        _tell(everybody, fact.seq, live.participant_patch(fact))


def _tell(room: str, seq: int, patch: live.State) -> None:
    """Every reader hears every number: who may not see what changed hears that something did."""
    bridge.announce(room, frame_text("live.changed" if patch else "tick", seq, patch))


def _tell_own(fact: Fact) -> None:
    """Before the others' frame of the same number, so that whoever has the number has it whole."""
    people = live.touched(fact)
    wanted = [
        person_id
        for person_id in (_everybody(fact.session_id) if people is None else people)
        if bridge.is_heard(groups.own(fact.session_id, person_id))
    ]
    if wanted:
        for person_id, patch in live.own_patches(fact.session_id, wanted).items():
            bridge.announce(
                groups.own(fact.session_id, person_id), frame_text("live.changed", fact.seq, patch)
            )


def _everybody(session_id: int) -> set[int]:
    """Whoever may have a screen of this session."""
    found: set[int] = set()
    for model in (Invitation, TeamMember, Presence):
        found |= set(model.objects.filter(session=session_id).values_list("person_id", flat=True))
    return found
