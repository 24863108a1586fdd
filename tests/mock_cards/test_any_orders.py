"""Whatever comes in whatever order, protected or not: the chip answers, and a legal reading works afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_cards.card import answer
from mock_cards.chip import ChipKey, profile_by_name
from mock_cards.der import oid_value
from mock_cards.issuing.security_infos import CHIP_AUTHENTICATION_OID, PACE_ECDH_GM_OID
from mock_cards.keys import new_ec_key, seeded_rng
from reader.crypto import CipherSuite, curve_by_name, encode_point, generator, multiply, pad, x_bytes
from reader.iso7816 import CommandAPDU, encode

SUITE, CURVE, EPHEMERAL = CipherSuite.AES_128, curve_by_name("brainpoolP256r1"), 11
CHIP_KEY = new_ec_key(CURVE, seeded_rng("any order"))
DG1 = bytes(range(256)) * 4
POINT = encode(0x7C, encode(0x80, encode_point(CURVE, multiply(CURVE, EPHEMERAL, generator(CURVE)))))
SET_AT_CHIP = encode(0x80, oid_value(CHIP_AUTHENTICATION_OID[SUITE]))
SET_AT_PACE = encode(0x80, oid_value(PACE_ECDH_GM_OID[SUITE])) + encode(0x83, b"\x02")

_HEADERS = """
    0022C1A4 002241A4 002241A6 002281B6 002281A4 002A00BE 002C0203 00820000 00840000 00860000 10860000 00880000 00A40000
    00A4020C 00A4040C 00B00000 00B08100 00B10001 00B10000 00C00000 00C20000 102A00BE 10220000 01A4040C 80CA0000
