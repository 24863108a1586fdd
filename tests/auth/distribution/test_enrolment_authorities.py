"""The authorities of enrolment offices in the trust store: two people's word, published like the rest."""

from __future__ import annotations

import base64
import json
import secrets
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auth.distribution.diff import Action
from auth.distribution.enrolment_authorities import authorities_in, parse_enrolment_authorities, still_vouching
from auth.distribution.errors import ChangeUnsigned
from auth.distribution.fetchers import FolderFetcher
from auth.distribution.kinds import ObjectKind
from auth.distribution.offered import offered_files
from auth.distribution.operators import OperatorKey
from auth.distribution.refusal import NotTaken
from auth.distribution.update import update
from desk.cli.verify_slip import authorities_of
from desk.enrolment import enrolment_endpoint
from desk.settings import Settings
from desk.trusting import desk_trust
from mock_cards.issuing.issuer import Issuer
from mock_registers.authority import TestAuthority
from reader.errors import DataError

from .conftest import InventedState, Office
from .served import Repository


def written(*certificates: bytes, office: str = "so-mau", **changes: object) -> bytes:
    told = {
        "format": "motcua-enrolment-authorities-1",
        "office": office,
        "certificates": [base64.b64encode(one).decode() for one in certificates],
    }
    return json.dumps({**told, **changes}).encode()


def settings_of(office: Office, **more: object) -> Settings:
    return Settings.model_validate({"trust_store": office.installation.folder.path, **more}, strict=False)


@pytest.fixture(scope="module")
def authority() -> bytes:
    return InventedState("XA", "Sở Mẫu CA").csca()


@pytest.fixture(scope="module")
def other() -> bytes:
    return InventedState("XB", "Sở Khác CA").csca()


def test_a_file_names_an_office_and_its_authorities(authority: bytes, other: bytes) -> None:
    read = parse_enrolment_authorities(written(authority, other))
    assert (read.office, [one.raw for one in read.authorities]) == ("so-mau", [authority, other])
    (offered,), refused = offered_files("office.json", written(authority))
    assert (offered.kind, refused) == (ObjectKind.ENROLMENT_AUTHORITIES, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"office": "Moon/1"},
        {"office": 7},
        {"certificates": []},
        {"certificates": "MFkw"},
        {"certificates": ["MFkw"]},
        {"certificates": ["*"]},
        {"certificates": [None]},
        {"format": "motcua-register-keys-1"},
        {"more": 1},
    ],
    ids=["name", "number", "none", "text", "no-certificate", "no-base64", "null", "format", "more"],
)
def test_what_is_not_whole_is_refused(authority: bytes, changes: dict[str, object]) -> None:
    with pytest.raises(DataError):
        parse_enrolment_authorities(written(authority, **changes))


def test_more_than_a_file_may_hold_are_refused(authority: bytes) -> None:
    with pytest.raises(DataError):
        parse_enrolment_authorities(written(*([authority] * 21)))


def test_what_may_certify_nobody_is_no_authority(utopia: InventedState) -> None:
    with pytest.raises(DataError, match="certify"):
        parse_enrolment_authorities(written(utopia.signer(utopia.key.public_key())))


@pytest.mark.parametrize(
    "anchor",
    [lambda: TestAuthority("office").anchor, lambda: Issuer(secrets.token_bytes).country.certificate],
    ids=["register", "card"],
)
def test_a_test_authority_never_becomes_a_real_one(
    office: Office, authority: bytes, anchor: Callable[[], bytes]
) -> None:
    with pytest.raises(NotTaken, match="test-certificate"):
        parse_enrolment_authorities(written(anchor()))
    proposal = office.install(
        ("office.json", written(authority)), ("test.json", written(authority, anchor(), office="x"))
    )
    assert [row.reason for row in proposal.diff.of(Action.REFUSED)] == ["test-certificate"]
    assert desk_trust(settings_of(office)).device_authorities() == (authority,)


