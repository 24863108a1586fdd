"""Master lists, deviation lists, links, and any file that bears on trust (chip-reading 4.3, PA-22, PA-23, PA-27)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    DocumentDates,
    ItemKind,
    ListRefused,
    MasterList,
    TrustMaterial,
    follow_links,
    judge_chain,
    read_trust_file,
    split_master_list,
)
from reader.trust.deviations import DEVIATION_LIST

AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@cache
def pki(*defects: str) -> Pki:
    return make_pki(PkiOrder("lists", AT, defects=defects))


def roots(made: Pki) -> AnchorStore:
    return AnchorStore.of([made["csca.cer"]])


# --- master lists -------------------------------------------------------------------------------------------------


def test_a_list_under_a_pinned_root_brings_its_certificates() -> None:
    found = MasterList.read(pki()["master-list.ml"], roots(pki()))
    assert (found.country, found.signed_at) == ("VN", AT - 2 * DAY)
    assert len(found.anchors) == 5
    assert found.anchors.refused == ()
    assert repr(found) == "MasterList(VN, AnchorStore(5 anchors, 0 refused))"


@pytest.mark.parametrize(
    ("defect", "reason"),
    [
        ("ml-signature-broken", "signature-invalid"),
        ("ml-content-type-differs", "signed-attributes-wrong"),
        ("ml-digest-differs", "content-digest-mismatch"),
        ("ml-without-signing-time", "signing-time-unknown"),
        ("ml-without-signer-certificate", "signer-certificate-missing"),
        ("ml-signer-unknown", "signer-not-trusted"),
        ("ml-signer-without-eku", "signer-wrong-purpose"),
        ("ml-signer-expired", "signer-not-valid-at-signing"),
    ],
)
def test_a_list_that_is_not_right_is_refused_whole(defect: str, reason: str) -> None:
    """PA-27: signature wrong, signer not under the pinned root."""
    with pytest.raises(ListRefused) as refused:
        MasterList.read(pki(defect)["master-list.ml"], roots(pki(defect)))
    assert refused.value.reason == reason


def test_a_list_under_nobodys_root_is_refused() -> None:
    with pytest.raises(ListRefused, match="no-trust-anchor"):
        MasterList.read(pki()["master-list.ml"], AnchorStore())


def test_an_older_list_than_the_one_held_is_refused() -> None:
    """PA-27: the old one is kept; the same one again does no harm."""
    held = MasterList.read(pki()["master-list.ml"], roots(pki()))
    older = pki("ml-older")
    with pytest.raises(ListRefused, match="older-than-held"):
        MasterList.read(older["master-list.ml"], roots(older), held.signed_at)
    assert MasterList.read(older["master-list.ml"], roots(older)).signed_at < held.signed_at
    again = MasterList.read(pki()["master-list.ml"], roots(pki()), held.signed_at)
    assert again.fingerprint == held.fingerprint


@pytest.mark.parametrize("defect", ["ml-attributes-unsorted", "ml-without-csca", "ml-with-document-signer"])
def test_what_real_lists_do_is_accepted(defect: str) -> None:
    found = MasterList.read(pki(defect)["master-list.ml"], roots(pki(defect)))
    assert len(found.anchors) >= 4


@pytest.mark.parametrize("defect", ["ml-trailing-byte"])
def test_a_malformed_list_is_an_error(defect: str) -> None:
    with pytest.raises(DataError):
        MasterList.read(pki(defect)["master-list.ml"], roots(pki(defect)))


@pytest.mark.parametrize("raw", [b"\x30\x00", der.sequence(der.integer(0)), der.sequence(der.integer(0), b"\x30\x00")])
def test_what_is_no_list_of_certificates_is_an_error(raw: bytes) -> None:
    with pytest.raises(DataError):
        split_master_list(raw)


def test_too_many_certificates_are_an_error() -> None:
    with pytest.raises(DataError, match="more than 5000 certificates"):
        split_master_list(der.sequence(der.integer(0), der.set_unsorted(*[b"\x05\x00"] * 5_001)))


def test_the_real_lists_import_completely(shared: Path) -> None:
    """588 certificates of 112 States, not one refused; the older list is told from the newer by its signing time."""
    root = AnchorStore.of([(shared / "data" / "de-root-csca07.cer").read_bytes()])
    newer = MasterList.read((shared / "data" / "de-master-list-2026-05-28.ml").read_bytes(), root)
    assert (newer.country, len(newer.anchors), newer.anchors.refused) == ("DE", 588, ())
    assert len({anchor.country for anchor in newer.anchors.anchors}) == 112
    older = (shared / "data" / "de-master-list-2025-03-05.ml").read_bytes()
    found = MasterList.read(older, newer.anchors)
    assert (found.country, len(found.anchors), found.anchors.refused) == ("DE", 557, ())
    with pytest.raises(ListRefused, match="older-than-held"):
        MasterList.read(older, newer.anchors, newer.signed_at)


# --- links --------------------------------------------------------------------------------------------------------


def chain_under(store: AnchorStore, signer: bytes) -> str:
    dates = DocumentDates(AT, AT - 30 * DAY)
    return judge_chain(Certificate.parse(signer), TrustMaterial(store), dates).verdict.reason


@pytest.mark.parametrize(
    ("file", "new"), [("csca-link.cer", "csca-new.cer"), ("csca-name-change.cer", "csca-renamed.cer")]
)
def test_a_link_brings_the_new_key(file: str, new: str) -> None:
    """PA-22, PA-23: one anchor is enough, under the old name or a new one."""
    made = pki()
    linked = follow_links(roots(made), [made[file]])
    wanted = AnchorStore.of([made[new]]).anchors[0].key_fingerprint
    assert wanted in {anchor.key_fingerprint for anchor in linked.anchors}
    assert linked.refused == ()


def test_a_signer_under_either_key_passes(authority: Any) -> None:
    """PA-22, PA-23: the signer under the old key, under the new one, and under the one after a change of name."""
    old, new, renamed = (authority.key() for _ in range(3))
    store = AnchorStore.of([authority.csca(old)])
    links = [
        authority.csca(renamed, signer=new, serial=9, subject="CSCA Renamed", issuer="CSCA Test"),
        authority.csca(new, signer=old, serial=8),
    ]
    linked = follow_links(store, links)
    assert linked.refused == ()
    for key, issuer in ((old, "CSCA Test"), (new, "CSCA Test"), (renamed, "CSCA Renamed")):
        signer = authority.ds(authority.key(), key, issuer=issuer, begin=AT - 60 * DAY)
        assert chain_under(linked, signer) == "anchored"
    assert chain_under(store, authority.ds(authority.key(), new, begin=AT - 60 * DAY)) == "issuer-key-not-held"


def test_a_link_that_nobody_vouches_for_changes_nothing(authority: Any) -> None:
    old, new = authority.key(), authority.key()
    store = AnchorStore.of([authority.csca(old)])
    foreign = authority.csca(new, signer=old, country="LA", issuer_country="VN", serial=8)
    not_ca = authority.csca(new, signer=old, serial=8, ca=None)
    unsigned = authority.csca(new, signer=authority.key(), serial=8)
    linked = follow_links(store, [foreign, not_ca, unsigned, b"\x30"])
    assert linked.anchors == store.anchors
    assert sorted((refused.subject, refused.reason) for refused in linked.refused) == [
        ("link 1", "signer-not-trusted"),
        ("link 2", "not-an-authority"),
        ("link 3", "signer-not-trusted"),
        ("link 4", "malformed"),
    ]


def test_a_distrusted_key_vouches_for_no_successor(authority: Any) -> None:
    old, new = authority.key(), authority.key()
    store = AnchorStore.of([authority.csca(old)])
    link = authority.csca(new, signer=old, serial=8)
    for distrusted in (store.anchors[0].key_fingerprint, store.anchors[0].fingerprint):
        assert len(follow_links(store, [link], frozenset({distrusted}))) == 1
    assert len(follow_links(store, [link], frozenset({"0" * 64}))) == 2


def test_a_broken_link_is_refused() -> None:
    made = pki("link-signature-broken")
    linked = follow_links(roots(made), [made["csca-link.cer"]])
    assert [refused.reason for refused in linked.refused] == ["signer-not-trusted"]
    assert len(follow_links(roots(pki("name-change-unsaid")), [pki("name-change-unsaid")["csca-name-change.cer"]])) == 2


# --- deviation lists ----------------------------------------------------------------------------------------------


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


# --- files --------------------------------------------------------------------------------------------------------


def pem(label: str, raw: bytes) -> bytes:
    return f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(raw) + f"-----END {label}-----\n".encode()


def kinds(raw: bytes) -> list[str]:
    return [item.kind.value for item in read_trust_file(raw).accepted]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("csca.cer", "authority"),
        ("csca-link.cer", "authority"),
        ("ds.cer", "signer"),
        ("csca.crl", "revocation-list"),
        ("master-list.ml", "master-list"),
        ("deviation-list.dl", "deviation-list"),
    ],
)
def test_every_kind_of_file_is_known_in_der_and_pem(file: str, kind: str) -> None:
    raw = pki()[file]
    assert kinds(raw) == kinds(pem("WHATEVER IT IS", raw)) == [kind]
    item = read_trust_file(raw).accepted[0]
    assert (item.country, item.raw) == ("VN", raw)
    assert item.subject
    assert item.fingerprint == hashlib.sha256(raw).hexdigest()
    assert repr(item) == f"TrustItem({kind}, VN)"


def test_a_bundle_is_cut_into_its_certificates(authority: Any) -> None:
    made = pki()
    empty = signed_bundle(made["csca.cer"], made["ds.cer"])
    assert sorted(kinds(empty)) == ["authority", "signer"]
    assert kinds(signed_bundle()) == []


def signed_bundle(*certificates: bytes) -> bytes:
    """Write a PKCS #7 bundle: SignedData without a content and without a signer (RFC 5652 §5)."""
    data = der.sequence(
        der.integer(1),
        der.set_of(),
        der.sequence(der.object_identifier("1.2.840.113549.1.7.1")),
        tagged(0xA0, b"".join(certificates)) if certificates else b"",
        der.set_of(),
    )
    return der.sequence(der.object_identifier("1.2.840.113549.1.7.2"), tagged(0xA0, data))