"""
_SHORT = (
    "",
    "7C00",
    "0101",
    "011E",
    "3F00",
    "540100",
    "00" * 8,
    "A0000002471001",
    "00" * 40,
    "830102",
    "7C0A8508" + "00" * 8,
)
HEADERS = st.sampled_from(_HEADERS.split()).map(bytes.fromhex) | st.binary(min_size=4, max_size=4)
DATA = (
    st.sampled_from([SET_AT_CHIP, SET_AT_PACE, POINT])
    | st.sampled_from(_SHORT).map(bytes.fromhex)
    | st.binary(max_size=60)
)
LENGTHS = st.sampled_from([0, 1, 8, 231, 256, 1000, 65536])
COMMANDS = st.builds(lambda header, data, ne: CommandAPDU(*header, data, ne), HEADERS, DATA, LENGTHS)
OBJECTS = st.lists(
    st.tuples(st.sampled_from([0x85, 0x87, 0x97, 0x99, 0x8E, 0x81, 0x53]), st.binary(max_size=40)), max_size=4
).map(lambda objects: b"".join(encode(tag, value) for tag, value in objects))
PLAIN, SECURE, SIGNED, AGREE, OPEN, RESET = "plain", "secure", "signed", "agree", "open", "reset"
STEPS = st.one_of(
    st.tuples(st.just(SECURE), COMMANDS),
    st.tuples(st.just(SECURE), COMMANDS),
    st.tuples(st.just(PLAIN), COMMANDS.map(CommandAPDU.to_bytes) | st.binary(max_size=40)),
    st.tuples(st.just(SIGNED), st.tuples(HEADERS, OBJECTS | st.binary(max_size=40))),
    st.tuples(st.sampled_from([AGREE, OPEN, OPEN, RESET]), st.none()),
)


class Wanderer:
    """Do one thing after another with a chip, and hold at each that it answered as a chip may."""

    def __init__(self, it) -> None:
        self.it = it
        self.chip = it.chip

    def walk(self, steps: list[tuple[str, object]]) -> None:
        for what, how in steps:
            getattr(self, what)(*([] if how is None else [how]))

    def plain(self, raw: bytes) -> None:
        reply = answer(self.chip, raw)
        assert reply[-2] >> 4 in (0x6, 0x9)

    def secure(self, command: CommandAPDU) -> None:
        if not self.chip.in_session:
            return
        inner = replace(command, cla=command.cla & 0x10)
        raw = self.it.protect(inner)
        reply = self.chip.transmit(raw)
        if not reply.data and reply.sw in (0x6700, 0x6882):
            # The command did not fit the buffers, or was chained on a chip without chaining: nothing was unwrapped.
            self.it.counter -= 1
        elif self.chip.in_session:
            assert self.it.unprotect(reply).sw >> 12 in (0x6, 0x9)
            if command.data == POINT and command.ins == 0x86 and reply.sw == 0x9000 and len(reply.data) > 16:
                self._take_new_keys()
        else:
            assert reply.sw in (0x6987, 0x6988)

    def signed(self, how: tuple[bytes, bytes]) -> None:
        """Send any objects under a checksum that is right."""
        if not self.chip.in_session:
            return
        header, body = bytes((0x0C, *how[0][1:])), how[1]
        self.it.counter += 1
        code = self.it._mac(pad(header, self.it.suite.block_size) + body)
        reply = self.chip.transmit(CommandAPDU(*header, data=body + encode(0x8E, code), ne=256))
        if self.chip.in_session:
            self.it.unprotect(reply)
        else:
            assert (reply.data, reply.sw in (0x6987, 0x6988)) == (b"", True)

    def agree(self) -> None:
        """Run Chip Authentication to its end."""
        if not self.chip.in_session:
            return
        self.it.secure("00A4040C07A0000002471001")
        for p1, p2, ins, data, ne in ((0x41, 0xA4, 0x22, SET_AT_CHIP, 0), (0, 0, 0x86, POINT, 256)):
            reply = self.chip.transmit(self.it.protect(CommandAPDU(0, ins, p1, p2, data, ne)))
            assert self.it.unprotect(reply).sw == 0x9000
        self._take_new_keys()

    def _take_new_keys(self) -> None:
        self.it.start(SUITE, x_bytes(CURVE, multiply(CURVE, EPHEMERAL, CHIP_KEY.point)))

    def open(self) -> None:
        """Open a session anew and read: whatever came before, it works."""
        self.it.select_application()
        assert self.it.bac().sw == 0x9000
        self.read()

    def reset(self) -> None:
        self.chip.reset()
        assert not self.chip.in_session

    def read(self) -> None:
        assert self.it.secure("00A4040C07A0000002471001").sw == 0x9000
        assert self.it.secure("00B0810120").data == DG1[1:33]
        assert self.it.secure("00B0830004").sw == 0x6982, "no terminal was authenticated"


@pytest.fixture
def wanderer(small_image, terminal) -> Callable[[], Wanderer]:
    """Return a maker of wanderers on one chip that has every protocol; each begins after a reset."""
    profile = profile_by_name("icao-eac")
    image = replace(small_image(profile), pace=profile.pace)
    image = replace(image, chip_keys=(ChipKey(CHIP_AUTHENTICATION_OID[SUITE], SUITE, CHIP_KEY),))
    passwords = replace(image.passwords, pin="123456", puk="0987654321")
    it = terminal(replace(image, passwords=passwords))

    def begin() -> Wanderer:
        it.chip.reset()
        return Wanderer(it)

    return begin


# The chip is reset for each example, so that one fixture serves them all.
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=12))
def test_after_any_steps_the_session_goes_on_or_is_gone_and_the_card_opens_anew(wanderer, steps) -> None:
    one = wanderer()
    one.open()
    one.walk(steps)
    if one.chip.in_session:
        one.read()
    else:
        # Nothing of the application is read; in the master file the short identifier is that of EF.ATR/INFO.
        assert not answer(one.chip, bytes.fromhex("00B0810104")).startswith(DG1[1:5])
    one.open()


@pytest.mark.soak
@settings(max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=30))
def test_long_wanders_end_no_other_way(wanderer, steps) -> None:
    one = wanderer()
    one.walk([(OPEN, None), *steps, (OPEN, None), (RESET, None), (OPEN, None)])
