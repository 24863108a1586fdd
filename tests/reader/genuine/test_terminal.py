"""Terminal Authentication version 1 against a chip and an issuer that nobody of this room wrote (9303-11 §7.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reader.files import Buffers, ChunkSizes
from reader.genuine import (
    TerminalCredentials,
    TerminalReason,
    TerminalSide,
    authenticate_terminal,
    choose_terminal_info,
    judge_without_credentials,
    read_trust_points,
)
from reader.iso7816 import ResponseAPDU
from reader.lds import SecurityInfos, TerminalAuthenticationInfo
from reader.verdict import CheckStatus, Verdict

MOMENT = datetime(2026, 3, 1, 9, tzinfo=UTC)
CHIP_ID, TERMINAL_KEY = b"chip's x-coordinate", b"terminal's x-coordinate"
World = Any  # lives in tests/peers/terminal_pki.py
ALL = 0x03


def load(world: World) -> TerminalCredentials:
    return TerminalCredentials.load(world.write())


def chip_of(world: World, **changes: Any) -> Any:
    return world.chip(**{"chip_id": CHIP_ID, "terminal_key": TERMINAL_KEY} | changes)


class Link:
    """A protected link as far as the protocol sees it: plain commands to the chip, 223 bytes to a short one."""

    chunk_sizes = ChunkSizes(223)

    def __init__(self, chip: Any) -> None:
        self.chip = chip

    def transmit(self, command: Any) -> Any:
        return self.chip.transmit(command)


def run(credentials: TerminalCredentials, chip: Any, **changes: Any) -> tuple[Verdict, tuple[int, ...]]:
    side = replace(TerminalSide(credentials, CHIP_ID, TERMINAL_KEY, MOMENT), **changes)
    link: Any = Link(chip)
    info = TerminalAuthenticationInfo("0.4.0.127.0.7.2.2.2", 1)
    return authenticate_terminal(link, side, read_trust_points(link, info))


ALGORITHMS = [
    *((f"rsa-{padding}-{digest}", 2048) for padding in ("v1-5", "pss") for digest in ("sha1", "sha256", "sha512")),
    ("rsa-pss-sha256", 3072),
    ("ecdsa-sha1", "secp224r1"),
    ("ecdsa-sha224", "secp224r1"),
    ("ecdsa-sha256", "secp256r1"),
    ("ecdsa-sha256", "brainpoolP256r1"),
    ("ecdsa-sha384", "secp384r1"),
    ("ecdsa-sha384", "brainpoolP384r1"),
    ("ecdsa-sha512", "brainpoolP512r1"),
    ("ecdsa-sha512", "secp521r1"),
]


@pytest.mark.parametrize(("algorithm", "kind"), ALGORITHMS, ids=str)
def test_every_algorithm_opens_both_groups(pki: ModuleType, tmp_path: Path, algorithm: str, kind: str | int) -> None:
    world = pki.World(tmp_path / "credentials", algorithm, kind)
    chip = chip_of(world, knows="new")
    verdict, opened = run(load(world), chip)
    assert (verdict.status, verdict.reason, opened) == (CheckStatus.PASSED, TerminalReason.ACCEPTED, (3, 4))
    assert chip.opened == ALL


class TestChain:
    def test_a_chip_that_knows_only_the_old_key_is_sent_the_link(self, world: World) -> None:
        chip = chip_of(world, knows="old")
        verdict, opened = run(load(world), chip)
        assert verdict.status is CheckStatus.PASSED
        assert dict(verdict.evidence)["chain"] == "XXCVCA00002 > XXDV00XX001 > XXIS00XX001"
        assert opened == (3, 4)

    def test_a_chip_that_knows_the_new_key_is_spared_it(self, world: World) -> None:
        chip = chip_of(world, knows="new")
        verdict, _ = run(load(world), chip)
        assert dict(verdict.evidence)["chain"] == "XXDV00XX001 > XXIS00XX001"
        # 2n + 3 commands for n certificates, and one for EF.CVCA.
        assert len(chip.commands) == 2 * 2 + 3 + 1

    def test_the_commands_are_those_of_the_standard(self, world: World) -> None:
        chip = chip_of(world, knows="new")
        run(load(world), chip)
        headers = [command.header.hex() for command in chip.commands]
        assert headers == [
            "00b09c00",
            *(["002281b6", "002a00be"] * 2),
            "002281a4",
            "00840000",
            "00820000",
        ]

    def test_an_expired_link_is_sent_and_an_expired_verifier_is_not(self, pki: ModuleType, world: World) -> None:
        world.files["link"] = pki.certificate(world.new, world.old, pki.CVCA | ALL, end=date(2026, 2, 1))
        assert run(load(world), chip_of(world))[0].status is CheckStatus.PASSED
        world.files["dv"] = pki.certificate(world.verifier, world.new, pki.DOMESTIC | ALL, end=date(2026, 2, 1))
        verdict, opened = run(load(world), chip_of(world))
        assert (verdict.status, verdict.reason, opened) == (CheckStatus.UNAVAILABLE, TerminalReason.NO_CHAIN, ())

    def test_a_chip_of_another_state_is_not_asked_anything(self, pki: ModuleType, world: World) -> None:
        stranger = pki.Holder("YYCVCA00001", "ecdsa-sha256", world.old.private)
        chip = pki.TerminalChip({stranger.reference: (stranger, ALL)}, CHIP_ID, TERMINAL_KEY)
        verdict, _ = run(load(world), chip)
        assert verdict.reason == TerminalReason.NO_CHAIN
        assert dict(verdict.evidence)["chip-trusts"] == "YYCVCA00001"
        assert [command.ins for command in chip.commands] == [0xB0]

    @pytest.mark.parametrize(("verifier", "system", "groups"), [(1, 3, (3,)), (3, 2, (4,)), (1, 2, ())])
    def test_the_rights_are_those_that_all_certificates_give(
        self, pki: ModuleType, world: World, verifier: int, system: int, groups: tuple[int, ...]
    ) -> None:
        world.files["dv"] = pki.certificate(world.verifier, world.new, pki.FOREIGN | verifier)
        world.files["is"] = pki.certificate(world.system, world.verifier, pki.IS | system)
        chip = chip_of(world)
        verdict, opened = run(load(world), chip)
        assert verdict.status is CheckStatus.PASSED
        assert opened == groups
        assert chip.opened == verifier & system


class TestRefusals:
    @pytest.mark.parametrize(
        ("command", "step"),
        [
            ((0x22, 0xB6), "set dst for XXCVCA00002"),
            ((0x2A, 0xBE), "verify certificate of XXCVCA00002"),
            ((0x22, 0xA4), "set at"),
            ((0x84, 0x00), "get challenge"),
            ((0x82, 0x00), "external authenticate"),
        ],
    )
    @pytest.mark.parametrize("sw", [0x6300, 0x6982, 0x6A80, 0x6A88, 0x6D00])
    def test_a_refusal_names_step_and_status(self, world: World, command: tuple[int, int], step: str, sw: int) -> None:
        verdict, opened = run(load(world), chip_of(world, refuse={command: sw}))
        assert (verdict.status, verdict.reason, opened) == (CheckStatus.INCONCLUSIVE, TerminalReason.REFUSED, ())
        evidence = dict(verdict.evidence)
        assert (evidence["step"], evidence["status"]) == (step, f"{sw:04X}")

    def test_another_sessions_keys_are_refused_by_the_chip(self, world: World) -> None:
        """What is signed is the chip's name, its challenge and our ephemeral key."""
        credentials = load(world)
        for changes in ({"chip_id": b"another chip"}, {"terminal_key": b"another key"}):
            verdict, _ = run(credentials, chip_of(world), **changes)
            assert dict(verdict.evidence)["step"] == "external authenticate"

    def test_a_chip_whose_date_is_past_a_certificates_end_refuses_it(self, world: World) -> None:
        verdict, _ = run(load(world), chip_of(world, today=date(2028, 1, 1)))
        assert dict(verdict.evidence)["step"] == "verify certificate of XXDV00XX001"

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"\x42\x0bXX\x1b[2JCVCA1",
            b"\x42\x04XXCV",
            b"\x00" * 36,
            b"\x42\x20XX",
            b"\x42\x81\xff" + bytes(33),
            bytes(range(36)),
        ],
    )
    def test_an_ef_cvca_without_sense_leads_nowhere(self, world: World, raw: bytes) -> None:
        chip = chip_of(world)
        chip.cvca = raw
        assert run(load(world), chip)[0].reason == TerminalReason.NO_CHAIN

    @pytest.mark.parametrize("size", [0, 7, 9])
    def test_a_challenge_of_another_length_is_not_signed(self, world: World, size: int) -> None:
        """Eight bytes, no more: a chip may not choose what else the terminal signs (9303-11 §7.1.4)."""
        chip = chip_of(world)
        original = chip.transmit

        def answer(command: Any) -> Any:
            response = original(command)
            return ResponseAPDU(bytes(size), 0x9000) if command.ins == 0x84 else response

        chip.transmit = answer
        verdict, opened = run(load(world), chip)
        assert (verdict.status, opened) == (CheckStatus.INCONCLUSIVE, ())
        assert dict(verdict.evidence)["step"] == "get challenge"
        assert 0x82 not in [command.ins for command in chip.commands]


