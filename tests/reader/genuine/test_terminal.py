"""Terminal Authentication version 1 against a chip and an issuer that nobody of this room wrote (9303-11 §7.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.files import Buffers, ChunkSizes
from reader.genuine import (
    TerminalCredentials,
    TerminalReason,
    TerminalSide,
    authenticate_terminal,
    choose_terminal_info,
    read_trust_points,
)
from reader.genuine.cv_certificate import CvRole, parse_cv_certificate, verify_cv_certificate
from reader.lds import SecurityInfos, TerminalAuthenticationInfo
from reader.verdict import CheckStatus, Verdict

MOMENT = datetime(2026, 3, 1, 9, tzinfo=UTC)
CHIP_ID, TERMINAL_KEY = b"chip's x-coordinate", b"terminal's x-coordinate"
ALL = 0x03


class World:
    """A State's authority with a link to its next key, a verifier and an inspection system, written to a directory."""

    def __init__(
        self, pki: ModuleType, folder: Path, algorithm: str = "ecdsa-sha256", kind: str | int = "brainpoolP256r1"
    ) -> None:
        self.pki, self.folder = pki, folder

        def holder(name: str) -> Any:
            return pki.Holder(name, algorithm, pki.new_key(algorithm, kind))

        self.old, self.new = holder("XXCVCA00001"), holder("XXCVCA00002")
        self.verifier, self.system = holder("XXDV00XX001"), holder("XXIS00XX001")
        self.files = {
            "cvca": pki.certificate(self.old, self.old, pki.CVCA | ALL),
            "link": pki.certificate(self.new, self.old, pki.CVCA | ALL),
            "dv": pki.certificate(self.verifier, self.new, pki.DOMESTIC | ALL),
            "is": pki.certificate(self.system, self.verifier, pki.IS | ALL),
        }

    def load(self) -> TerminalCredentials:
        self.pki.write_store(self.folder, self.files, self.system.private)
        return TerminalCredentials.load(self.folder)

    def chip(self, *, knows: str = "old", **changes: Any) -> Any:
        holder = self.old if knows == "old" else self.new
        settings: dict[str, Any] = {"chip_id": CHIP_ID, "terminal_key": TERMINAL_KEY}
        return self.pki.TerminalChip({holder.reference: (holder, ALL)}, **settings | changes)


@pytest.fixture
def world(terminal_pki: ModuleType, tmp_path: Path) -> World:
    return World(terminal_pki, tmp_path / "credentials")


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
def test_every_algorithm_opens_both_groups(
    terminal_pki: ModuleType, tmp_path: Path, algorithm: str, kind: str | int
) -> None:
    world = World(terminal_pki, tmp_path / "credentials", algorithm, kind)
    chip = world.chip(knows="new")
    verdict, opened = run(world.load(), chip)
    assert (verdict.status, verdict.reason, opened) == (CheckStatus.PASSED, TerminalReason.ACCEPTED, (3, 4))
    assert chip.opened == ALL


