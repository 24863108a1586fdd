"""The verifier's log as an auditor meets it: ``motcua verify`` without a network, ``audit presence-log`` with one."""

from __future__ import annotations

import json
import sqlite3
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.device import SoftwareSigner
from auth.device_opener import SoftwareOpener
from auth.presence import (
    ChallengeWish,
    ChipSession,
    DocumentFiles,
    LogProof,
    PresenceEvidence,
    PresenceProver,
    Subject,
    commit,
)
from auth.presence.wire import ProofForRequest
from auth.registers.presence import PresenceClient, issuers_of
from auth.wire.endpoint import DeviceCredential
from mock_cards.build import CardFactory
from mock_registers.gate import EnrolledDevice
from mock_registers.sandbox import serve_registers
from reader.access import Can, open_channel
from reader.files import FileId, read_file

Ran = Any  # lives in conftest.py, which cannot be imported from here

PURPOSE, CLERK = "citizen-information", "cb-001"
# The number of nguyen-van-mau, whose card is tapped.
REQUEST = (
    b'{"device":"desk-1","lookup_id":"one","purpose":"citizen-information","legal_basis":"a law","clerk":"cb-001",'
    b'"citizen":{"personal_number":"099090000001","full_name":"A","date_of_birth":"1990"},"fields":["residence"]}'
)


@dataclass
class Office:
    """Be an office with a device, settings that name the sandbox's verifier, and cards to tap."""

    run: Callable[..., Ran]
    here: Callable[..., Ran]
    folder: Path
    client: PresenceClient
    device: DeviceCredential
    factory: CardFactory
    issuers: Any

    def tap(self, name: str) -> Path:
        """Have a card prove itself, and file the evidence."""
        built = self.factory.build("nguyen-van-mau", chip="vietnam-2021")
        built.card.power_on()
        channel = open_channel(built.card, (Can.from_personal_number(built.personal_number),)).link
        held = (read_file(channel, file).data or b"" for file in (FileId.SOD, FileId.DG14, FileId.DG15))
        subject = Subject(read_file(channel, FileId.DG1).data or b"", built.personal_number)
        files = DocumentFiles(*held)
        wish = ChallengeWish(commit({"population": REQUEST}), files)
        offer = self.client.challenge(wish, PURPOSE, CLERK)
        prover = PresenceProver(ChipSession(built.card, channel), files, wish.commitment, self.issuers, "desk-1")
        proof = prover.prove(offer)
        receipt = self.client.judge(ProofForRequest(proof, "population", REQUEST, subject), PURPOSE, CLERK)
        spki = self.device.signer.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        path = self.folder / name
        logged = LogProof.read(receipt.log)
        path.write_bytes(PresenceEvidence(proof, receipt.token, spki, "sandbox-1", logged).to_bytes())
        return path

    def verify(self, evidence: Path, *more: str, run: Callable[..., Ran] | None = None) -> Ran:
        """Judge evidence in this process, unless by a ``run`` of one's own."""
        told = ("--trust", str(self.folder / "trust"), "--settings", self.settings, "--lang", "en", *more)
        return (run or self.here)("verify", str(evidence), *told)

    def ask(self, *arguments: str, run: Callable[..., Ran] | None = None) -> Ran:
        """Ask the verifier in this process, unless by a ``run`` of one's own."""
        told = ("--settings", self.settings, "--lang", "en")
        return (run or self.here)("audit", "presence-log", *arguments, *told)

    def rewrite_log(self) -> None:
        """Have the verifier hold other entries than it gave receipts for; its signature is as good as before."""
        with closing(sqlite3.connect(self.folder / "registers.db")) as database, database:
            database.execute("UPDATE presence_nodes SET hash = zeroblob(32)")

    @property
    def settings(self) -> str:
        return str(self.folder / "settings.toml")


