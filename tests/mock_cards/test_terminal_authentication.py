"""Terminal Authentication from the card's side (ICAO 9303-11 §7.1): certificates, trust points, date, rights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from mock_cards.chip import CardImage, ChipKey, profile_by_name
from mock_cards.cv_certificate import TrustPoint, parse_cv_certificate
from mock_cards.der import oid_value
from mock_cards.issuing.card_verifiable import CvHolder, CvTemplate, Role, cv_public_key
from mock_cards.issuing.certificates import KeyAlgorithm
from mock_cards.issuing.cv_pki import CvPki, CvPkiOrder, make_cv_pki
from mock_cards.issuing.security_infos import CHIP_AUTHENTICATION_OID
from mock_cards.keys import new_ec_key, seeded_rng
from reader.crypto import CipherSuite, curve_by_name, encode_point, generator, multiply, x_bytes
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, find, parse

RNG = seeded_rng("terminal authentication")
CURVE = curve_by_name("brainpoolP256r1")
TERMINAL = 7
PUBLIC = multiply(CURVE, TERMINAL, generator(CURVE))
CHIP_KEY = new_ec_key(CURVE, RNG)
DOCUMENT_NUMBER = b"L898902C<3"
TODAY = date(2026, 6, 1)
DAY = timedelta(days=1)
KINDS = {
    "ecdsa-256": KeyAlgorithm("brainpoolP256r1", "sha256"),
    "ecdsa-224": KeyAlgorithm("secp224r1", "sha224"),
    "ecdsa-384": KeyAlgorithm("brainpoolP384r1", "sha384"),
    "ecdsa-512": KeyAlgorithm("brainpoolP512r1", "sha512"),
    "rsa-pss": KeyAlgorithm("rsa-pss-2048", "sha256"),
    "rsa": KeyAlgorithm("rsa-2048", "sha512"),
}


@pytest.fixture(scope="module")
def pki() -> CvPki:
    return make_cv_pki(CvPkiOrder(seed="tests", at=TODAY))


def _trust(pki: CvPki, name: str = "cvca.cvcert") -> TrustPoint:
    return parse_cv_certificate(pki[name]).trust_point()


class Inspector:
    """Show certificates to a chip and sign its challenge."""

    def __init__(self, it) -> None:
        self.it = it
        self.bound = x_bytes(CURVE, PUBLIC)

    def send(self, ins: int, p1p2: int, data: bytes = b"", ne: int = 0) -> ResponseAPDU:
        command = CommandAPDU(0, ins, p1p2 >> 8, p1p2 & 0xFF, data, ne)
        return self.it.unprotect(self.it.chip.transmit(self.it.protect(command)))

    def agree(self) -> None:
        """Run Chip Authentication, to which the rights are bound."""
        oid = oid_value(CHIP_AUTHENTICATION_OID[CipherSuite.AES_128])
        assert self.send(0x22, 0x41A4, encode(0x80, oid)).sw == 0x9000
        point = encode(0x7C, encode(0x80, encode_point(CURVE, PUBLIC)))
        assert self.send(0x86, 0x0000, point, 256).sw == 0x9000
        shared = multiply(CURVE, TERMINAL, CHIP_KEY.point)
        self.it.start(CipherSuite.AES_128, x_bytes(CURVE, shared))

    def show(self, certificate: bytes) -> int:
        """Choose the certificate's authority, then verify it."""
        authority = find(certificate, 0x7F21, 0x7F4E, 0x42)
        sw = self.send(0x22, 0x81B6, encode(0x83, authority)).sw
        return sw if sw != 0x9000 else self.send(0x2A, 0x00BE, parse(certificate).value).sw

    def prove(self, holder: CvHolder, *, chip_id: bytes = DOCUMENT_NUMBER, spoil: bool = False) -> int:
        """Choose the terminal's key, take the challenge and sign it."""
        sw = self.send(0x22, 0x81A4, encode(0x83, holder.reference.encode())).sw
        if sw != 0x9000:
            return sw
        challenge = self.send(0x84, 0, b"", 8)
        assert (len(challenge.data), challenge.sw) == (8, 0x9000)
        signature = holder.algorithm.sign(holder.key, chip_id + challenge.data + self.bound)
        return self.send(0x82, 0, signature[:-1] + bytes((signature[-1] ^ spoil,))).sw

    def reads(self, number: int) -> int:
        return self.it.secure(f"00A4020C0201{number:02X}").sw