class TestChain:
    def test_a_chip_that_knows_only_the_old_key_is_sent_the_link(self, world: World) -> None:
        chip = world.chip(knows="old")
        verdict, opened = run(world.load(), chip)
        assert verdict.status is CheckStatus.PASSED
        assert dict(verdict.evidence)["chain"] == "XXCVCA00002 > XXDV00XX001 > XXIS00XX001"
        assert opened == (3, 4)

    def test_a_chip_that_knows_the_new_key_is_spared_it(self, world: World) -> None:
        chip = world.chip(knows="new")
        verdict, _ = run(world.load(), chip)
        assert dict(verdict.evidence)["chain"] == "XXDV00XX001 > XXIS00XX001"
        # 2n + 3 commands for n certificates, and one for EF.CVCA.
        assert len(chip.commands) == 2 * 2 + 3 + 1

    def test_the_commands_are_those_of_the_standard(self, world: World) -> None:
        chip = world.chip(knows="new")
        run(world.load(), chip)
        headers = [command.header.hex() for command in chip.commands]
        assert headers == [
            "00b09c00",
            *(["002281b6", "002a00be"] * 2),
            "002281a4",
            "00840000",
            "00820000",
        ]

    def test_an_expired_link_is_sent_and_an_expired_verifier_is_not(self, world: World) -> None:
        pki = world.pki
        world.files["link"] = pki.certificate(world.new, world.old, pki.CVCA | ALL, end=date(2026, 2, 1))
        assert run(world.load(), world.chip())[0].status is CheckStatus.PASSED
        world.files["dv"] = pki.certificate(world.verifier, world.new, pki.DOMESTIC | ALL, end=date(2026, 2, 1))
        verdict, opened = run(world.load(), world.chip())
        assert (verdict.status, verdict.reason, opened) == (CheckStatus.UNAVAILABLE, TerminalReason.NO_CHAIN, ())

    def test_a_chip_of_another_state_is_not_asked_anything(self, world: World) -> None:
        stranger = world.pki.Holder("YYCVCA00001", "ecdsa-sha256", world.old.private)
        chip = world.pki.TerminalChip({stranger.reference: (stranger, ALL)}, CHIP_ID, TERMINAL_KEY)
        verdict, _ = run(world.load(), chip)
        assert verdict.reason == TerminalReason.NO_CHAIN
        assert dict(verdict.evidence)["chip-trusts"] == "YYCVCA00001"
        assert [command.ins for command in chip.commands] == [0xB0]

    @pytest.mark.parametrize(("verifier", "system", "groups"), [(1, 3, (3,)), (3, 2, (4,)), (1, 2, ())])
    def test_the_rights_are_those_that_all_certificates_give(
        self, world: World, verifier: int, system: int, groups: tuple[int, ...]
    ) -> None:
        pki = world.pki
        world.files["dv"] = pki.certificate(world.verifier, world.new, pki.FOREIGN | verifier)
        world.files["is"] = pki.certificate(world.system, world.verifier, pki.IS | system)
        chip = world.chip()
        verdict, opened = run(world.load(), chip)
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
        verdict, opened = run(world.load(), world.chip(refuse={command: sw}))
        assert (verdict.status, verdict.reason, opened) == (CheckStatus.INCONCLUSIVE, TerminalReason.REFUSED, ())
        evidence = dict(verdict.evidence)
        assert (evidence["step"], evidence["status"]) == (step, f"{sw:04X}")

    def test_another_sessions_keys_are_refused_by_the_chip(self, world: World) -> None:
        """What is signed is the chip's name, its challenge and our ephemeral key."""
        credentials = world.load()
        for changes in ({"chip_id": b"another chip"}, {"terminal_key": b"another key"}):
            verdict, _ = run(credentials, world.chip(), **changes)
            assert dict(verdict.evidence)["step"] == "external authenticate"

    def test_a_chip_whose_date_is_past_a_certificates_end_refuses_it(self, world: World) -> None:
        verdict, _ = run(world.load(), world.chip(today=date(2028, 1, 1)))
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
        chip = world.chip()
        chip.cvca = raw
        assert run(world.load(), chip)[0].reason == TerminalReason.NO_CHAIN


class TestLongCommands:
    def test_chaining_is_used_where_the_chip_says_so_and_states_no_buffers(
        self, terminal_pki: ModuleType, tmp_path: Path
    ) -> None:
        world = World(terminal_pki, tmp_path / "credentials", "rsa-pss-sha256", 2048)
        chip = world.chip(knows="new", short_only=True)
        assert run(world.load(), chip, chaining=True)[0].status is CheckStatus.PASSED
        assert {command.cla for command in chip.commands if command.ins in (0x2A, 0x82)} == {0x00, 0x10}

    def test_stated_buffers_come_before_chaining(self, terminal_pki: ModuleType, tmp_path: Path) -> None:
        world = World(terminal_pki, tmp_path / "credentials", "rsa-pss-sha256", 2048)
        credentials = world.load()
        for buffers, chained in ((Buffers(2048, 2048), False), (Buffers(300, 300), True)):
            chip = world.chip(knows="new")
            assert run(credentials, chip, chaining=True, buffers=buffers)[0].status is CheckStatus.PASSED
            assert (0x10 in {command.cla for command in chip.commands}) is chained

    def test_without_either_extended_length_is_tried(self, terminal_pki: ModuleType, tmp_path: Path) -> None:
        world = World(terminal_pki, tmp_path / "credentials", "rsa-pss-sha256", 2048)
        chip = world.chip(knows="new")
        assert run(world.load(), chip)[0].status is CheckStatus.PASSED
        assert any(command.is_extended for command in chip.commands)

    def test_a_refused_part_of_a_chain_ends_it(self, terminal_pki: ModuleType, tmp_path: Path) -> None:
        world = World(terminal_pki, tmp_path / "credentials", "rsa-pss-sha256", 2048)
        chip = world.chip(knows="new", refuse={(0x2A, 0xBE): 0x6884})
        run(world.load(), chip, chaining=True)
        assert len([command for command in chip.commands if command.ins == 0x2A]) == 1


