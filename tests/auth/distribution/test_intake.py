"""What is believed and what is refused, by which route it comes and with which reason."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from auth.distribution.errors import NothingToChange
from auth.distribution.intake import take_in
from auth.distribution.kinds import Action, ObjectKind
from auth.distribution.offered import offered_files
from mock_cards.issuing.issuer import Issuer
from reader.inspection.policy import Policy

from .conftest import NOW, InventedState, Office


@pytest.fixture(scope="module")
def test_csca() -> bytes:
    return Issuer(secrets.token_bytes).country.certificate


def reasons(office: Office, *files: tuple[str, bytes]) -> list[tuple[str, str]]:
    """Return (subject, reason) of what an import refuses, whether or not anything is left of it."""
    try:
        diff = office.propose(*files).diff
    except NothingToChange as nothing:
        diff = nothing.diff
    return [(row.subject, row.reason) for row in diff.of(Action.REFUSED)]


def test_a_list_needs_a_root_that_was_handed_over(
    office: Office, utopia: InventedState, arcadia: InventedState
) -> None:
    inside = arcadia.csca()
    listed = utopia.master_list((inside,))
    assert [reason for _, reason in reasons(office, ("ut.ml", listed))] == ["no-trust-anchor"]
    stranger = InventedState("UT")
    assert ("ut.ml", "signer-not-trusted") in reasons(office, ("x.cer", stranger.csca()), ("ut.ml", listed))
    root = utopia.csca()
    proposal = office.install(("ut.cer", root), ("ut.ml", listed))
    assert office.anchors() == {root, inside}
    assert {row.country for row in proposal.diff.of(Action.ADDED)} == {"UT", "AC"}


def test_a_certificate_out_of_a_list_vouches_for_no_other_list(
    office: Office, utopia: InventedState, arcadia: InventedState
) -> None:
    third = InventedState("TH")
    office.install(("ut.cer", utopia.csca()), ("ut.ml", utopia.master_list((arcadia.csca(),))))
    assert [reason for _, reason in reasons(office, ("ac.ml", arcadia.master_list((third.csca(),))))] == [
        "no-trust-anchor"
    ]


def test_a_newer_list_takes_the_place_of_the_older_and_never_the_other_way(
    office: Office, utopia: InventedState, arcadia: InventedState
) -> None:
    root, one, renewed = utopia.csca(), arcadia.csca(), arcadia.csca()
    gone = InventedState("GO").csca()
    older = utopia.master_list((one, gone), signed=NOW - timedelta(days=30))
    newer = utopia.master_list((renewed,), signed=NOW - timedelta(days=3))
    office.install(("ut.cer", root), ("old.ml", older))
    proposal = office.install(("new.ml", newer))
    told = {(row.action, row.country, row.kind) for row in proposal.diff.rows}
    assert told == {
        (Action.CHANGED, "AC", ObjectKind.AUTHORITY),
        (Action.REMOVED, "GO", ObjectKind.AUTHORITY),
        (Action.CHANGED, "UT", ObjectKind.MASTER_LIST),
    }
    assert office.anchors() == {root, renewed}
    assert reasons(office, ("old.ml", older)) == [("old.ml", "older-than-held")]
    assert office.anchors() == {root, renewed}


def test_two_lists_of_one_state_at_once_leave_the_newer(office: Office, utopia: InventedState) -> None:
    root, old, new = utopia.csca(), InventedState("AA").csca(), InventedState("BB").csca()
    older = utopia.master_list((old,), signed=NOW - timedelta(days=30))
    newer = utopia.master_list((new,), signed=NOW - timedelta(days=3))
    office.install(("ut.cer", root), ("old.ml", older), ("new.ml", newer))
    assert office.anchors() == {root, new}


def test_a_test_certificate_is_never_installed(office: Office, test_csca: bytes) -> None:
    assert [reason for _, reason in reasons(office, ("csca.cer", test_csca))] == ["test-certificate"]
    assert office.anchors() == set()


def test_a_test_certificate_hidden_in_a_master_list_is_left_out_by_name(
    office: Office, utopia: InventedState, arcadia: InventedState, test_csca: bytes
) -> None:
    root, inside = utopia.csca(), arcadia.csca()
    proposal = office.install(("ut.cer", root), ("ut.ml", utopia.master_list((inside, test_csca))))
    (refused,) = proposal.diff.of(Action.REFUSED)
    assert refused.reason == "test-certificate"
    assert "test" in refused.subject
    assert office.anchors() == {root, inside}


def test_a_test_certificate_among_pem_blocks_is_left_out(
    office: Office, utopia: InventedState, test_csca: bytes
) -> None:
    import ssl

    root = utopia.csca()
    both = (ssl.DER_cert_to_PEM_cert(root) + ssl.DER_cert_to_PEM_cert(test_csca)).encode()
    proposal = office.install(("both.pem", both))
    assert [row.reason for row in proposal.diff.of(Action.REFUSED)] == ["test-certificate"]
    assert office.anchors() == {root}


def test_a_test_signer_is_never_installed(office: Office, utopia: InventedState) -> None:
    issuer = Issuer(secrets.token_bytes)
    signer = issuer.document_signer(NOW.date()).certificate
    assert [reason for _, reason in reasons(office, ("ds.cer", signer))] == ["test-certificate"]


def test_a_certificate_that_did_not_sign_itself_was_damaged(office: Office, utopia: InventedState) -> None:
    csca = utopia.csca()
    damaged = csca[:-1] + bytes([csca[-1] ^ 1])
    assert [reason for _, reason in reasons(office, ("ut.cer", damaged))] == ["self-signature-invalid"]


def test_a_signers_certificate_is_no_authority(office: Office, utopia: InventedState) -> None:
    signer = utopia.signer(ec.generate_private_key(ec.SECP256R1()).public_key())
    assert [reason for _, reason in reasons(office, ("ds.cer", signer))] == ["signer-not-trusted"]
    office.install(("ut.cer", utopia.csca()), ("ds.cer", signer))
    material = office.installation.opened()[1].material
    assert [one.raw for one in material.signers] == [signer]
    assert len(material.anchors) == 1


def test_a_revocation_list_needs_its_authority_and_never_goes_back(
    office: Office, utopia: InventedState, arcadia: InventedState
) -> None:
    old, new = utopia.crl((7,), issued=NOW - timedelta(days=60)), utopia.crl((7, 8), number=2)
    assert [reason for _, reason in reasons(office, ("ut.crl", old))] == ["no-trust-anchor"]
    office.install(("ut.cer", utopia.csca()), ("ut.crl", old))
    proposal = office.install(("new.crl", new))
    assert [row.action for row in proposal.diff.rows] == [Action.CHANGED]
    (held,) = office.installation.opened()[1].material.revocation.lists
    assert [held.content.revoked.revoked_on(serial) is not None for serial in (7, 8, 9)] == [True, True, False]
    assert [reason for _, reason in reasons(office, ("ut.crl", old))] == ["older-than-held"]
    forged = InventedState("UT", key=arcadia.key).crl(())
    assert [reason for _, reason in reasons(office, ("forged.crl", forged))] == ["signer-not-trusted"]


def test_removing_an_authority_takes_what_only_it_vouched_for(office: Office, utopia: InventedState) -> None:
    office.install(("ut.cer", utopia.csca()), ("ut.crl", utopia.crl()))
    ref = next(ref for ref in office.installation.state().objects if ref.kind is ObjectKind.AUTHORITY)
    proposal = office.propose(remove=(ref.sha256,))
    assert {row.kind for row in proposal.diff.of(Action.REMOVED)} == {
        ObjectKind.AUTHORITY,
        ObjectKind.REVOCATION_LIST,
    }


def test_distrust_register_keys_and_a_policy_are_installed_and_read_back(office: Office, utopia: InventedState) -> None:
    csca = utopia.csca()
    distrust = json.dumps({"format": "motcua-distrust-1", "sha256": ["ab" * 32]}).encode()
    keys = json.dumps(
        {
            "format": "motcua-register-keys-1",
            "register": "land",
            "answer_keys": [{"key_id": "k1", "spki": "AAAA"}],
        }
    ).encode()
    policy = Policy.shipped("strict").text.replace('"strict"', '"office"').encode()
    office.install(("ut.cer", csca), ("distrust.json", distrust), ("land.json", keys), ("office.toml", policy))
    store = office.installation.opened()[1]
    assert store.material.distrusted == {"ab" * 32}
    assert store.of_kind("register-keys") == {"land": keys}
    assert store.of_kind("policy") == {"office": policy}


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("distrust.json", b'{"format": "motcua-distrust-1", "sha256": ["zz"]}'),
        ("keys.json", b'{"format": "motcua-register-keys-1", "register": "moon", "answer_keys": []}'),
        (
            "keys.json",
            b'{"format": "motcua-register-keys-1", "register": "land",'
            b' "answer_keys": [{"key_id": "k", "spki": "AAAA"}], "seal_keys": []}',
        ),
        ("policy.toml", b'name = "office"\n[checks]\n'),
        ("root.json", b'{"signed": {"_type": "root"}, "signatures": []}'),
        ("noise.bin", b"\x00\x01\x02"),
        ("empty.cer", b""),
    ],
)
def test_what_is_malformed_is_refused_with_its_name(office: Office, name: str, raw: bytes) -> None:
    assert reasons(office, (name, raw)) == [(name, "malformed")]


def test_the_real_list_comes_in_completely(office: Office, shared: Path) -> None:
    root = (shared / "data" / "de-root-csca07.cer").read_bytes()
    older = (shared / "data" / "de-master-list-2025-03-05.ml").read_bytes()
    newer = (shared / "data" / "de-master-list-2026-05-28.ml").read_bytes()
    offered = offered_files("root.cer", root)[0] + offered_files("new.ml", newer)[0]
    intake = take_in(offered)
    row = next(row for row in intake.accepted if row.kind is ObjectKind.MASTER_LIST)
    assert row.country == "DE"
    assert row.entries + len(intake.refused) == 588
    assert intake.refused == ()
    proposal = office.install(("root.cer", root), ("old.ml", older))
    assert proposal.diff.of(Action.REFUSED) == ()
    renewed = office.install(("new.ml", newer))
    assert len(renewed.diff.of(Action.ADDED)) > 0
    assert len(office.anchors() | {root}) == len({*intake.fingerprints})
