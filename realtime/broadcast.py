"""What happened, on its way to the screens: those of this process at once, those of others by the relay."""

from realtime import bridge
from realtime.relay import relay
from realtime.seats import registry
from realtime.ticks import ticks
from seminars.facts import AccessRevoked, Fact


def on_fact(fact: Fact | AccessRevoked) -> None:
    """Called after the commit, in whatever thread the action ran; its audience is no concern of the action."""
    bridge.soon(hear, fact)
    relay.publish(fact)


def hear(fact: Fact | AccessRevoked) -> None:
    """A fact of this process or of another one; on the server's loop."""
    if isinstance(fact, AccessRevoked):
        registry.look_again(fact.person_id, fact.session_id)
    else:
        ticks.hear(fact)


def open_screen(session_id: int) -> None:
    """Before a screen joins its rooms; from then on this process is told what others do."""
    ticks.open(session_id)
    relay.listen(hear, catch_up)


async def catch_up() -> None:
    """Other processes are heard from now on; what they said before may have been missed. Never raises."""
    registry.revocations += 1
    await ticks.look()
    await registry.doubt()
