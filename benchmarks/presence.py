"""Card presence: what challenge, tap and verdict cost, what card and network are asked, evidence by the thousand."""

from __future__ import annotations

import secrets
import statistics
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from auth.device_opener import SoftwareOpener
from auth.presence import (
    Caller,
    ChallengeOffer,
    ChallengeWish,
    ChipSession,
    DocumentFiles,
    PresenceEvidence,
    PresencePolicy,
    PresenceProver,
    PresenceRefused,
    PresenceVerifier,
    Reason,
    RelaySecrets,
    SqliteStore,
    Subject,
    commit,
    judge_evidence,
)
from auth.wire.endpoint import DeviceCredential
from benchmarks.figure import Figure
from benchmarks.inspection_request import request_for
from desk.presence_step import CardPresence
from mock_cards.build import CardFactory
from reader.access import Can, open_channel
from reader.files import FileId, read_file
from reader.inspection import Inspection, inspect
from reader.inspection.open_chip import OpenChip
from reader.iso7816 import CountingLink
from reader.trust import TrustMaterial

ROUNDS = 20
BUNDLES = 1000
EVIDENCE_GOAL_S = 60.0
APDUS_GOAL = 3.0
ROUND_TRIPS_GOAL = 1.0
REQUESTS = {"population": b"{}", "land": b"{}"}


class _Ticking:
    """Be a clock that goes on by seconds whenever it is read, so that no tap finds its document judged for another."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def __call__(self) -> datetime:
        """Return the moment, later than the last one."""
        self._now += timedelta(seconds=1)
        return self._now


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
        verifier = PresenceVerifier("verifier", signer, relay, issuers, trust, "list", store, policy, clock=_Ticking())
        runs = [_run(factory, verifier, signer, key, signs) for _ in range(ROUNDS)]
        found += [
            Figure(f"{name}: challenge", statistics.median(run.challenge_ms for run in runs), "ms"),
            Figure(f"{name}: verdict", statistics.median(run.judge_ms for run in runs), "ms"),
            Figure(f"{name}: APDUs", runs[0].apdus, "APDUs", 0.0 if signs else APDUS_GOAL),
            Figure(f"{name}: {BUNDLES} bundles", _thousand(runs, issuers, trust), "s", EVIDENCE_GOAL_S),
        ]
        found += _taps(factory, verifier, signer, issuers, trust) if not signs else []
        store.close()
    return found


@dataclass
class _Counting:
    """Be the desk's way to the verifier, in this process, and count the questions."""

    verifier: PresenceVerifier
    caller: Caller
    asked: int = 0

    def challenge(self, wish: ChallengeWish, purpose: str, clerk: str) -> ChallengeOffer:
        self.asked += 1
        return self.verifier.challenge(wish, self.caller)

    def booklet(self, count: int, clerk: str) -> tuple[str, ...]:
        raise PresenceRefused(Reason.NO_BOOKLETS)

    def close(self) -> None:
        """Have nothing to close."""


def _taps(
    factory: CardFactory,
    verifier: PresenceVerifier,
    signer: SoftwareSigner,
    issuers: dict[str, dict[str, DeviceKey]],
    trust: TrustMaterial,
) -> list[Figure]:
    """Tap cards as a visit does, after an inspection with Chip Authentication of its own."""
    way = _Counting(verifier, Caller("desk", signer.key_id, "clerk", "other"))
    device = DeviceCredential("desk", signer, SoftwareOpener.generate())
    step = CardPresence(way, issuers, device, dict)
    cpu, apdus = [], 0
    for _ in range(ROUNDS):
        built = factory.build("nguyen-van-mau", chip="vietnam-2021")
        built.card.power_on()
        link = CountingLink(built.card)

        def afterwards(inspection: Inspection, chip: OpenChip, link: CountingLink = link) -> None:
            nonlocal apdus
            before, begun = link.counters.apdus, time.process_time()
            tap = step.tap(inspection, chip, REQUESTS, "other", "clerk", threading.Event())
            cpu.append(1000 * (time.process_time() - begun))
            apdus = link.counters.apdus - before
            if not tap.proven:
                raise RuntimeError(f"the card did not prove itself: {tap.state}")

        inspect(link, request_for(built, trust), reset=built.card.power_on, afterwards=afterwards)
    return [
        Figure("a visit's tap: round trips", way.asked / ROUNDS, "round trips", ROUND_TRIPS_GOAL),
        Figure("a visit's tap: APDUs", apdus, "APDUs", APDUS_GOAL),
        Figure("a visit's tap: CPU of desk, emulated chip and verifier", statistics.median(cpu), "ms"),
    ]


def _run(factory: CardFactory, verifier: PresenceVerifier, signer: SoftwareSigner, key: DeviceKey, signs: bool) -> _Run:
    built = factory.build("nguyen-van-mau", chip="vietnam-2021")
    built.card.power_on()
    link = CountingLink(built.card)
    channel = open_channel(link, (Can.from_personal_number(built.personal_number),)).link
    files = DocumentFiles(*(read_file(channel, file).data or b"" for file in (FileId.SOD, FileId.DG14, FileId.DG15)))
    caller = Caller("desk", signer.key_id, "clerk", "signing" if signs else "other")
    wish = ChallengeWish(commit(REQUESTS), files, evidence=signs)
    subject = Subject(read_file(channel, FileId.DG1).data or b"", built.personal_number)
    begun = time.perf_counter()
    offer = verifier.challenge(wish, caller)
    offered = time.perf_counter()
    before = link.counters.apdus
    issuers = {"verifier": {key.key_id: key}}
    proof = PresenceProver(ChipSession(link, channel), files, wish.commitment, issuers, "desk").prove(offer)
    apdus, proven = link.counters.apdus - before, time.perf_counter()
    receipt = verifier.judge(proof, REQUESTS["land"], "land", caller, subject)
    judged = time.perf_counter()
    spki = key.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    bundle = PresenceEvidence(proof, receipt.token, spki, "list", receipt.log).to_bytes()
    return _Run(1000 * (offered - begun), 1000 * (judged - proven), apdus, bundle)


def _thousand(runs: list[_Run], issuers: dict[str, dict[str, DeviceKey]], trust: TrustMaterial) -> float:
    begun = time.perf_counter()
    for number in range(BUNDLES):
        judge_evidence(runs[number % len(runs)].bundle, issuers, trust)
    return time.perf_counter() - begun
