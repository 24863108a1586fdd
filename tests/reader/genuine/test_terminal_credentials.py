"""A terminal's certificates and key: what is read, what is refused, and what nobody but its owner may see."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import DataError
from reader.genuine import TerminalCredentials
from reader.genuine import terminal_credentials as credentials_file
from reader.genuine.cv_certificate import CvRole, parse_cv_certificate, verify_cv_certificate
from reader.genuine.cv_keys import parse_cv_key
from reader.genuine.terminal_key import TerminalKey
from reader.iso7816 import encode, parse

World = Any  # lives in tests/peers/pki.py
ALL = 0x03
DAY = date(2026, 3, 1)


def load(world: World) -> TerminalCredentials:
    return TerminalCredentials.load(world.write())


class TestStore:
    def test_a_key_that_others_may_read_is_refused(self, pki: ModuleType, world: World) -> None:
        pki.write_store(world.folder, world.files, world.system.private, mode=0o640)
        with pytest.raises(DataError, match=r"is\.pk8: private key that others may read"):
            TerminalCredentials.load(world.folder)

    def test_an_encrypted_key_needs_its_passphrase_and_nothing_else(self, pki: ModuleType, world: World) -> None:
        pki.write_store(world.folder, world.files, world.system.private, b"correct horse", mode=0o644)
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
            load(world)

    def test_a_key_of_somebody_else_is_refused(self, world: World) -> None:
        world.system = world.verifier
        with pytest.raises(DataError, match=r"is\.pk8: private key that is not the one of XXIS00XX001"):
            load(world)

    def test_keys_of_others_are_not_looked_at(self, world: World) -> None:
        load(world)
        (world.folder / "cvca.pk8").write_bytes(b"whatever an authority should never leave here")
        assert len(TerminalCredentials.load(world.folder).keys) == 1

    def test_of_two_systems_the_one_whose_chain_the_chip_knows_is_taken(self, pki: ModuleType, world: World) -> None:
        """While certificates are renewed there are two keys, one under each of the authority's."""
        verifier = pki.Holder("XXDV00XX000", "ecdsa-sha256", pki.new_key("ecdsa-sha256", "brainpoolP256r1"))
        former = pki.Holder("XXIS00XX000", "ecdsa-sha256", pki.new_key("ecdsa-sha256", "brainpoolP256r1"))
        del world.files["link"]
        world.files["cvca-new"] = pki.certificate(world.new, world.new, pki.CVCA | ALL)
        world.files["former-dv"] = pki.certificate(verifier, world.old, pki.DOMESTIC | ALL)
        load(world)
        pki.write_store(world.folder, {"former": pki.certificate(former, verifier, ALL)}, former.private, name="former")
        credentials = TerminalCredentials.load(world.folder)
        for authority, systems in ((world.old, "XXIS00XX000"), (world.new, "XXIS00XX001")):
            chain = credentials.chain_to([authority.reference], DAY)
            assert chain[-1].name == systems
            assert credentials.key_of(chain[-1]).fits(chain[-1].public_key)

    def test_a_key_that_is_not_here_is_told_by_its_holders_name(self, world: World) -> None:
        credentials = load(world)
        verifier = next(one for one in credentials.certificates if one.role is CvRole.DOMESTIC_VERIFIER)
        with pytest.raises(DataError, match="no private key of XXDV00XX001"):
            credentials.key_of(verifier)

    def test_the_directory_must_be_there_and_hold_one_key(self, world: World) -> None:
        with pytest.raises(DataError, match="cannot be read"):
            TerminalCredentials.load(world.folder / "absent")
        load(world)
        (world.folder / "is.pk8").unlink()
        with pytest.raises(DataError, match="no private key of an inspection system"):
            TerminalCredentials.load(world.folder)

    def test_a_malformed_certificate_is_named_by_its_file(self, world: World) -> None:
        world.files["dv"] = b"\x7f\x21\x00"
        with pytest.raises(DataError, match=r"dv\.cvcert: "):
            load(world)

    @pytest.mark.parametrize("raw", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\n"])
    def test_a_key_file_that_is_none_is_refused(self, world: World, raw: bytes) -> None:
        load(world)
        (world.folder / "is.pk8").write_bytes(raw)
        with pytest.raises(DataError, match=r"is\.pk8: "):
            TerminalCredentials.load(world.folder)

    def test_the_curve_comes_down_from_the_authority(self, world: World) -> None:
        raw = parse_cv_certificate(world.files["is"])
        assert raw.public_key.curve is None
        loaded = next(one for one in load(world).certificates if one.role is CvRole.INSPECTION_SYSTEM)
        assert loaded.public_key.curve is not None
        assert loaded.public_key.curve.name == "brainpoolP256r1"

    def test_without_the_authoritys_certificate_the_chip_judges_alone(self, world: World) -> None:
        """A chip that knows the new key needs neither link nor root; the terminal cannot verify, and need not."""
        del world.files["cvca"], world.files["link"]
        chain = load(world).chain_to([world.new.reference], DAY)
        assert [one.name for one in chain] == ["XXDV00XX001", "XXIS00XX001"]

    def test_no_more_certificates_are_read_than_a_state_has_use_for(self, world: World) -> None:
        world.files |= {f"more-{number}": world.files["cvca"] for number in range(61)}
        with pytest.raises(DataError, match="more than 64 certificates"):
            load(world)
        (world.folder / "more-60.cvcert").unlink()
        assert len(TerminalCredentials.load(world.folder).certificates) == 64

    @pytest.mark.parametrize(("name", "limit"), [("dv.cvcert", 4096), ("is.pk8", 16384)])
    def test_a_file_longer_than_such_files_are_is_refused(self, world: World, name: str, limit: int) -> None:
        load(world)
        (world.folder / name).write_bytes(bytes(limit + 1))
        with pytest.raises(DataError, match=rf"{name}: file of more than {limit} bytes"):
            TerminalCredentials.load(world.folder)

    def test_a_file_that_the_system_withholds_is_named_and_its_place_is_not(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load(world)
        original = Path.open

        def withheld(path: Path, *args: Any, **kwargs: Any) -> Any:
            if path.name == "dv.cvcert":
                raise PermissionError(13, "Permission denied", str(path))
            return original(path, *args, **kwargs)

        monkeypatch.setattr(Path, "open", withheld)
        with pytest.raises(DataError, match="cannot be read") as caught:
            TerminalCredentials.load(world.folder)
        assert "dv.cvcert" in str(caught.value)
        assert str(world.folder) not in str(caught.value)

    def test_where_files_have_no_rights_only_an_encrypted_key_is_taken(
        self, pki: ModuleType, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As on Windows, whose mode bits say nothing of who may read."""
        monkeypatch.setattr(credentials_file, "os", SimpleNamespace(name="nt"))
        with pytest.raises(DataError, match="private key that others may read"):
            load(world)
        pki.write_store(world.folder, world.files, world.system.private, b"correct horse")
        assert len(TerminalCredentials.load(world.folder, b"correct horse").keys) == 1

    @pytest.mark.parametrize(("links", "found"), [(8, True), (9, False)])
    def test_a_chain_goes_over_eight_links_and_no_further(
        self, pki: ModuleType, world: World, links: int, found: bool
    ) -> None:
        authorities = [pki.Holder(f"XXCVCA{number:05}", world.old.algorithm, world.old.private) for number in range(10)]
        issued = {"cvca": pki.certificate(authorities[0], authorities[0], pki.CVCA | ALL)}
        for number in range(links):
            link = pki.certificate(authorities[number + 1], authorities[number], pki.CVCA | ALL)
            issued[f"link-{number}"] = link
        issued["dv"] = pki.certificate(world.verifier, authorities[links], pki.DOMESTIC | ALL)
        world.files = {**issued, "is": world.files["is"]}
        chain = load(world).chain_to([authorities[0].reference], DAY)
        assert len(chain) == (links + 2 if found else 0)

    def test_a_private_key_of_another_kind_is_refused(self, world: World) -> None:
        """Terminal Authentication knows RSA and ECDSA (9303-11 §9.2.9)."""
        load(world)
        key = ed25519.Ed25519PrivateKey.generate()
        (world.folder / "is.pk8").write_bytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        with pytest.raises(DataError, match=r"is\.pk8: private key of a kind that no inspection system has"):
            TerminalCredentials.load(world.folder)

    def test_nothing_of_the_key_is_shown(self, world: World) -> None:
        credentials = load(world)
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

    def test_a_certificate_longer_than_any_is_not_parsed(self) -> None:
        with pytest.raises(DataError, match="more than 4096 bytes"):
            parse_cv_certificate(encode(0x7F21, bytes(4096)))

    def test_without_the_issuers_curve_nothing_is_said_about_a_signature(self, world: World) -> None:
        """A verifier's certificate leaves its curve out; alone it can verify neither rightly nor wrongly."""
        verifier, system = parse_cv_certificate(world.files["dv"]), parse_cv_certificate(world.files["is"])
        with pytest.raises(DataError, match="issuer's curve is not known"):
            verify_cv_certificate(system, verifier)
        authority = parse_cv_certificate(world.files["cvca"])
        assert verify_cv_certificate(system, verifier.inherit(authority))

    def test_authorization_extensions_are_passed_over(self, pki: ModuleType, world: World) -> None:
        raw = pki.certificate(world.system, world.verifier, ALL, extensions=bytes.fromhex("6504 7302 0600"))
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
    def test_any_damage_is_a_certificate_or_a_data_error(self, pki: ModuleType, data: st.DataObject) -> None:
        holder = pki.Holder("XXCVCA00001", "ecdsa-sha256", pki.new_key("ecdsa-sha256", "secp256r1"))
        raw = bytearray(pki.certificate(holder, holder, 0xC3))
        for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=4)):
            raw[place] = data.draw(st.integers(0, 255))
        try:
            parse_cv_certificate(bytes(raw))
        except DataError as error:
            assert "XXCVCA" not in str(error)  # noqa: PT017  # a certificate is an answer too


class TestKeys:
    """The object 7F49 for RSA: modulus 81 and exponent 82 (9303-11 §9.4.3), both within what a chip computes with."""

    ID_RSA_PSS_SHA256 = encode(0x06, bytes.fromhex("04007F00070202020104"))
    MODULUS = (1 << 2047) + 1

    def template(self, modulus: int, exponent: int, more: bytes = b"") -> Any:
        numbers = ((0x81, modulus), (0x82, exponent))
        written = (encode(tag, value.to_bytes((value.bit_length() + 7) // 8, "big")) for tag, value in numbers)
        return parse(encode(0x7F49, self.ID_RSA_PSS_SHA256 + b"".join(written) + more))

    def test_modulus_and_exponent_are_read(self) -> None:
        key = parse_cv_key(self.template(self.MODULUS, 65537)).rsa
        assert key is not None
        assert (key.modulus, key.exponent) == (self.MODULUS, 65537)

    def test_an_rsa_key_has_no_third_number(self) -> None:
        with pytest.raises(DataError, match="not modulus and exponent"):
            parse_cv_key(self.template(self.MODULUS, 65537, encode(0x83, b"\x01")))

    @pytest.mark.parametrize(
        ("modulus", "exponent"),
        [
            ((1 << 1022) + 1, 65537),
            ((1 << 4096) - 1 << 8 | 1, 65537),
            (MODULUS + 1, 65537),
            (MODULUS, 65536),
            (MODULUS, 1),
            (MODULUS, (1 << 32) + 1),
        ],
        ids=["short", "long", "even modulus", "even exponent", "exponent 1", "long exponent"],
    )
    def test_impossible_numbers_are_refused(self, modulus: int, exponent: int) -> None:
        with pytest.raises(DataError, match="impossible numbers"):
            parse_cv_key(self.template(modulus, exponent))

    @pytest.mark.parametrize("kind", ["RSA", "EC"])
    def test_a_key_never_signs_by_an_algorithm_of_the_other_kind(
        self, pki: ModuleType, world: World, rsa_key: rsa.RSAPrivateKey, kind: str
    ) -> None:
        on_curve = parse_cv_certificate(world.files["cvca"]).public_key
        of_rsa = parse_cv_key(self.template(self.MODULUS, 65537))
        private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = rsa_key if kind == "RSA" else world.old.private
        other = on_curve if kind == "RSA" else of_rsa
        key = TerminalKey(private)
        assert not key.fits(other)
        with pytest.raises(ValueError, match=f"an {kind} key signs with"):
            key.sign(b"challenge", other)
