"""The files that say what a chip offers, and DG3 and DG4: judged by openssl and by our reader's parsers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mock_cards.build import CardFactory
from mock_cards.chip import profile_by_name
from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.issuing.card_security import SECURITY_OBJECT
from mock_cards.keys import DhKey, EcKey, seeded_rng
from mock_cards.personas import load_persona
from reader.iso7816 import TLV, encode, find, parse, parse_all
from reader.lds import parse_dg3, parse_dg4, parse_security_infos


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer(seeded_rng("chip files"))


def _issue(issuer: Issuer, profile: str) -> IssuedCard:
    return issuer.issue(load_persona("nguyen-van-mau"), profile_by_name(profile))


def _openssl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=False)


def test_openssl_verifies_card_security_and_finds_the_security_infos_inside(issuer: Issuer, tmp_path: Path) -> None:
    card = _issue(issuer, "icao-cam")
    (tmp_path / "file").write_bytes(card.files["EF.CardSecurity"])
    verified = _openssl(
        tmp_path, "cms", "-verify", "-inform", "DER", "-in", "file", "-noverify", "-binary", "-out", "content"
    )
    assert verified.returncode == 0, verified.stderr
    infos = (tmp_path / "content").read_bytes()
    assert infos == encode(0x31, b"".join(sorted(card.security_infos(numbered=True))))
    printed = _openssl(tmp_path, "asn1parse", "-inform", "DER", "-in", "file").stdout.decode()
    assert SECURITY_OBJECT in printed


def test_card_security_holds_the_key_of_the_mapping_under_the_number_of_its_parameters(issuer: Issuer) -> None:
    card = _issue(issuer, "icao-cam")
    infos = parse_security_infos(encode(0x31, b"".join(sorted(card.security_infos(numbered=True)))))
    assert {info.parameter_id for info in infos.pace} == {13}
    assert [key.key_id for key in infos.chip_public_keys] == [13]
    # As the worked example of appendix I has it: standardizedDomainParameters and the number, not the curve spelt out.
    assert infos.chip_public_keys[0].spki[2:].startswith(bytes.fromhex("300C060704007F00070102" + "02010D"))


def test_the_offers_of_card_access_are_those_of_dg14(issuer: Issuer) -> None:
    for name in ("icao-several", "icao-dh", "icao-eac", "icao-3des"):
        card = _issue(issuer, name)
        open_file = set(_members(card.files["EF.CardAccess"]))
        assert open_file <= set(_members(find(card.files["DG14"], 0x6E)))
        assert open_file


def _members(infos: bytes) -> list[bytes]:
    content = parse(infos).value
    return [content[tlv.start : tlv.end] for tlv in parse_all(content)]


@pytest.mark.parametrize(("profile", "algorithm"), [("icao-dh", "dhKeyAgreement"), ("quirk-ca-x942", "X9.42 DH")])
def test_openssl_reads_a_diffie_hellman_key_by_either_encoding(
    issuer: Issuer, tmp_path: Path, profile: str, algorithm: str
) -> None:
    card = _issue(issuer, profile)
    (key,) = (one.key for one in card.chip_keys)
    assert isinstance(key, DhKey)
    infos = parse_security_infos(find(card.files["DG14"], 0x6E))
    (tmp_path / "key").write_bytes(infos.chip_public_keys[0].spki)
    assert algorithm in _openssl(tmp_path, "asn1parse", "-inform", "DER", "-in", "key").stdout.decode()
    text = _openssl(tmp_path, "pkey", "-pubin", "-inform", "DER", "-in", "key", "-noout", "-text").stdout.decode()
    assert "GROUP: dh_2048_256" in text
    digits = text.split("public-key:")[1].split("GROUP:")[0]
    assert int("".join(digits.split()).replace(":", ""), 16) == key.value


def test_a_key_without_info_is_published_alone(issuer: Issuer) -> None:
    infos = parse_security_infos(find(_issue(issuer, "quirk-ca-no-info").files["DG14"], 0x6E))
    assert infos.chip_authentication == ()
    assert len(infos.chip_public_keys) == 1


def test_fingers_and_eyes_are_records_of_their_standards_with_pictures_inside(issuer: Issuer) -> None:
    card = _issue(issuer, "icao-eac")
    fingers, irises = parse_dg3(card.files["DG3"]).fingers, parse_dg4(card.files["DG4"]).irises
    assert [str(finger.position) for finger in fingers] == ["right-index", "left-index"]
    assert [str(eye.position) for eye in irises] == ["right-eye", "left-eye"]
    assert {str(image.kind) for image in (*fingers, *irises)} == {"jpeg"}
    assert len({image.image for image in (*fingers, *irises)}) == 4


def test_another_person_has_other_fingers_and_the_same_person_the_same(issuer: Issuer) -> None:
    profile = profile_by_name("icao-eac")
    one = issuer.issue(load_persona("nguyen-van-mau"), profile)
    same = issuer.issue(load_persona("nguyen-van-mau"), profile)
    other = issuer.issue(load_persona("tran-minh-thu"), profile)
    assert one.files["DG3"] == same.files["DG3"]
    assert one.files["DG3"] != other.files["DG3"]


def test_every_key_that_a_profile_asks_for_is_on_the_card(factory: CardFactory, issuer: Issuer) -> None:
    card = _issue(issuer, "icao-several")
    specs = profile_by_name("icao-several").chip_keys
    assert [(key.suite, key.domain, key.key_id) for key in card.chip_keys] == [
        (spec.suite, spec.domain, spec.key_id) for spec in specs
    ]
    assert all(isinstance(key.key, EcKey) for key in card.chip_keys)
    assert _issue(issuer, "eid-german").active_key is None
    assert "DG15" not in _issue(issuer, "eid-german").files


def test_ef_com_lists_what_is_there(issuer: Issuer) -> None:
    card = _issue(issuer, "icao-eac")
    tags = TLV(0, card.files["EF.COM"]).child(0x60).child(0x5C).value
    assert len(tags) == len(card.data_groups)