@pytest.fixture
def inspector(small_image: Callable[..., CardImage], terminal, pki: CvPki) -> Callable[..., Inspector]:
    """Return a maker of inspectors inside a BAC session after Chip Authentication."""

    def make(*, trust: CvPki | None = None, agreed: bool = True, today: date = TODAY, it=None) -> Inspector:
        if it is None:
            image = small_image(profile_by_name("icao-eac"), DG3=b"\x63\x00", DG4=b"\x76\x00")
            key = ChipKey(CHIP_AUTHENTICATION_OID[CipherSuite.AES_128], CipherSuite.AES_128, CHIP_KEY)
            points = (_trust(trust or pki),)
            it = terminal(replace(image, chip_keys=(key,), trust_points=points, personalised=today))
        else:
            it.chip.reset()
        it.select_application()
        assert it.bac().sw == 0x9000
        made = Inspector(it)
        if agreed:
            made.agree()
        return made

    return make


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_an_authorised_terminal_reads_fingers_and_irises(inspector, kind: KeyAlgorithm) -> None:
    pki = make_cv_pki(CvPkiOrder(seed="kinds", at=TODAY, key=kind))
    it = inspector(trust=pki)
    assert (it.reads(3), it.reads(4)) == (0x6982, 0x6982)
    assert [it.show(one) for one in pki.chain] == [0x9000, 0x9000]
    assert (it.reads(3), it.reads(4)) == (0x6982, 0x6982), "certificates alone open nothing"
    assert it.prove(pki.terminal) == 0x9000
    assert (it.reads(3), it.reads(4), it.reads(1)) == (0x9000, 0x9000, 0x9000)


@pytest.mark.parametrize(("rights", "three", "four"), [(1, 0x9000, 0x6982), (2, 0x6982, 0x9000), (0, 0x6982, 0x6982)])
def test_the_rights_are_those_that_every_certificate_of_the_chain_grants(inspector, rights, three, four) -> None:
    pki = make_cv_pki(CvPkiOrder(seed="rights", at=TODAY, rights=rights))
    it = inspector(trust=pki)
    assert [it.show(one) for one in pki.chain] == [0x9000, 0x9000]
    assert it.prove(pki.terminal) == 0x9000
    assert (it.reads(3), it.reads(4)) == (three, four)


@pytest.mark.parametrize("defect", ["dv-without-rights", "is-without-rights"])
def test_one_certificate_without_rights_takes_them_from_the_terminal(inspector, defect: str) -> None:
    pki = make_cv_pki(CvPkiOrder(seed="rights", at=TODAY, defects=(defect,)))
    it = inspector(trust=pki)
    assert [it.show(one) for one in pki.chain] == [0x9000, 0x9000]
    assert it.prove(pki.terminal) == 0x9000
    assert it.reads(3) == 0x6982


@pytest.mark.parametrize(
    ("defect", "statuses"),
    [
        ("dv-signature-broken", [0x6300, 0x6A88]),
        ("is-signature-broken", [0x9000, 0x6300]),
        ("is-expired", [0x9000, 0x6985]),
        ("is-wrong-authority", [0x9000, 0x6A88]),
        ("dv-with-terminal-role", [0x6985, 0x6A88]),
        ("is-with-dv-role", [0x9000, 0x6985]),
        ("is-of-another-type", [0x9000, 0x6A80]),
        ("is-profile-1", [0x9000, 0x6A80]),
        ("is-dates-in-other-order", [0x9000, 0x6A80]),
    ],
)
def test_a_defective_certificate_is_refused_and_opens_nothing(inspector, defect: str, statuses: list[int]) -> None:
    pki = make_cv_pki(CvPkiOrder(seed="defects", at=TODAY, defects=(defect,)))
    it = inspector(trust=pki)
    got = [it.show(one) for one in pki.chain]
    assert got == statuses
    assert it.reads(3) == 0x6982
    assert it.reads(1) == 0x9000, "secure messaging goes on where Terminal Authentication fails (§7.1.3, note 2)"


def test_a_wrong_signature_is_6300_and_another_try_is_allowed(inspector, pki: CvPki) -> None:
    it = inspector()
    for certificate in pki.chain:
        it.show(certificate)
    assert it.prove(pki.terminal, spoil=True) == 0x6300
    assert it.prove(pki.terminal, chip_id=b"T220001293") == 0x6300, "the signature names this document"
    assert it.prove(pki.terminal) == 0x9000


def test_terminal_authentication_is_performed_once_in_a_session(inspector, pki: CvPki) -> None:
    it = inspector()
    for certificate in pki.chain:
        it.show(certificate)
    assert it.prove(pki.terminal) == 0x9000
    assert it.send(0x22, 0x81A4, encode(0x83, pki.terminal.reference.encode())).sw == 0x9000
    assert it.send(0x84, 0, b"", 8).sw == 0x6985


