"""Whatever bytes arrive, in whatever state: a chip answers with a status word and never breaks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_cards.build import CardFactory
from mock_cards.card import answer
from mock_cards.chip import Chip, ChipKey, PaceOption, Passwords, image_from_files, profile_by_name
from mock_cards.cv_certificate import parse_cv_certificate
from mock_cards.issuing.security_infos import CHIP_AUTHENTICATION_OID, PACE_ECDH_GM_OID
from mock_cards.keys import new_ec_key, seeded_rng
from reader.crypto import CipherSuite, curve_by_name
from reader.errors import DataError
from reader.iso7816 import CommandAPDU, encode

KNOWN = [0x22, 0x2A, 0x2C, 0x82, 0x84, 0x86, 0x88, 0xA4, 0xB0, 0xB1, 0xC0]
PREPARATIONS = [
    [],
    ["00A4040C07A0000002471001"],
    ["00A4040C07A0000002471001", "0084000008"],
    ["0022C1A40F800A04007F00070202040202830102"],
    ["0022C1A40F800A04007F00070202040202830102", "10860000027C0000"],
]
HEADERS = st.tuples(
    st.sampled_from([0x00, 0x10, 0x0C, 0x1C, 0x80, 0xFF]),
    st.sampled_from(KNOWN) | st.integers(0, 255),
    st.sampled_from([0, 2, 4, 0x41, 0xC1, 0x81, 0x9C]) | st.integers(0, 255),
    st.sampled_from([0, 0x0C, 0xA4, 0xA6]) | st.integers(0, 255),
).map(bytes)
BODIES = st.binary(max_size=80) | st.binary(max_size=40).map(lambda data: bytes((len(data),)) + data + b"\x00")


def _card(profile: str) -> Chip:
    pace = PaceOption(PACE_ECDH_GM_OID[CipherSuite.AES_128], CipherSuite.AES_128, curve_by_name("brainpoolP256r1"))
    files = {"EF.COM": bytes(30), "DG1": bytes(300), "EF.CardAccess": bytes(20)}
    passwords = Passwords(b"L898902C<369080619406236", "123456")
    return Chip(image_from_files(files, profile_by_name(profile), passwords, pace=(pace,)))


@settings(max_examples=300)
@given(
    profile=st.sampled_from(["vietnam-2021", "icao-extended"]),
    before=st.sampled_from(PREPARATIONS),
    raw=st.binary(max_size=60) | st.tuples(HEADERS, BODIES).map(b"".join),
)
def test_any_bytes_are_answered_with_a_status_word(profile: str, before: list[str], raw: bytes) -> None:
    chip = _card(profile)
    chip.power_on()
    for apdu in before:
        assert answer(chip, bytes.fromhex(apdu))[-2:] == b"\x90\x00"
    reply = answer(chip, raw)
    assert len(reply) >= 2
    assert reply[-2] & 0xF0 in (0x60, 0x90)


# The chip is reset and opened anew for each example, so that one fixture serves them all.
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.tuples(HEADERS, BODIES).map(b"".join))
def test_any_bytes_in_a_session_are_answered_too(opened, raw: bytes) -> None:
    opened.chip.reset()
    opened.select_application()
    opened.bac()
    assert answer(opened.chip, raw)[-2] & 0xF0 in (0x60, 0x90)


def test_a_command_whose_lengths_do_not_add_up_is_6700(factory: CardFactory) -> None:
    card = factory.build("nguyen-van-mau").card
    card.power_on()
    for raw in ("", "00", "00A404", "00A4040C07A000", "00B000000000", "00A4040C000000"):
        assert answer(card, bytes.fromhex(raw)) == b"\x67\x00"


PROTECTED = st.tuples(
    st.sampled_from([0x00, 0x10]),
    st.sampled_from(KNOWN),
    st.sampled_from([(0xC1, 0xA4), (0x41, 0xA4), (0x41, 0xA6), (0x81, 0xB6), (0x81, 0xA4), (0, 0), (0, 0xBE), (2, 3)])
    | st.tuples(st.integers(0, 255), st.integers(0, 255)),
    st.binary(max_size=60)
    | st.sampled_from(
        ["7C00", "7C028000", "7C81FF", "830100", "800A04007F00070202030202", "7F4E005F3700", "910104"]
    ).map(bytes.fromhex),
    st.sampled_from([0, 8, 256]),
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(commands=st.lists(PROTECTED, max_size=6))
def test_any_commands_under_right_protection_are_answered_under_it(guarded, commands) -> None:
    guarded.chip.reset()
    guarded.select_application()
    assert guarded.bac().sw == 0x9000
    for cla, ins, (p1, p2), data, ne in commands:
        protected = guarded.protect(CommandAPDU(cla, ins, p1, p2, data, ne))
        answered = guarded.chip.transmit(protected)
        if not guarded.chip.in_session:
            break
        assert guarded.unprotect(answered).sw >> 12 in (0x6, 0x9)


@pytest.fixture
def guarded(small_image, terminal):
    """Return a terminal on a chip that has every protocol."""
    profile = profile_by_name("icao-eac")
    curve = curve_by_name("brainpoolP256r1")
    suite = CipherSuite.AES_128
    keys = (ChipKey(CHIP_AUTHENTICATION_OID[suite], suite, new_ec_key(curve, seeded_rng("any"))),)
    image = replace(small_image(profile), pace=profile.pace, chip_keys=keys)
    passwords = replace(image.passwords, pin="123456", puk="0987654321")
    return terminal(replace(image, passwords=passwords))


@settings(max_examples=200)
@given(
    data=st.binary(max_size=120)
    | st.lists(
        st.tuples(st.sampled_from([0x5F29, 0x42, 0x7F49, 0x5F20, 0x7F4C, 0x5F25, 0x5F24]), st.binary(max_size=20))
    )
    .map(lambda objects: b"".join(encode(tag, value) for tag, value in objects))
    .map(lambda body: encode(0x7F4E, body) + encode(0x5F37, bytes(64)))
)
def test_any_bytes_are_a_certificate_or_a_data_error(data: bytes) -> None:
    try:
        parse_cv_certificate(data).public_key(None)
    except DataError:
        return