class TestLongCommands:
    def test_chaining_is_used_where_the_chip_says_so_and_states_no_buffers(
        self, pki: ModuleType, tmp_path: Path
    ) -> None:
        world = pki.World(tmp_path / "credentials", "rsa-pss-sha256", 2048)
        chip = chip_of(world, knows="new", short_only=True)
        assert run(load(world), chip, chaining=True)[0].status is CheckStatus.PASSED
        assert {command.cla for command in chip.commands if command.ins in (0x2A, 0x82)} == {0x00, 0x10}

    def test_stated_buffers_come_before_chaining(self, pki: ModuleType, tmp_path: Path) -> None:
        world = pki.World(tmp_path / "credentials", "rsa-pss-sha256", 2048)
        credentials = load(world)
        for buffers, chained in ((Buffers(2048, 2048), False), (Buffers(300, 300), True)):
            chip = chip_of(world, knows="new")
            assert run(credentials, chip, chaining=True, buffers=buffers)[0].status is CheckStatus.PASSED
            assert (0x10 in {command.cla for command in chip.commands}) is chained

    def test_without_either_extended_length_is_tried(self, pki: ModuleType, tmp_path: Path) -> None:
        world = pki.World(tmp_path / "credentials", "rsa-pss-sha256", 2048)
        chip = chip_of(world, knows="new")
        assert run(load(world), chip)[0].status is CheckStatus.PASSED
        assert any(command.is_extended for command in chip.commands)

    def test_a_refused_part_of_a_chain_ends_it(self, pki: ModuleType, tmp_path: Path) -> None:
        world = pki.World(tmp_path / "credentials", "rsa-pss-sha256", 2048)
        chip = chip_of(world, knows="new", refuse={(0x2A, 0xBE): 0x6884})
        run(load(world), chip, chaining=True)
        assert len([command for command in chip.commands if command.ins == 0x2A]) == 1