def test_a_download_of_the_icao_directory_is_read() -> None:
    made = pki()

    def entry(attribute: str, raw: bytes) -> bytes:
        text = base64.b64encode(raw).decode()
        lines = [f"dn: o=dsc,c=VN,dc=data,dc=download,dc=pkd,dc=icao,dc=int\nsn:: {base64.b64encode(b'x').decode()}"]
        lines.append(f"{attribute}:: {text[:70]}")
        lines += [f" {text[place : place + 76]}" for place in range(70, len(text), 76)]
        return "\n".join(lines).encode() + b"\n\n"

    raw = (
        b"version: 1\n\n"
        + entry("userCertificate;binary", made["ds.cer"])
        + entry("certificateRevocationList;binary", made["csca.crl"])
        + entry("pkdMasterListContent", made["master-list.ml"])
        + entry("userCertificate;binary", b"\x30\x00")
    )
    found = read_trust_file(raw, "icaopkd.ldif")
    assert [item.kind.value for item in found.accepted] == ["signer", "revocation-list", "master-list"]
    assert [(refused.subject, refused.reason) for refused in found.refused] == [("icaopkd.ldif, item 4", "malformed")]
    assert repr(found) == "TrustFile(3 accepted, 1 refused)"
    assert found.of_kind(ItemKind.SIGNER) == (made["ds.cer"],)