def test_new_session_keys_take_the_rights_away(inspector, pki: CvPki) -> None:
    # §7.1.3: the rights are bound to the ephemeral key that was authenticated.
    it = inspector()
    for certificate in pki.chain:
        it.show(certificate)
    it.prove(pki.terminal)
    assert it.reads(3) == 0x9000
    it.agree()
    assert it.reads(3) == 0x6982


def test_without_chip_authentication_there_is_nothing_to_bind_rights_to(inspector, pki: CvPki) -> None:
    it = inspector(agreed=False)
    assert [it.show(one) for one in pki.chain] == [0x9000, 0x9000]
    assert it.prove(pki.terminal) == 0x6982


def test_a_link_certificate_brings_a_trust_point_that_outlives_the_reset(inspector, pki: CvPki) -> None:
    it = inspector()
    old, new = b"VNTESTCVCA00001", b"VNTESTCVCA00002"
    assert it.it.secure("00B09C0000").data == (encode(0x42, old)).ljust(36, b"\x00")
    assert it.show(pki["cvca-link.cvcert"]) == 0x9000
    assert it.it.secure("00B09C0000").data == (encode(0x42, new) + encode(0x42, old)).ljust(36, b"\x00")
    again = inspector(it=it.it)
    assert again.it.secure("00B09C0000").data.startswith(encode(0x42, new) + encode(0x42, old))
    assert [again.show(one) for one in pki.new_chain[1:]] == [0x9000, 0x9000]
    assert again.prove(pki.holders["is-new.cvcert"]) == 0x9000
    assert again.show(pki["cvca-link.cvcert"]) == 0x6985, "a trust point that is known is not imported again"


def test_imported_keys_are_gone_after_a_reset(inspector, pki: CvPki) -> None:
    it = inspector()
    assert it.show(pki["dv.cvcert"]) == 0x9000
    assert inspector(it=it.it).show(pki["is.cvcert"]) == 0x6A88


def _issue(pki: CvPki, above: str, role: int, effective: date, expiry: date, holder: str = "VNTESTXX00009") -> bytes:
    issuer = pki.holders[above]
    key = cv_public_key(issuer.key, issuer.algorithm, with_parameters=role == Role.CVCA)
    template = CvTemplate(issuer.reference, key, holder, role | 3, effective, expiry)
    return template.issue(issuer.key, issuer.algorithm)


def test_the_date_follows_accurate_certificates_and_never_goes_back(inspector, pki: CvPki) -> None:
    # §7.1.4.3.3: DV certificates, and terminals' certificates of a domestic DV.
    it = inspector(today=TODAY - 400 * DAY)
    today = it.it.chip.memory.trust
    it.show(pki["dv.cvcert"])
    assert today.today == TODAY - 30 * DAY
    it.show(pki["is.cvcert"])
    assert today.today == TODAY - DAY
    assert it.show(_issue(pki, "cvca.cvcert", Role.DV_DOMESTIC, TODAY - 60 * DAY, TODAY + DAY)) == 0x9000
    assert today.today == TODAY - DAY
    assert it.show(_issue(pki, "cvca.cvcert", Role.DV_DOMESTIC, TODAY - 60 * DAY, TODAY - 2 * DAY)) == 0x6985


def test_a_foreign_verifiers_terminal_does_not_move_the_date(inspector, pki: CvPki) -> None:
    it = inspector(today=TODAY - 400 * DAY)
    foreign = _issue(pki, "cvca.cvcert", Role.DV_FOREIGN, TODAY - 90 * DAY, TODAY + 90 * DAY, "DETESTDV00001")
    assert it.show(foreign) == 0x9000
    verifier = pki.holders["cvca.cvcert"]
    key = cv_public_key(verifier.key, verifier.algorithm, with_parameters=False)
    template = CvTemplate("DETESTDV00001", key, "DETESTIS00001", Role.TERMINAL | 3, TODAY, TODAY + DAY)
    assert it.show(template.issue(verifier.key, verifier.algorithm)) == 0x9000
    assert it.it.chip.memory.trust.today == TODAY - 90 * DAY


def test_at_most_two_trust_points_are_kept_the_most_recent_ones(inspector, pki: CvPki) -> None:
    it = inspector()
    assert it.show(pki["cvca-link.cvcert"]) == 0x9000
    third = _issue(pki, "cvca-new.cvcert", Role.CVCA, TODAY, TODAY + 900 * DAY, "VNTESTCVCA00003")
    assert it.show(third) == 0x9000
    assert it.it.chip.memory.trust.references == (b"VNTESTCVCA00003", b"VNTESTCVCA00002")
    assert it.send(0x22, 0x81B6, encode(0x83, b"VNTESTCVCA00001")).sw == 0x6A88


