"""Chip Authentication: agreed is not proven; only an answer under the new keys is (chip-reading 4.3, CH-07 … CH-11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reader.access import Channel
from reader.crypto import CipherSuite, curve_by_name, generator
from reader.errors import SecureMessagingError
from reader.files import FileId, read_file
from reader.genuine import Agreement, ChipKey, ChipReason, agree_with_chip, choose_chip_key, confirmed, not_confirmed
from reader.iso7816 import CommandAPDU, ResponseAPDU
from reader.lds import ChipAuthenticationInfo, SecurityInfos, parse_dg14
from reader.trust import EcPublicKey
from reader.verdict import CheckStatus, Verdict

Open = Callable[..., Channel]


def infos_of(channel: Channel) -> SecurityInfos:
    return parse_dg14(read_file(channel.link, FileId.DG14).data)


def key_of(infos: SecurityInfos) -> ChipKey:
    chosen = choose_chip_key(infos)
    assert isinstance(chosen, ChipKey)
    return chosen


@pytest.mark.parametrize("persona", ["nguyen-van-mau", "pham-thi-mau"])
def test_a_genuine_chip_answers_under_the_new_keys(open_card: Open, persona: str) -> None:
    channel = open_card(persona)
    chosen = key_of(infos_of(channel))
    assert isinstance(agree_with_chip(channel.link, chosen), Agreement)
    assert channel.link.suite is chosen.suite
    assert read_file(channel.link, FileId.COM).complete


def test_a_clone_says_yes_and_cannot_answer(open_card: Open) -> None:
    """CH-07: the agreement itself is answered 9000 by a clone too."""
    channel = open_card("nguyen-van-mau", "clone-without-ca-key")
    chosen = key_of(infos_of(channel))
    assert isinstance(agree_with_chip(channel.link, chosen), Agreement)
    with pytest.raises(SecureMessagingError) as caught:
        read_file(channel.link, FileId.COM)
    assert not channel.link.is_open
    verdict = not_confirmed(chosen, str(caught.value))
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ChipReason.NOT_CONFIRMED)
    assert dict(verdict.evidence)["key"] == chosen.key.fingerprint


class Recording:
    """Stand in for a protected link: note the commands, answer by a list of status words, take new keys."""

    def __init__(self, *status: int) -> None:
        self.status = list(status)
        self.commands: list[CommandAPDU] = []
        self.keys: Any = None

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.commands.append(command)
        return ResponseAPDU(b"", self.status.pop(0))

    def change_keys(self, keys: Any) -> None:
        self.keys = keys


@pytest.mark.parametrize("sw", [0x6300, 0x6982, 0x6985, 0x6A80, 0x6A81, 0x6A86, 0x6A88, 0x6D00, 0x6F00, 0x6400])
@pytest.mark.parametrize("step", [0, 1])
def test_a_refusal_is_recorded_and_leaves_the_old_keys(open_card: Open, sw: int, step: int) -> None:
    """CH-09: ten status words, at either command."""
    chosen = key_of(infos_of(open_card()))
    link: Any = Recording(*([0x9000] * step), sw)
    verdict = agree_with_chip(link, chosen)
    assert isinstance(verdict, Verdict)
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ChipReason.REFUSED)
    assert dict(verdict.evidence)["status"] == f"{sw:04X}"
    assert link.keys is None


def test_the_commands_are_those_of_the_standard(open_card: Open) -> None:
    """ICAO 9303-11 §6.2.4.2: MSE:Set AT names the protocol, GENERAL AUTHENTICATE carries the key in 7C 80."""
    chosen = key_of(infos_of(open_card()))
    link: Any = Recording(0x9000, 0x9000)
    assert isinstance(agree_with_chip(link, chosen), Agreement)
    template, authenticate = link.commands
    assert template.header == bytes.fromhex("002241A4")
    assert template.data[:1] == b"\x80"
    assert authenticate.header == bytes.fromhex("00860000")
    size = chosen.key.curve.field_length
    assert authenticate.data[:1] == b"\x7c"
    assert authenticate.data[-(1 + 2 * size)] == 4
    assert link.keys.counter == 0


def test_a_key_without_info_means_3des_by_set_kat_then_set_at(open_card: Open) -> None:
    """CH-11; ICAO 9303-11 §9.2.6."""
    infos = replace(infos_of(open_card()), chip_authentication=())
    chosen = key_of(infos)
    assert chosen.suite.name == "TDES"
    link: Any = Recording(0x6A80, 0x9000, 0x9000)
    assert isinstance(agree_with_chip(link, chosen), Agreement)
    headers = [command.header.hex() for command in link.commands]
    assert headers == ["002241a6", "002241a4", "00860000"]
    link = Recording(0x9000)
    assert isinstance(agree_with_chip(link, chosen), Agreement)
    assert [command.data[:1] for command in link.commands] == [b"\x91"]


def test_a_chip_that_takes_no_cipher_is_refused_by_its_first_answer(open_card: Open) -> None:
    """CH-11: 3DES both ways, then each AES; what the chip said first is what the report says."""
    chosen = key_of(replace(infos_of(open_card()), chip_authentication=()))
    link: Any = Recording(0x6A80, 0x6A88, 0x6A80, 0x6A86, 0x6D00)
    verdict = agree_with_chip(link, chosen)
    assert isinstance(verdict, Verdict)
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ChipReason.REFUSED)
    assert dict(verdict.evidence)["status"] == "6A88"
    assert [command.p2 for command in link.commands] == [0xA6, 0xA4, 0xA4, 0xA4, 0xA4]
    assert link.keys is None


def test_with_several_keys_the_one_meant_is_named(open_card: Open) -> None:
    """CH-10."""
    infos = infos_of(open_card())
    key = infos.chip_public_keys[0]
    info = infos.chip_authentication[0]
    two = replace(
        infos,
        chip_public_keys=(replace(key, key_id=1), replace(key, key_id=300)),
        chip_authentication=(replace(info, oid="0.4.0.127.0.7.2.2.3.2.1", key_id=1), replace(info, key_id=300)),
    )
    chosen = key_of(two)
    assert chosen.key_id == 300
    link: Any = Recording(0x9000, 0x9000)
    agree_with_chip(link, chosen)
    assert link.commands[0].data.endswith(bytes.fromhex("8402012c"))


def test_what_dg14_does_not_offer_is_not_applicable_and_what_we_lack_unavailable(open_card: Open) -> None:
    infos = infos_of(open_card())
    cases = {
        CheckStatus.NOT_APPLICABLE: replace(infos, chip_public_keys=(), chip_authentication=()),
        CheckStatus.FAILED: replace(infos, chip_public_keys=()),
        CheckStatus.UNAVAILABLE: replace(
            infos, chip_authentication=(ChipAuthenticationInfo("0.4.0.127.0.7.2.2.3.1.2", 1, None),)
        ),
    }
    for status, offered in cases.items():
        verdict = choose_chip_key(offered)
        assert isinstance(verdict, Verdict)
        assert verdict.status is status


def test_a_key_on_a_forged_curve_is_refused(open_card: Open) -> None:
    infos = infos_of(open_card())
    key = infos.chip_public_keys[0]
    spki = bytearray(key.spki)
    spki[-1] ^= 1
    verdict = choose_chip_key(replace(infos, chip_public_keys=(replace(key, spki=bytes(spki)),)))
    assert isinstance(verdict, Verdict)
    assert (verdict.status, verdict.reason) == (CheckStatus.FAILED, ChipReason.KEY_REFUSED)


def test_a_key_that_stands_alone_is_meant_whoever_names_it(open_card: Open) -> None:
    """ICAO 9303-11 §9.2.5: the identifier is needed only where there are several keys."""
    infos = infos_of(open_card())
    info, key = infos.chip_authentication[0], infos.chip_public_keys[0]
    for said, has in ((None, 3), (3, None), (3, 4)):
        odd = replace(
            infos,
            chip_authentication=(replace(info, key_id=said),),
            chip_public_keys=(replace(key, key_id=has),),
        )
        assert key_of(odd).key_id is None


def test_of_several_keys_the_strongest_that_can_be_used_is_used(open_card: Open) -> None:
    infos = infos_of(open_card())
    info, key = infos.chip_authentication[0], infos.chip_public_keys[0]
    altered = bytearray(key.spki)
    altered[60] ^= 1  # in the field's prime, written out
    strange = replace(key, key_id=2, spki=bytes(altered))
    two = replace(
        infos,
        chip_authentication=(replace(info, key_id=1), replace(info, oid="0.4.0.127.0.7.2.2.3.2.4", key_id=2)),
        chip_public_keys=(replace(key, key_id=1), strange),
    )
    assert key_of(two).key_id == 1
    only_strange = choose_chip_key(replace(two, chip_authentication=two.chip_authentication[1:]))
    assert isinstance(only_strange, Verdict)
    assert only_strange.reason == ChipReason.KEY_REFUSED


def test_a_key_shorter_than_what_is_issued_today_is_told() -> None:
    """192 bits prove the chip, and a note says what the proof is worth."""
    for name, notes in (("secp192r1", ["short-key"]), ("secp224r1", [])):
        curve = curve_by_name(name)
        chosen = ChipKey(EcPublicKey(curve, generator(curve)), CipherSuite.AES_128, "0.4.0.127.0.7.2.2.3.2.2", None)
        verdict = confirmed(chosen, "READ BINARY")
        assert verdict.status is CheckStatus.PASSED
        assert [note.code for note in verdict.notes] == notes


def test_a_key_of_another_kind_than_it_is_offered_for_is_not_agreed_with(
    open_card: Open, rsa_key: rsa.RSAPrivateKey
) -> None:
    """An RSA key under id-PK-ECDH is a fault of the document's; a kind that we do not compute with is ours."""
    infos = infos_of(open_card())
    cases = (
        (rsa_key.public_key(), CheckStatus.FAILED, ChipReason.KEY_REFUSED),
        (ed25519.Ed25519PrivateKey.generate().public_key(), CheckStatus.UNAVAILABLE, ChipReason.NOT_SUPPORTED),
    )
    for public, status, reason in cases:
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        verdict = choose_chip_key(replace(infos, chip_public_keys=(replace(infos.chip_public_keys[0], spki=spki),)))
        assert isinstance(verdict, Verdict)
        assert (verdict.status, verdict.reason) == (status, reason)