def test_a_terminal_without_credentials_says_nothing_against_the_chip() -> None:
    """CH-20."""
    verdict = judge_without_credentials()
    assert (verdict.status, verdict.reason) == (CheckStatus.UNAVAILABLE, TerminalReason.NO_CREDENTIALS)


def test_what_dg14_says_decides_whether_the_protocol_is_run() -> None:
    none = choose_terminal_info(SecurityInfos(()))
    assert isinstance(none, Verdict)
    assert (none.status, none.reason) == (CheckStatus.NOT_APPLICABLE, TerminalReason.NOT_OFFERED)
    second = TerminalAuthenticationInfo("0.4.0.127.0.7.2.2.2", 2)
    unknown = choose_terminal_info(SecurityInfos((), terminal_authentication=(second,)))
    assert isinstance(unknown, Verdict)
    assert (unknown.status, unknown.reason) == (CheckStatus.UNAVAILABLE, TerminalReason.NOT_SUPPORTED)


@pytest.mark.parametrize(
    ("info", "headers"),
    [
        (TerminalAuthenticationInfo("", 1), ["00b09c00"]),
        (TerminalAuthenticationInfo("", 1, b"\x01\x1d", 0x1D), ["00b09d00"]),
        (TerminalAuthenticationInfo("", 1, b"\x01\x1d"), ["00a4020c", "00b00000"]),
    ],
    ids=["default", "short identifier named", "file identifier named"],
)
def test_ef_cvca_is_read_where_dg14_says(world: World, info: TerminalAuthenticationInfo, headers: list[str]) -> None:
    chip = chip_of(world)
    link: Any = Link(chip)
    assert read_trust_points(link, info) == (b"XXCVCA00001",)
    assert [command.header.hex() for command in chip.commands] == headers


@pytest.mark.parametrize(
    ("refused", "commands"), [((0xA4, 0x0C), 1), ((0xB0, 0x00), 2)], ids=["not selected", "not read"]
)
def test_an_ef_cvca_that_the_chip_withholds_names_nothing(
    world: World, refused: tuple[int, int], commands: int
) -> None:
    chip = chip_of(world, refuse={refused: 0x6982})
    link: Any = Link(chip)
    assert read_trust_points(link, TerminalAuthenticationInfo("", 1, b"\x01\x1d")) == ()
    assert len(chip.commands) == commands