def test_two_operators_install_them_and_one_does_not(office: Office, authority: bytes) -> None:
    proposal = office.propose(("office.json", written(authority)))
    assert [(row.action, row.kind, row.subject) for row in proposal.diff.rows] == [
        (Action.ADDED, ObjectKind.ENROLMENT_AUTHORITIES, "so-mau")
    ]
    with pytest.raises(ChangeUnsigned):
        office.installation.apply(office.signed(proposal.change, "an"))
    assert authorities_of(settings_of(office), ()) == ()
    office.installation.apply(office.signed(proposal.change))
    assert authorities_of(settings_of(office), ()) == (authority,)
    assert office.anchors() == set(), "they vouch for no card"


def test_a_newer_file_takes_the_place_of_the_offices_older_one(office: Office, authority: bytes, other: bytes) -> None:
    office.install(("old.json", written(authority)), ("another.json", written(other, office="so-khac")))
    proposal = office.install(("new.json", written(other)))
    assert [(row.action, row.subject) for row in proposal.diff.rows] == [(Action.CHANGED, "so-mau")]
    assert desk_trust(settings_of(office)).device_authorities() == (other,), "the same one, of two offices, counts once"


def test_what_is_distrusted_vouches_for_no_device_any_more(office: Office, authority: bytes, other: bytes) -> None:
    key = parse_enrolment_authorities(written(other)).authorities[0].key_fingerprint
    (first,) = parse_enrolment_authorities(written(authority)).authorities
    for fingerprint, left in (
        (key, (authority,)),
        (first.fingerprint, (other,)),
    ):
        held = authorities_in({"so-mau": written(authority, other)})
        assert still_vouching(held, frozenset({fingerprint})) == left
    distrust = json.dumps({"format": "motcua-distrust-1", "sha256": [key]}).encode()
    office.install(("office.json", written(authority, other)), ("no.json", distrust))
    assert desk_trust(settings_of(office)).device_authorities() == (authority,)


def test_they_are_published_through_a_repository(office: Office, authority: bytes, tmp_path: Path) -> None:
    people = {name: OperatorKey.generate() for name in ("pa", "pb")}
    repository = Repository(tmp_path / "published", people, OperatorKey.generate())
    office.install(("root.json", repository.create({"office.json": written(authority)})))
    update(office.installation, FolderFetcher(repository.path), datetime.now(UTC))
    assert authorities_of(settings_of(office), ()) == (authority,)
    repository.publish({"empty.json": written(authority, office="so-khac")})
    update(office.installation, FolderFetcher(repository.path), datetime.now(UTC))
    assert set(desk_trust(settings_of(office)).enrolment_authorities) == {"so-khac"}


def test_a_desk_knows_them_beside_those_of_its_settings(office: Office, authority: bytes, other: bytes) -> None:
    enrolment = {
        "base_url": "https://127.0.0.1:9",
        "certificate_anchors": [ssl.DER_cert_to_PEM_cert(other)],
        "tls_anchors": [ssl.DER_cert_to_PEM_cert(other)],
        "answer_keys": [{"key_id": "k", "spki": "AAAA"}],
    }
    office.install(("office.json", written(authority)))
    settings = settings_of(office, enrolment=enrolment)
    assert enrolment_endpoint(settings).certificate_anchors == (other, authority)
    assert authorities_of(settings, ()) == (other, authority)


def test_what_is_distrusted_vouches_for_no_device_though_settings_or_a_command_name_it(
    office: Office, authority: bytes, other: bytes, tmp_path: Path
) -> None:
    anchors = [ssl.DER_cert_to_PEM_cert(one) for one in (authority, other)]
    enrolment = {
        "base_url": "https://127.0.0.1:9",
        "certificate_anchors": anchors,
        "tls_anchors": anchors[:1],
        "answer_keys": [{"key_id": "k", "spki": "AAAA"}],
    }
    (given := tmp_path / "given.pem").write_text(anchors[1], encoding="ascii")
    (distrusted,) = parse_enrolment_authorities(written(other)).authorities
    settings = settings_of(office, enrolment=enrolment)
    assert authorities_of(settings, (given,)) == enrolment_endpoint(settings).certificate_anchors == (authority, other)
    distrust = json.dumps({"format": "motcua-distrust-1", "sha256": [distrusted.key_fingerprint]}).encode()
    office.install(("no.json", distrust))
    assert authorities_of(settings, (given,)) == (authority,)
    assert enrolment_endpoint(settings).certificate_anchors == (authority,)
