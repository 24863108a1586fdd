"""What changed between queueing and sending: the clerk, the device, the purpose, the day. Rows A8, A9 and L6."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from auth.outbox import Event, Letter, State
from auth.outbox.standing import DeviceState, EnrolledDevice, SignedInClerk, SignedInHere

Letters = Callable[..., Letter]


def test_a_clerk_who_lost_the_role_must_be_decided_about(bench, letter_of: Letters) -> None:
    """A9: not sent, and never under another clerk."""

    class WithoutRole(SignedInClerk):
        def may_ask(self, clerk: str, register: str, purpose: str) -> bool:
            return False

    bench.outbox.put(letter_of())
    bench.clerks = WithoutRole("cb-001")
    assert bench.drain().held == 1
    (item,) = bench.outbox.items()
    assert (item.state, item.reason) == (State.NEEDS_DECISION, "role-gone")
    bench.clerks = SignedInClerk("cb-001")
    assert bench.drain().sent == 0, "what waits for a decision does not go by itself"
    bench.outbox.happen(item, Event.APPROVE)
    assert bench.drain().answered == 1


def test_who_signed_in_and_for_what_decides(bench, letter_of: Letters) -> None:
    """A9, by the log-in of this desk."""

    @dataclass
    class Clerks:
        clerk_id: str = ""
        purposes: tuple[str, ...] = ("citizen-information",)

        @property
        def presence(self) -> Clerks:
            return self

    here = Clerks()
    bench.clerks = SignedInHere(here)
    bench.outbox.put(letter_of("H-1"))
    assert bench.drain().why == "clerk-not-signed-in"
    here.clerk_id = "cb-002"
    assert bench.drain().sent == 0
    here.clerk_id, here.purposes = "cb-001", ("permanent-residence",)
    assert bench.drain().held == 1
    assert bench.outbox.items()[0].reason == "role-gone"
    here.purposes = ("citizen-information",)
    bench.outbox.happen(bench.outbox.items()[0], Event.APPROVE)
    assert bench.drain().answered == 1


def test_anothers_look_ups_wait_for_their_clerk(bench, letter_of: Letters) -> None:
    bench.outbox.put(letter_of("H-1", clerk="cb-001"))
    bench.outbox.put(letter_of("H-2", clerk="cb-002"))
    bench.drain()
    assert bench.states() == [State.ANSWERED, State.QUEUED]
    bench.clerks = SignedInClerk("")
    assert bench.drain().why == "clerk-not-signed-in"
    bench.clerks = SignedInClerk("cb-002")
    assert bench.drain().answered == 1


def test_a_purpose_that_is_no_more_must_be_decided_about(bench, letter_of: Letters) -> None:
    bench.outbox.put(letter_of(purpose="permanent-residence", register="population"))
    bench.outbox.put(letter_of(dossier="H-2", purpose="no-such-purpose"))
    bench.register.effects = {}
    bench.drain()
    assert bench.outbox.items()[1].reason == "purpose-gone"


@pytest.mark.parametrize("state", [DeviceState.REVOKED, DeviceState.SUSPENDED])
def test_a_revoked_device_sends_nothing_and_freezes_what_it_has(
    bench, letter_of: Letters, clock, state: DeviceState
) -> None:
    """A8: revoked while it was offline; frozen look-ups do not expire, for somebody must export them."""
    for number in range(3):
        bench.outbox.put(letter_of(f"H-{number}"))
    bench.outbox.happen(bench.outbox.items()[0], Event.DOUBT)
    bench.device = EnrolledDevice(state)
    done = bench.drain()
    assert (done.held, done.sent, done.why) == (3, 0, f"device-{state}")
    assert bench.states() == [State.FROZEN] * 3
    clock.let_pass(30 * 86_400)
    bench.drain()
    assert bench.states() == [State.FROZEN] * 3
    assert bench.register.heard == []


def test_a_device_that_is_active_again_thaws(bench, letter_of: Letters) -> None:
    bench.outbox.put(letter_of())
    bench.device = EnrolledDevice(DeviceState.SUSPENDED)
    bench.drain()
    bench.device = EnrolledDevice()
    assert bench.drain().answered == 1


def test_a_device_of_which_nothing_fresh_is_known_sends_nothing_and_freezes_nothing(bench, letter_of: Letters) -> None:
    bench.outbox.put(letter_of())
    bench.device = EnrolledDevice(DeviceState.UNKNOWN)
    assert bench.drain().why == "device-unknown"
    assert bench.states() == [State.QUEUED]


def test_what_became_too_old_meanwhile_is_not_sent(bench, letter_of: Letters, clock) -> None:
    """L6: after seven days, also what was queued first of a dossier."""
    bench.outbox.put(letter_of("H-1"))
    clock.let_pass(6 * 86_400)
    bench.outbox.put(letter_of("H-1"))
    clock.let_pass(2 * 86_400)
    done = bench.drain()
    assert (done.expired, done.answered) == (1, 1)
    assert bench.states() == [State.EXPIRED, State.ANSWERED]


def test_a_fault_of_ours_leaves_the_look_up_in_the_queue(bench, letter_of: Letters) -> None:
    bench.outbox.put(letter_of())
    bench.register.trouble = [KeyError("inside")]
    with pytest.raises(KeyError):
        bench.drain()
    assert bench.states() == [State.QUEUED]
    assert bench.outbox.items()[0].reason == "fault"
