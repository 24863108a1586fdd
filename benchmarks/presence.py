"""Card presence: what a register's challenge and verdict cost, what the card is asked, and evidence by the thousand."""

from __future__ import annotations

import secrets
import statistics
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from auth.presence import (
    Caller,
    ChallengeWish,
    ChipSession,
    DocumentFiles,
    PresenceEvidence,
    PresencePolicy,
    PresenceProver,
    PresenceVerifier,
    RelaySecrets,
    SqliteStore,
    commit,
    judge_evidence,
)
from benchmarks.figure import Figure
from mock_cards.build import CardFactory
from reader.access import Can, open_channel
from reader.files import FileId, read_file
from reader.iso7816 import CountingLink
from reader.trust import TrustMaterial

ROUNDS = 20
BUNDLES = 1000
EVIDENCE_GOAL_S = 60.0
APDUS_GOAL = 3.0
REQUESTS = {"population": b"{}", "land": b"{}"}


@dataclass
class _Run:
    challenge_ms: float
    judge_ms: float
    apdus: int
    bundle: bytes


def figures() -> list[Figure]:
    factory, signer = CardFactory("bench"), SoftwareSigner.generate()
    key = DeviceKey.from_pem(signer.public_pem())
    issuers = {"verifier": {key.key_id: key}}
    trust = TrustMaterial.of(factory.anchors)
    policy = PresencePolicy(open_per_device=10 * ROUNDS, evidence_purposes=frozenset({"signing"}))
    found = []
    for name, signs in (("Chip Authentication", False), ("Active Authentication, 4 signatures", True)):
        relay = RelaySecrets({"s": secrets.token_bytes(32)}, "s")
        store = SqliteStore()
        verifier = PresenceVerifier("verifier", signer, relay, issuers, trust, "list", store, policy)
        runs = [_run(factory, verifier, signer, key, signs) for _ in range(ROUNDS)]
        found += [
            Figure(f"{name}: challenge", statistics.median(run.challenge_ms for run in runs), "ms"),
            Figure(f"{name}: verdict", statistics.median(run.judge_ms for run in runs), "ms"),
            Figure(f"{name}: APDUs", runs[0].apdus, "APDUs", 0.0 if signs else APDUS_GOAL),
            Figure(f"{name}: {BUNDLES} bundles", _thousand(runs, issuers, trust), "s", EVIDENCE_GOAL_S),
        ]
        store.close()
    return found


def _run(factory: CardFactory, verifier: PresenceVerifier, signer: SoftwareSigner, key: DeviceKey, signs: bool) -> _Run:
    built = factory.build("nguyen-van-mau", chip="vietnam-2021")
    built.card.power_on()
    link = CountingLink(built.card)
    channel = open_channel(link, (Can.from_personal_number(built.personal_number),)).link
    files = DocumentFiles(*(read_file(channel, file).data or b"" for file in (FileId.SOD, FileId.DG14, FileId.DG15)))
    caller = Caller("desk", signer.key_id, "clerk", "signing" if signs else "other")
    wish = ChallengeWish(commit(REQUESTS), files, evidence=signs)
    begun = time.perf_counter()
    offer = verifier.challenge(wish, caller)
    offered = time.perf_counter()
    before = link.counters.apdus
    issuers = {"verifier": {key.key_id: key}}
    proof = PresenceProver(ChipSession(link, channel), files, wish.commitment, issuers, "desk").prove(offer)
    apdus, proven = link.counters.apdus - before, time.perf_counter()
    receipt = verifier.judge(proof, REQUESTS["land"], "land", caller)
    judged = time.perf_counter()
    spki = key.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    bundle = PresenceEvidence(proof, receipt, spki, "list").to_bytes()
    return _Run(1000 * (offered - begun), 1000 * (judged - proven), apdus, bundle)


def _thousand(runs: list[_Run], issuers: dict[str, dict[str, DeviceKey]], trust: TrustMaterial) -> float:
    begun = time.perf_counter()
    for number in range(BUNDLES):
        judge_evidence(runs[number % len(runs)].bundle, issuers, trust)
    return time.perf_counter() - begun
