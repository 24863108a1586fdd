"""``motcua verify`` on evidence of a card's presence: with the verifier's key and the issuer's, and nothing more."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from auth.presence import (
    BookletVerifier,
    Caller,
    ChallengeWish,
    ChipSession,
    DocumentFiles,
    PresenceEvidence,
    PresenceProver,
    PresenceVerifier,
    Proof,
    RelaySecrets,
    SqlitePages,
    SqliteStore,
    Subject,
    commit,
)
from mock_cards.build import CardFactory
from reader.access import Can, open_channel
from reader.files import FileId, read_file
from reader.trust import TrustMaterial

Ran = Any  # lives in conftest.py, which cannot be imported from here

REQUESTS = {"population": b'{"lookup":"one"}'}


@dataclass
class Auditor:
    """Hold what an auditor was given: a bundle, the verifier's public key, the issuer's certificates."""

    run: Callable[..., Ran]
    here: Callable[..., Ran]
    folder: Path
    proof: Proof
    verifier: PresenceVerifier
    now: list[datetime]

    def verify(self, *more: str, bundle: str = "bundle.json", key: bool = True, alone: bool = False) -> Ran:
        """Run the command in this process, or ``alone`` in one of its own, which would show most no better."""
        given = ["--verifier-key", str(self.folder / "verifier.pem")] if key else []
        file, trust = str(self.folder / bundle), str(self.folder / "trust")
        run = self.run if alone else self.here
        return run("verify", file, "--trust", trust, "--lang", "en", *given, *more)


@pytest.fixture
def auditor(run_motcua: Callable[..., Ran], motcua_here: Callable[..., Ran], tmp_path: Path) -> Callable[..., Auditor]:
    """Return a function that proves presence, online or with a page, and files the evidence.

    Whose card it is goes with the proof, unless it is not ``shown``.
    """

    def filed(*, offline: bool = False, shown: bool = True) -> Auditor:
        factory, signer, device = CardFactory("audit"), SoftwareSigner.generate(), SoftwareSigner.generate()
        key = DeviceKey.from_pem(signer.public_pem())
        issuers = {"presence": {key.key_id: key}}
        now = [datetime.now(UTC)]
        lists = (factory.revocation_list(now[0]),)
        trust, store = TrustMaterial.of(factory.anchors, lists), SqliteStore()
        relay = RelaySecrets({"s": secrets.token_bytes(32)}, "s")
        verifier = PresenceVerifier("presence", signer, relay, issuers, trust, "list", store, clock=lambda: now[0])
        booklets = BookletVerifier("presence", signer, issuers, trust, "list", SqlitePages(store), clock=lambda: now[0])
        built = factory.build("nguyen-van-mau", chip="vietnam-2021")
        built.card.power_on()
        channel = open_channel(built.card, (Can.from_personal_number(built.personal_number),)).link
        held = [read_file(channel, file).data or b"" for file in (FileId.SOD, FileId.DG14, FileId.DG15)]
        subject = Subject(read_file(channel, FileId.DG1).data or b"", built.personal_number)
        files, caller = DocumentFiles(*held), Caller("desk-1", device.key_id, "clerk-1", "citizen-information")
        commitment = commit(REQUESTS)
        prover = PresenceProver(ChipSession(built.card, channel), files, commitment, issuers, "desk-1")
        if offline:
            (page,) = booklets.issue(caller, 1)
            proof = prover.prove_with(page, 41)
        else:
            proof = prover.prove(verifier.challenge(ChallengeWish(commitment, files), caller))
        judge = booklets if offline else verifier
        receipt = judge.judge(proof, REQUESTS["population"], "population", caller, subject if shown else None)
        spki = device.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        evidence = PresenceEvidence(proof, receipt.token, spki, "list", receipt.log)
        (tmp_path / "bundle.json").write_bytes(evidence.to_bytes())
        (tmp_path / "verifier.pem").write_bytes(signer.public_pem())
        (tmp_path / "trust").mkdir()
        for number, anchor in enumerate(factory.anchors):
            (tmp_path / "trust" / f"csca-{number}.der").write_bytes(anchor)
        (tmp_path / "trust" / "list.crl").write_bytes(lists[0])
        return Auditor(run_motcua, motcua_here, tmp_path, proof, verifier, now)

    return filed


def test_evidence_of_chip_authentication_rests_on_the_verifiers_receipt(auditor: Callable[..., Auditor]) -> None:
    ran = auditor().verify(alone=True)
    assert (ran.code, ran.err) == (0, "")
    assert "level 4 of 4" in ran.out
    assert "rests on the verifier’s receipt" in ran.out
    assert "desk-1" in ran.out


def test_a_revealed_key_lets_anybody_compute_the_chips_answer(auditor: Callable[..., Auditor]) -> None:
    filed = auditor()
    filed.now[0] += timedelta(seconds=71)
    revealed = f"{filed.verifier.reveal(filed.proof):x}"
    ran = filed.verify("--revealed", revealed)
    assert ran.code == 0
    assert "computed anew with the key" in ran.out
    assert filed.verify("--revealed", f"{int(revealed, 16) + 1:x}").code == 20
    assert filed.verify("--revealed", "no number").code == 2


def test_evidence_of_a_page_rests_on_the_chip_and_says_what_that_leaves_open(auditor: Callable[..., Auditor]) -> None:
    ran = auditor(offline=True).verify()
    assert ran.code == 10, "something has to be said with it"
    assert "level 3 of 4" in ran.out
    assert "may have signed earlier" in ran.out
    assert "which anybody can check again" in ran.out


def test_where_nobody_looked_whose_card_it_was_that_is_said_in_both_languages(auditor: Callable[..., Auditor]) -> None:
    audit = auditor(shown=False)
    ran = audit.verify()
    assert ran.code == 10
    assert "level 2 of 4" in ran.out
    assert "the card was not held against the person asked about" in ran.out
    assert "không đối chiếu thẻ với người được hỏi" in audit.verify("--lang", "vi").out


def test_as_json_it_holds_the_receipt(auditor: Callable[..., Auditor]) -> None:
    said = json.loads(auditor().verify("--json").out)
    assert (said["format"], said["decision"], said["level"], said["basis"]) == (
        "cpp-evidence/1",
        "proceed",
        4,
        "register-receipt",
    )
    assert said["receipt"]["audience"] == "population"


def test_whoever_does_not_know_the_verifier_believes_nothing(auditor: Callable[..., Auditor]) -> None:
    ran = auditor().verify(key=False, alone=True)
    assert ran.code == 20
    assert "no known verifier" in ran.out


@pytest.mark.parametrize("at", [0, 200, 2000, -2])
def test_a_changed_bit_is_never_passed_over(auditor: Callable[..., Auditor], at: int) -> None:
    filed = auditor()
    raw = bytearray((filed.folder / "bundle.json").read_bytes())
    raw[at] ^= 1
    (filed.folder / "bundle.json").write_bytes(raw)
    assert filed.verify().code in (4, 20)