@pytest.fixture
def office(run_motcua: Callable[..., Ran], motcua_here: Callable[..., Ran], tmp_path: Path) -> Iterator[Office]:
    factory = CardFactory("presence-log")
    device = DeviceCredential("desk-1", SoftwareSigner.generate(), SoftwareOpener.generate())
    enrolled = EnrolledDevice("desk-1", device.signer.key_id, device.signer.public_key, device.opener.public_key)
    database = f"sqlite:///{tmp_path / 'registers.db'}"
    with serve_registers((enrolled,), card_anchors=factory.anchors, database_url=database) as endpoints:
        endpoint = next(one for one in endpoints if one.register == "presence")
        (tmp_path / "trust").mkdir()
        for number, anchor in enumerate(factory.anchors):
            (tmp_path / "trust" / f"csca-{number}.der").write_bytes(anchor)
        (tmp_path / "device.pem").write_bytes(device.signer.to_encrypted_pem(b"secret"))
        (tmp_path / "opening.pem").write_bytes(device.opener.to_encrypted_pem(b"secret"))
        (tmp_path / "passphrase").write_bytes(b"secret")
        lines = [
            "[device]",
            'id = "desk-1"',
            'key_file = "device.pem"',
            'opening_key_file = "opening.pem"',
            'passphrase_file = "passphrase"',
            "[[registers]]",
            'register = "presence"',
            f'base_url = "{endpoint.base_url}"',
            f"tls_anchors = {json.dumps([ssl.DER_cert_to_PEM_cert(one) for one in endpoint.tls_anchors])}",
        ]
        for name, keys in (("answer_keys", endpoint.answer_keys), ("seal_keys", endpoint.seal_keys)):
            written = (f'{{key_id = "{key.key_id}", spki = "{b64encode(key.spki).decode()}"}}' for key in keys)
            lines.append(f"{name} = [{', '.join(written)}]")
        (tmp_path / "settings.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        client = PresenceClient(endpoint, device)
        yield Office(run_motcua, motcua_here, tmp_path, client, device, factory, issuers_of(endpoint))
        client.close()


def test_motcua_verify_checks_the_proof_of_the_log_without_a_network(office: Office) -> None:
    evidence = office.tap("one.json")
    ran = office.verify(evidence, run=office.run)
    assert "level 4 of 4" in ran.out
    assert "The challenge is entry 1, the receipt entry 2 of the verifier’s log" in ran.out
    said = json.loads(office.verify(evidence, "--json").out)
    assert (said["log"]["checkpoint"]["size"], said["log"]["later"]) == (2, None)
    whole = json.loads(evidence.read_bytes())
    for change, code, words in (
        ({"log": None}, 10, "proof that the receipt is in the verifier’s log is missing"),
        ({"log": whole["log"] | {"receipt": []}}, 20, "not in the verifier’s log as is claimed"),
        ({"log": whole["log"] | {"checkpoint": "no note"}}, 20, "no known verifier signed the checkpoint"),
    ):
        raw = json.dumps(whole | change, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        evidence.write_text(raw, encoding="utf-8")
        ran = office.verify(evidence)
        assert (ran.code, words in " ".join(ran.out.split())) == (code, True), ran.out


def test_the_verifier_shows_how_its_log_went_on_and_that_is_checked_again_later(office: Office) -> None:
    one, other = office.tap("one.json"), office.tap("other.json")
    kept = office.folder / "growth.json"
    for given in ((str(one), str(other)), (str(other), str(one)), (str(one),)):
        # As a user runs it, once; what follows would be shown no better by a process of its own.
        ran = office.ask(*given, "--out", str(kept), run=None if kept.exists() else office.run)
        assert ran.code == 0, ran.err
        assert "The log of 4 entries" in ran.out
    ran = office.verify(one, "--log-growth", str(kept))
    assert "The log of 4 entries" in ran.out
    assert json.loads(office.verify(other, "--log-growth", str(kept), "--json").out)["log"]["later"]["size"] == 4
    third = office.tap("third.json")
    ran = office.verify(third, "--log-growth", str(kept))
    assert (ran.code, "neither begins nor ends" in " ".join(ran.out.split())) == (20, True)


def test_a_log_that_was_begun_anew_does_not_continue_the_old_one(office: Office) -> None:
    one = office.tap("one.json")
    office.ask(str(one), "--out", str(office.folder / "growth.json"))
    growth = json.loads((office.folder / "growth.json").read_bytes())
    raw = json.dumps(growth | {"log": "A" * 22}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    (office.folder / "growth.json").write_text(raw, encoding="utf-8")
    ran = office.verify(one, "--log-growth", str(office.folder / "growth.json"))
    assert (ran.code, "of another log" in ran.out) == (20, True)


def test_the_word_of_a_verifier_that_has_rewritten_its_log_is_kept_as_the_proof_of_that(office: Office) -> None:
    one, _ = office.tap("one.json"), office.tap("other.json")
    office.rewrite_log()
    kept = office.folder / "growth.json"
    ran = office.ask(str(one), "--out", str(kept))
    assert (ran.code, ran.out) == (20, ""), ran.err
    assert f"Written: {kept}" in ran.err
    ran = office.verify(one, "--log-growth", str(kept))
    assert (ran.code, "it was rewritten" in " ".join(ran.out.split())) == (20, True), ran.out


def test_what_cannot_be_asked_says_why(office: Office) -> None:
    one = office.tap("one.json")
    assert office.ask(str(office.folder / "nothing.json")).code == 2
    assert office.verify(one, "--log-growth", str(one)).code == 2
    whole = json.loads(one.read_bytes())
    del whole["log"]
    one.write_text(json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")
    ran = office.ask(str(one))
    assert (ran.code, "is missing" in ran.err) == (20, True)