def test_a_long_certificate_comes_in_a_chain_of_commands(inspector, pki: CvPki) -> None:
    it = inspector()
    assert it.send(0x22, 0x81B6, encode(0x83, b"VNTESTCVCA00001")).sw == 0x9000
    data = parse(pki["dv.cvcert"]).value
    first = CommandAPDU(0x10, 0x2A, 0x00, 0xBE, data[:100])
    answer = it.it.unprotect(it.it.chip.transmit(it.it.protect(first)))
    assert (answer.data, answer.sw) == (b"", 0x9000)
    assert it.send(0x2A, 0x00BE, data[100:]).sw == 0x9000


def test_another_command_breaks_a_chain_and_is_carried_out_by_itself(inspector, pki: CvPki) -> None:
    it = inspector()
    data = parse(pki["dv.cvcert"]).value
    part = CommandAPDU(0x10, 0x2A, 0x00, 0xBE, data[:100])
    for between in (CommandAPDU(0, 0xA4, 0x02, 0x0C, b"\x01\x01"), CommandAPDU(0, 0xB0, 0x81, 0, ne=4)):
        assert it.send(0x22, 0x81B6, encode(0x83, b"VNTESTCVCA00001")).sw == 0x9000
        assert it.it.unprotect(it.it.chip.transmit(it.it.protect(part))).sw == 0x9000
        assert it.it.unprotect(it.it.chip.transmit(it.it.protect(between))).sw == 0x9000
        assert it.send(0x2A, 0x00BE, data[100:]).sw == 0x6A80, "the first part is gone"
    assert it.send(0x2A, 0x00BE, data).sw == 0x9000


def test_a_challenge_outlives_the_parts_of_its_answer(inspector) -> None:
    pki = make_cv_pki(CvPkiOrder(seed="kinds", at=TODAY, key=KINDS["rsa-pss"]))
    it = inspector(trust=pki)
    for certificate in pki.chain:
        assert it.show(certificate) == 0x9000
    assert it.send(0x22, 0x81A4, encode(0x83, pki.terminal.reference.encode())).sw == 0x9000
    challenge = it.send(0x84, 0, b"", 8).data
    signature = pki.terminal.algorithm.sign(pki.terminal.key, DOCUMENT_NUMBER + challenge + it.bound)
    first = CommandAPDU(0x10, 0x82, 0, 0, signature[:128])
    assert it.it.unprotect(it.it.chip.transmit(it.it.protect(first))).sw == 0x9000
    assert it.send(0x82, 0, signature[128:]).sw == 0x9000
    assert it.reads(3) == 0x9000


@pytest.mark.parametrize(
    ("ins", "p1p2", "data", "sw"),
    [
        (0x22, 0x81B6, b"", 0x6A80),
        (0x22, 0x81B6, encode(0x83, b"XX"), 0x6A88),
        (0x22, 0x81A4, encode(0x83, b"VNTESTIS00001"), 0x6A88),
        (0x2A, 0x00BE, b"", 0x6985),
        (0x2A, 0x00AE, b"", 0x6A86),
        (0x84, 0x0000, b"", 0x6985),
        (0x82, 0x0000, bytes(64), 0x6985),
    ],
)
def test_steps_out_of_order_are_refused_and_the_session_goes_on(inspector, ins, p1p2, data, sw) -> None:
    it = inspector()
    assert it.send(ins, p1p2, data, 8 if ins == 0x84 else 0).sw == sw
    assert it.reads(1) == 0x9000


def test_none_of_it_is_there_outside_a_session_or_without_the_protocol(small_image, terminal, opened) -> None:
    assert opened.secure("002281B60483025858").sw == 0x6A81
    assert opened.secure("002A00BE0100").sw == 0x6D00
    it = terminal(small_image(profile_by_name("icao-eac")))
    it.select_application()
    assert it.plain("002281B60483025858").sw == 0x6982


def test_a_certificate_read_back_is_what_its_issuer_wrote(pki: CvPki) -> None:
    read = parse_cv_certificate(pki["dv.cvcert"])
    assert (read.issuer, read.holder) == (b"VNTESTCVCA00001", b"VNTESTDV00001")
    assert (read.effective, read.expires) == (TODAY - 30 * DAY, TODAY + 90 * DAY)
    assert read.rights == 3