def test_what_cannot_be_read_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    made = pki()
    assert [refused.reason for refused in read_trust_file(pki("crl-delta")["csca.crl"]).refused] == ["delta-list"]
    assert [refused.reason for refused in read_trust_file(b"").refused] == ["malformed"]
    assert [refused.reason for refused in read_trust_file(pem("X", b"")).refused] == ["malformed"]
    assert read_trust_file(b"-----BEGIN X-----\nA\n-----END X-----\n").refused[0].reason == "malformed"
    assert read_trust_file(b"dn: c=VN\n").accepted == ()
    monkeypatch.setattr("reader.trust.trust_file.MAX_FILE_BYTES", 10)
    assert read_trust_file(made["ds.cer"], "ds.cer").refused[0].reason == "too-large"
    monkeypatch.undo()
    monkeypatch.setattr("reader.trust.trust_file.MAX_ITEMS", 2)
    found = read_trust_file(pem("A", made["ds.cer"]) + pem("B", made["csca.cer"]) + pem("C", made["csca.crl"]))
    assert (len(found.accepted), found.refused[0].reason) == (2, "too-many-items")


def test_a_list_whose_certificates_cannot_be_read_has_no_country() -> None:
    found = read_trust_file(signed(b"\x30\x00").replace(pki()["deviation-list-signer.cer"], b""))
    assert [item.country for item in found.accepted] in ([""], [])
    bare = SignedDataTemplate(DEVIATION_LIST, b"\x30\x00", (b"\x30\x00",), ()).encoded()
    assert [item.country for item in read_trust_file(bare).accepted] == [""]


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_a_file(raw: bytes) -> None:
    found = read_trust_file(raw)
    assert found.accepted == ()


def test_a_directory_holds_everything_together(tmp_path: Path) -> None:
    made = pki("revoked-ds")
    for name in ("csca.cer", "ds.cer", "csca.crl", "deviation-list.dl", "master-list.ml"):
        (tmp_path / name).write_bytes(made[name])
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / "bad.crl").write_bytes(b"\x30")
    trust = TrustMaterial.load_directory(tmp_path)
    assert repr(trust).startswith("TrustMaterial(AnchorStore(1 anchors, 0 refused), RevocationLists(1 lists")
    assert [signer.raw for signer in trust.signers] == [made["ds.cer"]]
    assert [(refused.subject, refused.reason) for refused in trust.refused] == [("bad.crl", "malformed")]
    assert len(trust.deviations.lists) == 1


def test_a_directory_is_bounded_and_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        TrustMaterial.load_directory(tmp_path / "nowhere")
    (tmp_path / "a.cer").write_bytes(b"")
    monkeypatch.setattr("reader.trust.material.MAX_FILES", 0)
    with pytest.raises(DataError, match="more than 0 files"):
        TrustMaterial.load_directory(tmp_path)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.cer").write_bytes(pki()["csca.cer"])

    def unreadable(*_: Any, **__: Any) -> Any:
        raise OSError

    monkeypatch.setattr(Path, "open", unreadable)
    assert [refused.reason for refused in TrustMaterial.load_directory(tmp_path).refused] == ["malformed"]