class TestStore:
    def test_a_key_that_others_may_read_is_refused(self, world: World) -> None:
        world.pki.write_store(world.folder, world.files, world.system.private, mode=0o640)
        with pytest.raises(DataError, match=r"is\.pk8: private key that others may read"):
            TerminalCredentials.load(world.folder)

    def test_an_encrypted_key_needs_its_passphrase_and_nothing_else(self, world: World) -> None:
        world.pki.write_store(world.folder, world.files, world.system.private, b"correct horse", mode=0o644)
        assert TerminalCredentials.load(world.folder, b"correct horse").certificates
        with pytest.raises(DataError, match="does not open the private key"):
            TerminalCredentials.load(world.folder, b"wrong horse")
        with pytest.raises(DataError, match="encrypted, and no passphrase"):
            TerminalCredentials.load(world.folder)

    def test_a_certificate_that_its_issuer_did_not_sign_is_refused_by_name(self, world: World) -> None:
        raw = bytearray(world.files["dv"])
        raw[-1] ^= 1
        world.files["dv"] = bytes(raw)
        with pytest.raises(DataError, match="XXDV00XX001 that its issuer has not signed"):
            world.load()

    def test_a_key_of_somebody_else_is_refused(self, world: World) -> None:
        world.system = world.verifier
        with pytest.raises(DataError, match=r"is\.pk8: private key that is not the one of XXIS00XX001"):
            world.load()

    def test_keys_of_others_are_not_looked_at(self, world: World) -> None:
        world.load()
        (world.folder / "cvca.pk8").write_bytes(b"whatever an authority should never leave here")
        assert len(TerminalCredentials.load(world.folder).keys) == 1

    def test_of_two_systems_the_one_whose_chain_the_chip_knows_signs(self, world: World) -> None:
        """While certificates are renewed there are two keys, one under each of the authority's."""
        pki = world.pki
        verifier = pki.Holder("XXDV00XX000", "ecdsa-sha256", pki.new_key("ecdsa-sha256", "brainpoolP256r1"))
        former = pki.Holder("XXIS00XX000", "ecdsa-sha256", pki.new_key("ecdsa-sha256", "brainpoolP256r1"))
        del world.files["link"]
        world.files["cvca-new"] = pki.certificate(world.new, world.new, pki.CVCA | ALL)
        world.files["former-dv"] = pki.certificate(verifier, world.old, pki.DOMESTIC | ALL)
        world.load()
        pki.write_store(world.folder, {"former": pki.certificate(former, verifier, ALL)}, former.private, name="former")
        credentials = TerminalCredentials.load(world.folder)
        for knows, chain in (("old", "XXDV00XX000 > XXIS00XX000"), ("new", "XXDV00XX001 > XXIS00XX001")):
            verdict, opened = run(credentials, world.chip(knows=knows))
            assert (verdict.status, opened) == (CheckStatus.PASSED, (3, 4))
            assert dict(verdict.evidence)["chain"] == chain

    def test_the_directory_must_be_there_and_hold_one_key(self, world: World) -> None:
        with pytest.raises(DataError, match="cannot be read"):
            TerminalCredentials.load(world.folder / "absent")
        world.load()
        (world.folder / "is.pk8").unlink()
        with pytest.raises(DataError, match="no private key of an inspection system"):
            TerminalCredentials.load(world.folder)

    def test_a_malformed_certificate_is_named_by_its_file(self, world: World) -> None:
        world.files["dv"] = b"\x7f\x21\x00"
        with pytest.raises(DataError, match=r"dv\.cvcert: "):
            world.load()

    @pytest.mark.parametrize("raw", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\n"])
    def test_a_key_file_that_is_none_is_refused(self, world: World, raw: bytes) -> None:
        world.load()
        (world.folder / "is.pk8").write_bytes(raw)
        with pytest.raises(DataError, match=r"is\.pk8: "):
            TerminalCredentials.load(world.folder)

    def test_the_curve_comes_down_from_the_authority(self, world: World) -> None:
        raw = parse_cv_certificate(world.files["is"])
        assert raw.public_key.curve is None
        loaded = next(one for one in world.load().certificates if one.role is CvRole.INSPECTION_SYSTEM)
        assert loaded.public_key.curve is not None
        assert loaded.public_key.curve.name == "brainpoolP256r1"

    def test_without_the_authoritys_certificate_the_chip_judges_alone(self, world: World) -> None:
        """A chip that knows the new key needs neither link nor root; the terminal cannot verify, and need not."""
        del world.files["cvca"], world.files["link"]
        assert run(world.load(), world.chip(knows="new"))[0].status is CheckStatus.PASSED

    def test_nothing_of_the_key_is_shown(self, world: World) -> None:
        credentials = world.load()
        assert repr(credentials) == "TerminalCredentials(4 certificates)"
        assert repr(credentials.keys) == "(TerminalKey(),)"


class TestCertificates:
    def test_what_stands_in_a_certificate_is_read(self, world: World) -> None:
        link = parse_cv_certificate(world.files["link"])
        assert (link.issuer, link.holder, link.role, link.rights) == (
            b"XXCVCA00001",
            b"XXCVCA00002",
            CvRole.AUTHORITY,
            ALL,
        )
        assert (link.effective, link.expiration) == (date(2026, 1, 1), date(2027, 1, 1))
        assert verify_cv_certificate(link, parse_cv_certificate(world.files["cvca"]))
        assert repr(link) == "CvCertificate(XXCVCA00001 → XXCVCA00002)"

    def test_an_altered_curve_is_refused(self, world: World) -> None:
        raw = bytearray(world.files["cvca"])
        place = raw.index(bytes.fromhex("A9FB57DB"))
        raw[place + 8] ^= 1
        with pytest.raises(DataError, match="no standardised curve's"):
            parse_cv_certificate(bytes(raw))

    def test_authorization_extensions_are_passed_over(self, world: World) -> None:
        raw = world.pki.certificate(world.system, world.verifier, ALL, extensions=bytes.fromhex("6504 7302 0600"))
        assert parse_cv_certificate(raw).rights == ALL

    def test_one_changed_bit_never_verifies(self, world: World) -> None:
        issuer = parse_cv_certificate(world.files["cvca"])
        raw = world.files["link"]
        for place in range(8 * len(raw)):
            changed = bytearray(raw)
            changed[place // 8] ^= 1 << place % 8
            try:
                parsed = parse_cv_certificate(bytes(changed))
            except DataError:
                continue
            assert not verify_cv_certificate(parsed, issuer)

    @given(raw=st.binary(max_size=400))
    def test_any_bytes_are_a_certificate_or_a_data_error(self, raw: bytes) -> None:
        for candidate in (raw, b"\x7f\x21\x82" + len(raw).to_bytes(2, "big") + raw):
            with pytest.raises(DataError):
                parse_cv_certificate(candidate)

    @given(data=st.data())
    def test_any_damage_is_a_certificate_or_a_data_error(self, terminal_pki: ModuleType, data: st.DataObject) -> None:
        holder = terminal_pki.Holder("XXCVCA00001", "ecdsa-sha256", terminal_pki.new_key("ecdsa-sha256", "secp256r1"))
        raw = bytearray(terminal_pki.certificate(holder, holder, 0xC3))
        for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=4)):
            raw[place] = data.draw(st.integers(0, 255))
        try:
            parse_cv_certificate(bytes(raw))
        except DataError as error:
            assert "XXCVCA" not in str(error)  # noqa: PT017  # a certificate is an answer too


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
    chip = world.chip()
    link: Any = Link(chip)
    assert read_trust_points(link, info) == (b"XXCVCA00001",)
    assert [command.header.hex() for command in chip.commands] == headers
