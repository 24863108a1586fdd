"""Deviation lists: what an issuer says of its own documents, and whom it may excuse (chip-reading 4.3, PA-27)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from mock_cards import der
from mock_cards.issuing import Pki, PkiOrder, make_pki
from mock_cards.issuing.certificates import key_id_of
from mock_cards.issuing.lists import Deviation as Written
from mock_cards.issuing.lists import make_deviation_list
from mock_cards.issuing.signatures import digest_algorithm, ecdsa
from mock_cards.issuing.signed_data import (
    SignedDataTemplate,
    SignerTemplate,
    signed_attributes,
    subject_key_identifier,
)
from reader.errors import DataError
from reader.iso7816 import encode
from reader.trust import (
    AnchorStore,
    Certificate,
    DeviatingDocument,
    Deviation,
    DeviationKind,
    DeviationList,
    DeviationLists,
    ListRefused,
    read_trust_file,
)
from reader.trust.deviations import DEVIATION_LIST

AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@cache
def pki(*defects: str) -> Pki:
    return make_pki(PkiOrder("lists", AT, defects=defects))


def roots(made: Pki) -> AnchorStore:
    return AnchorStore.of([made["csca.cer"]])


def signed(content: bytes, at: datetime = AT - 2 * DAY, made: Pki | None = None) -> bytes:
    made = made or pki()
    signer = made.files["deviation-list-signer.cer"]
    attributes = signed_attributes(DEVIATION_LIST, content, "sha256", at)
    assert signer.key is not None
    by = SignerTemplate(
        signer.key, subject_key_identifier(key_id_of(signer.key)), "sha256", ecdsa("sha256"), attributes
    )
    return SignedDataTemplate(DEVIATION_LIST, content, (signer.content,), (by,)).encoded()


def document(**changes: Any) -> DeviatingDocument:
    known = DeviatingDocument(Certificate.parse(pki()["ds.cer"]), "ID", "012345678", date(2026, 3, 1))
    return replace(known, **changes)


def listed(
    documents: bytes, *, digest: bytes = b"", kind: str = "2.2", parameter: bytes = b""
) -> tuple[Deviation, ...]:
    described = der.sequence(der.object_identifier(f"{DEVIATION_LIST}.{kind}"), parameter)
    entry = der.sequence(documents, der.set_of(described))
    content = der.sequence(der.integer(0), digest, der.set_of(entry))
    return DeviationList.read(signed(content), roots(pki())).of(document())


WRONG_HASH = (Deviation(DeviationKind.GROUP_HASH_WRONG),)


def test_a_sound_list_says_what_is_wrong_with_which_documents() -> None:
    found = DeviationList.read(pki()["deviation-list.dl"], roots(pki()))
    assert (found.country, len(found)) == ("VN", 1)
    assert found.of(document()) == (Deviation(DeviationKind.GROUP_MALFORMED, "2"),)
    assert repr(found) == "DeviationList(VN, 1 entries)"


@pytest.mark.parametrize(
    ("defect", "reason"),
    [
        ("dl-signature-broken", "signature-invalid"),
        ("dl-content-type-differs", "signed-attributes-wrong"),
        ("dl-signer-without-eku", "signer-wrong-purpose"),
        ("dl-signer-expired", "signer-not-valid-at-signing"),
        ("dl-signer-unknown", "signer-not-trusted"),
    ],
)
def test_a_list_whose_signer_does_not_verify_excuses_nothing(defect: str, reason: str) -> None:
    made = pki(defect)
    lists = DeviationLists.of([made["deviation-list.dl"], b"\x30"], roots(made))
    assert [refused.reason for refused in lists.refused] == [reason, "malformed"]
    assert lists.of_document(document(signer=Certificate.parse(made["ds.cer"]))) == ()


def tagged(tag: int, value: bytes) -> bytes:
    return encode(tag, value)


def sid(offset: int = 0) -> bytes:
    signer = document().signer
    return tagged(0xA1, signer.issuer.raw + der.integer(signer.serial + offset))


def key_id(change: bytes = b"") -> bytes:
    return tagged(0x82, (document().signer.subject_key_id or b"") + change)


def digest_of(name: str = "sha256") -> bytes:
    return tagged(0x83, hashlib.new(name, document().signer.raw).digest())


def issued(begin: str, end: str) -> bytes:
    return tagged(0xA4, tagged(0x18, begin.encode()) + tagged(0x18, end.encode()))


def numbers(*found: str) -> bytes:
    return tagged(0xA5, b"".join(der.printable(number) for number in found))


@pytest.mark.parametrize(
    ("documents", "meant"),
    [
        (b"", False),
        (tagged(0x80, b"ID"), True),
        (tagged(0x80, b"P<"), False),
        (sid(), True),
        (sid(1), False),
        (key_id(), True),
        (key_id(b"x"), False),
        (digest_of(), True),
        (tagged(0x83, bytes(32)), False),
        (issued("20260101000000Z", "20260401000000Z"), True),
        (issued("20260302000000Z", "20260401000000Z"), False),
        (numbers("999", "012345678"), True),
        (numbers("999"), False),
        (key_id() + numbers("012345678"), True),
        (key_id() + numbers("999"), False),
        (key_id(b"x") + numbers("012345678"), False),
        (tagged(0x80, b"ID") + key_id() + issued("20260101000000Z", "20260401000000Z") + numbers("012345678"), True),
    ],
)
def test_an_entry_means_documents_of_which_everything_fits(documents: bytes, meant: bool) -> None:
    """ICAO 9303-3 §7.3.6: conditions are met simultaneously; an entry that names none means no document."""
    assert listed(der.sequence(documents)) == (WRONG_HASH if meant else ())


def test_what_the_card_does_not_tell_does_not_fit() -> None:
    content = der.sequence(
        der.integer(0),
        der.set_of(
            der.sequence(
                der.sequence(issued("20260101000000Z", "20260401000000Z")),
                der.set_of(der.sequence(der.object_identifier(DeviationKind.GROUP_HASH_WRONG))),
            )
        ),
    )
    found = DeviationList.read(signed(content), roots(pki()))
    assert found.of(document()) == WRONG_HASH
    assert found.of(document(issued=None)) == ()


def test_a_list_speaks_only_for_its_own_state(authority: Any) -> None:
    foreign = Certificate.parse(authority.ds(authority.key(), authority.key(), country="LA"))
    content = make_deviation_list([Written("ID", foreign.subject_key_id or b"", "2.2", "not ours to say")])
    assert DeviationList.read(signed(content), roots(pki())).of(document(signer=foreign)) == ()


def test_the_digest_that_names_a_certificate_is_the_lists_own_or_its_signatures() -> None:
    sha512 = digest_algorithm("sha512")
    assert listed(der.sequence(digest_of("sha512")), digest=sha512) == WRONG_HASH
    assert listed(der.sequence(digest_of("sha512"))) == ()
    for refused in ("1.2.840.113549.2.5", "1.2.3"):
        with pytest.raises(ListRefused, match="algorithm-refused"):
            listed(der.sequence(digest_of()), digest=der.sequence(der.object_identifier(refused)))


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (b"", ""),
        (tagged(0xA0, der.integer(14)), "14"),
        (tagged(0xA0, der.object_identifier("2.5.29.15")), "2.5.29.15"),
        (tagged(0xA0, b"\x05\x00"), ""),
        (tagged(0xA0, b""), ""),
        (tagged(0xA1, der.integer(3)), ""),
    ],
)
def test_a_parameter_is_a_number_or_an_extension(parameter: bytes, text: str) -> None:
    assert listed(der.sequence(key_id()), parameter=parameter) == (Deviation(DeviationKind.GROUP_HASH_WRONG, text),)


def test_of_each_state_the_newest_list_counts() -> None:
    def content(kind: str) -> bytes:
        return make_deviation_list([Written("ID", document().signer.subject_key_id or b"", kind, "text")])

    new, old = signed(content("2.2"), AT - DAY), signed(content("2.3"), AT - 9 * DAY)
    for order in ([new, old], [old, new]):
        lists = DeviationLists.of(order, roots(pki()))
        assert repr(lists) == "DeviationLists(1 lists, 0 refused)"
        assert lists.of_document(document()) == WRONG_HASH


@pytest.mark.parametrize(
    "content",
    [
        der.sequence(der.integer(0)),
        der.sequence(der.integer(0), der.set_of(der.sequence(der.sequence()))),
        der.sequence(der.integer(0), der.set_of(der.sequence(der.sequence(), der.set_of(der.sequence())))),
        der.sequence(der.integer(0), der.set_of(der.sequence(der.sequence(tagged(0x86, b"")), der.set_of()))),
        der.sequence(der.integer(0), der.set_of(der.sequence(der.sequence(tagged(0xA1, b"")), der.set_of()))),
        der.sequence(der.integer(0), der.set_of(der.sequence(der.sequence(tagged(0xA4, b"")), der.set_of()))),
        der.sequence(der.integer(0), der.set_unsorted(*[b"\x05\x00"] * 10_001)),
    ],
)
def test_a_malformed_deviation_list_is_an_error(content: bytes) -> None:
    with pytest.raises(DataError):
        DeviationList.read(signed(content), roots(pki()))


def test_a_list_whose_certificates_cannot_be_read_has_no_country() -> None:
    found = read_trust_file(signed(b"\x30\x00").replace(pki()["deviation-list-signer.cer"], b""))
    assert [item.country for item in found.accepted] in ([""], [])
    bare = SignedDataTemplate(DEVIATION_LIST, b"\x30\x00", (b"\x30\x00",), ()).encoded()
    assert [item.country for item in read_trust_file(bare).accepted] == [""]
