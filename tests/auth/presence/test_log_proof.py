"""Evidence and the verifier's log: without a proof, with a wrong one, of another log, against a later checkpoint."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from auth.device import SoftwareSigner
from auth.device_key import DeviceKey
from auth.presence import (
    EvidenceVerdict,
    GivenReceipt,
    LogGrowth,
    LogProof,
    PresenceEvidence,
    PresenceLevel,
    PresencePolicy,
    PresenceRefused,
    Proof,
    Reason,
    Receipt,
    ReceiptClaims,
    hold_log,
    judge_evidence,
    judge_growth,
    logged_under,
)
from auth.presence.claims import RECEIPT_KIND
from auth.presence.encoding import to_text
from auth.presence.log import Grown, LogState, entry_of
from auth.presence.log_proof import MAX_LOG_PROOF, judge_log_proof, sign_head
from auth.presence.tokens import sign_token
from auth.presence.wire import read_receipt, write_receipt
from reader.errors import DataError

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class Tapped:
    """Hold one tap and a receipt for it, and how to make evidence of them."""

    desk: Desk
    register: Register
    proof: Proof
    receipt: Receipt

    @property
    def log(self) -> LogProof:
        assert self.receipt.log is not None
        return self.receipt.log

    @property
    def claims(self) -> ReceiptClaims:
        claims = self.register.receipt(self.receipt.token)
        assert isinstance(claims, ReceiptClaims)
        return claims

    def raw(self, log: LogProof | None, receipt: str = "") -> bytes:
        spki = self.desk.signer.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return PresenceEvidence(self.proof, receipt or self.receipt.token, spki, "list-7", log).to_bytes()

    def judged(self, log: LogProof | None, receipt: str = "", growth: LogGrowth | None = None) -> EvidenceVerdict:
        raw, it = self.raw(log, receipt), self.register
        return judge_evidence(raw, it.issuers, it.trust, growth=growth)

    def refused(self, log: LogProof | None, receipt: str = "", growth: LogGrowth | None = None) -> Reason:
        with pytest.raises(PresenceRefused) as refused:
            self.judged(log, receipt, growth)
        return refused.value.reason

    def resigned(self, **changes: Any) -> str:
        """Return the receipt as a verifier that lies would have signed it."""
        return sign_token(RECEIPT_KIND, self.claims.model_copy(update=changes), self.register.signer)


@pytest.fixture
def tapped(desk_with: Callable[..., Desk], register: Register) -> Callable[[], Tapped]:
    """Return a function that taps a card at a verifier whose log has some entries already."""

    def tap() -> Tapped:
        register.policy = PresencePolicy(open_per_device=99)
        desk = desk_with("vietnam-2021", local=False)
        for _ in range(6):
            desk.offer(register)
        proof = desk.prove(register)
        receipt = register.verifier.judge(proof, desk.requests["land"], "land", desk.caller, desk.subject)
        return Tapped(desk, register, proof, receipt)

    return tap


def flipped(text: str) -> str:
    return ("B" if text[0] == "A" else "A") + text[1:]


def test_evidence_says_under_which_checkpoint_it_was_logged(tapped: Callable[[], Tapped]) -> None:
    tap = tapped()
    verdict = tap.judged(tap.log)
    assert (verdict.level, verdict.reasons) == (PresenceLevel.BOUND_TO_REQUEST, ())
    assert verdict.log is not None
    checkpoint, tree = verdict.log.checkpoint, tap.claims.tree
    assert tree is not None
    assert (checkpoint.origin, checkpoint.size) == (f"cpp-log/verifier/{tree.log}", 8)
    assert (checkpoint.at, verdict.log.later) == (tap.register.now, None)
    assert logged_under(tap.raw(tap.log), tap.register.issuers) == (tap.claims, checkpoint)


def test_evidence_without_the_proof_is_worth_the_same_and_says_so(tapped: Callable[[], Tapped]) -> None:
    tap = tapped()
    verdict = tap.judged(None)
    assert (verdict.level, verdict.reasons) == (PresenceLevel.BOUND_TO_REQUEST, (Reason.LOG_PROOF_MISSING,))
    assert verdict.log is None
    with pytest.raises(PresenceRefused) as refused:
        logged_under(tap.raw(None), tap.register.issuers)
    assert refused.value.reason is Reason.LOG_PROOF_MISSING


def test_evidence_from_before_stays_evidence_and_says_what_it_lacks(tapped: Callable[[], Tapped]) -> None:
    tap = tapped()
    receipt = tap.resigned(tree=None)
    verdict = tap.judged(None, receipt)
    assert (verdict.level, verdict.reasons) == (PresenceLevel.BOUND_TO_REQUEST, (Reason.LOG_NOT_PROVEN,))
    assert "log" not in json.loads(tap.raw(None, receipt)), "the file is the one that former versions wrote"
    assert tap.refused(tap.log, receipt) is Reason.LOG_PROOF_WRONG


@pytest.mark.parametrize("path", ["challenge", "receipt"])
def test_a_path_that_leads_elsewhere_is_refused(tapped: Callable[[], Tapped], path: str) -> None:
    tap = tapped()
    hashes = getattr(tap.log, path)
    assert len(hashes) >= 2
    for wrong in (
        (flipped(hashes[0]), *hashes[1:]),
        (*hashes[:-1], flipped(hashes[-1])),
        hashes[:-1],
        (*hashes, hashes[0]),
        tuple(reversed(hashes)),
        (),
    ):
        assert tap.refused(tap.log.model_copy(update={path: wrong})) is Reason.LOG_PROOF_WRONG


def test_a_hash_with_stray_last_bits_is_none(tapped: Callable[[], Tapped]) -> None:
    tap = tapped()
    first, *rest = tap.log.receipt
    stray = first[:-1] + chr(ord(first[-1]) + 1)
    assert tap.refused(tap.log.model_copy(update={"receipt": (stray, *rest)})) is Reason.LOG_PROOF_WRONG


@pytest.mark.parametrize("leaf", [None, 1, 4, 6])
def test_a_challenge_that_stands_elsewhere_in_the_log_was_not_logged(tapped: Callable[[], Tapped], leaf: int) -> None:
    tap = tapped()
    assert tap.refused(tap.log, tap.resigned(leaf=leaf)) is Reason.LOG_PROOF_WRONG


def test_a_challenge_that_was_never_logged_can_only_have_been_refused(tapped: Callable[[], Tapped]) -> None:
    tap = tapped()
    bare = tap.log.model_copy(update={"challenge": ()})
    assert tap.refused(bare, tap.resigned(leaf=None)) is Reason.LOG_PROOF_WRONG
    proof = dataclasses.replace(tap.proof, token="e30.e30.e30")
    receipt = tap.register.verifier.judge(proof, b"{}", "land", tap.desk.caller, tap.desk.subject)
    judged = proof.token, receipt.token, receipt.claims
    assert judge_log_proof(*judged, receipt.log, tap.register.issuers)[1] == ()
    with pytest.raises(PresenceRefused) as refused:
        judge_log_proof(*judged, receipt.log.model_copy(update={"challenge": tap.log.challenge}), tap.register.issuers)
    assert refused.value.reason is Reason.LOG_PROOF_WRONG


def test_a_verifier_that_nobody_knows_has_no_log(tapped: Callable[[], Tapped]) -> None:
    tap = tapped()
    growth = tap.register.verifier.growth(8)
    with pytest.raises(PresenceRefused) as refused:
        judge_log_proof(tap.proof.token, tap.receipt.token, tap.claims, tap.log, {})
    assert refused.value.reason is Reason.CHECKPOINT_INVALID
    with pytest.raises(PresenceRefused) as refused:
        judge_growth(growth, logged_under(tap.raw(tap.log), tap.register.issuers)[1], {})
    assert refused.value.reason is Reason.CHECKPOINT_INVALID


def test_the_proof_of_another_receipt_is_none_of_this_one(tapped: Callable[[], Tapped]) -> None:
    tap = tapped()
    other = tap.register.verifier.judge(
        tap.proof, tap.desk.requests["population"], "population", tap.desk.caller, tap.desk.subject
    )
    assert tap.refused(other.log) is Reason.LOG_PROOF_WRONG


def head_of(tap: Tapped, signer: SoftwareSigner | None = None, **changes: Any) -> LogProof:
    """Return the same proof under a checkpoint that says something else, or that somebody else has signed."""
    tree, growth = tap.claims.tree, tap.register.store.grown(0, None)
    assert tree is not None
    said = {"issuer": "verifier", "log": tree.log, "size": growth.size, "root": growth.root, "at": tap.register.now}
    note = sign_head(**said | changes, signer=signer or tap.register.signer)
    return tap.log.model_copy(update={"checkpoint": note.to_text()})


def test_a_checkpoint_is_of_this_log_and_signed_by_this_verifier(tapped: Callable[[], Tapped]) -> None:
    tap = tapped()
    assert tap.judged(head_of(tap)).log is not None
    assert tap.refused(head_of(tap, log="A" * 22)) is Reason.LOG_DIFFERS
    assert tap.refused(head_of(tap, issuer="peer")) is Reason.LOG_DIFFERS
    assert tap.refused(head_of(tap, SoftwareSigner.generate())) is Reason.CHECKPOINT_INVALID
    for wrong in ("", "no note", tap.log.checkpoint.replace("\n8\n", "\n9\n"), tap.log.checkpoint + "\n"):
        assert tap.refused(tap.log.model_copy(update={"checkpoint": wrong})) is Reason.CHECKPOINT_INVALID


def test_a_peers_key_signs_no_checkpoint_in_our_name(tapped: Callable[[], Tapped]) -> None:
    tap, peer = tapped(), SoftwareSigner.generate()
    known = tap.register.issuers | {"peer": {peer.key_id: DeviceKey.from_pem(peer.public_pem())}}
    with pytest.raises(PresenceRefused) as refused:
        judge_evidence(tap.raw(head_of(tap, peer)), known, tap.register.trust)
    assert refused.value.reason is Reason.CHECKPOINT_INVALID


def test_a_checkpoint_over_other_leaves_is_refused(tapped: Callable[[], Tapped]) -> None:
    tap = tapped()
    assert tap.refused(head_of(tap, root=bytes(32))) is Reason.LOG_PROOF_WRONG
    assert tap.refused(head_of(tap, size=9)) is Reason.LOG_INCONSISTENT


def state_of(name: str, entries: list[bytes]) -> LogState:
    state = LogState(name, 0, ())
    for entry in entries:
        state, _ = state.append(entry)
    return state


def test_a_verifier_that_keeps_two_logs_contradicts_itself(tapped: Callable[[], Tapped]) -> None:
    """The receipt names a log that holds the challenge, and is appended to another of the same name and length."""
    tap = tapped()
    tree = tap.claims.tree
    assert tree is not None
    before = state_of(tree.log, [b"one"] * 4)
    shown, _ = before.append(entry_of(tap.proof.token))
    kept = state_of(tree.log, [b"other"] * 5)
    lie = tap.resigned(leaf=5, tree=tree.model_copy(update={"size": 5, "root": to_text(shown.root)}))
    grown, _ = kept.append(entry_of(lie))
    note = sign_head("verifier", tree.log, grown.size, grown.root, tap.register.now, tap.register.signer)
    assert tap.refused(LogProof.of(note, before.path, kept.path), lie) is Reason.LOG_INCONSISTENT
    grown, _ = shown.append(entry_of(lie))
    note = sign_head("verifier", tree.log, grown.size, grown.root, tap.register.now, tap.register.signer)
    assert tap.judged(LogProof.of(note, before.path, shown.path), lie).log is not None, "with one log it holds"


class TestGrowth:
    """What the log was later, by the verifier's signed word."""

    def test_a_later_log_that_continues_it_is_said_with_it(self, tapped: Callable[[], Tapped]) -> None:
        tap = tapped()
        tap.desk.offer(tap.register)
        tap.register.wait(3600)
        growth = tap.register.verifier.growth(8)
        verdict = tap.judged(tap.log, growth=LogGrowth.read(growth.to_bytes()))
        assert verdict.log is not None
        assert verdict.log.later is not None
        assert (verdict.log.later.size, verdict.log.later.at) == (9, tap.register.now)

    def test_a_log_that_was_rewritten_is_told(self, tapped: Callable[[], Tapped]) -> None:
        tap = tapped()
        tree = tap.claims.tree
        assert tree is not None
        kept = state_of(tree.log, [b"other"] * 11)
        note = sign_head("verifier", tree.log, 11, kept.root, tap.register.now, tap.register.signer)
        grown = Grown(tree.log, 8, 11, kept.root, (bytes(32),) * 4)
        assert tap.refused(tap.log, growth=LogGrowth.of("verifier", grown, note)) is Reason.LOG_INCONSISTENT

    def test_two_checkpoints_of_one_length_are_one(self, tapped: Callable[[], Tapped]) -> None:
        tap = tapped()
        tree = tap.claims.tree
        assert tree is not None
        for root, holds in ((tap.register.store.grown(0, 8).root, True), (bytes(32), False)):
            note = sign_head("verifier", tree.log, 8, root, tap.register.now, tap.register.signer)
            growth = LogGrowth.of("verifier", Grown(tree.log, 2, 8, root, (bytes(32),)), note)
            if holds:
                assert tap.judged(tap.log, growth=growth).log is not None
            else:
                assert tap.refused(tap.log, growth=growth) is Reason.LOG_INCONSISTENT

    def test_it_is_of_this_log_and_begins_or_ends_at_this_checkpoint(self, tapped: Callable[[], Tapped]) -> None:
        tap = tapped()
        tap.desk.offer(tap.register)
        growth = tap.register.verifier.growth(8)
        changed = growth.model_copy
        assert tap.refused(tap.log, growth=changed(update={"log": "A" * 22})) is Reason.LOG_DIFFERS
        assert tap.refused(tap.log, growth=changed(update={"issuer": "peer"})) is Reason.LOG_DIFFERS
        assert tap.refused(tap.log, growth=changed(update={"proof": ()})) is Reason.LOG_INCONSISTENT
        assert tap.refused(tap.log, growth=changed(update={"old": 5})) is Reason.LOG_GROWTH_ELSEWHERE
        assert tap.refused(tap.log, growth=changed(update={"checkpoint": "no note"})) is Reason.CHECKPOINT_INVALID
        stray = growth.proof[0][:-1] + chr(ord(growth.proof[0][-1]) + 1)
        assert tap.refused(tap.log, growth=changed(update={"proof": (stray,)})) is Reason.MALFORMED

    def test_nothing_else_is_read_as_one(self, tapped: Callable[[], Tapped]) -> None:
        raw = tapped().register.verifier.growth(2).to_bytes()
        assert LogGrowth.read(raw).old == 2
        for wrong in (raw[:-1], raw + b" ", raw.replace(b'"old":2', b'"old":-2'), b"{}", raw.replace(b"/1", b"/2")):
            with pytest.raises(DataError):
                LogGrowth.read(wrong)


class TestHolding:
    """What the desk makes of the proof that comes with a receipt."""

    def test_a_proof_that_holds_is_kept_and_nothing_is_said(self, tapped: Callable[[], Tapped]) -> None:
        tap = tapped()
        given = (tap.receipt.token, tap.claims, tap.proof)
        assert hold_log(*given, tap.log.to_text(), tap.register.issuers) == (tap.log, ())

    def test_one_that_does_not_is_not_kept_and_said(self, tapped: Callable[[], Tapped]) -> None:
        tap = tapped()
        given = (tap.receipt.token, tap.claims, tap.proof)
        wrong = tap.log.model_copy(update={"receipt": ()}).to_text()
        for log, reason in (
            ("", Reason.LOG_PROOF_MISSING),
            (wrong, Reason.LOG_PROOF_WRONG),
            ("{}", Reason.LOG_PROOF_WRONG),
            (tap.log.to_text() + " ", Reason.LOG_PROOF_WRONG),
            ("x" * 9_000, Reason.LOG_PROOF_WRONG),
            ("\ud800", Reason.LOG_PROOF_WRONG),
        ):
            assert hold_log(*given, log, tap.register.issuers) == (None, (reason,))

    def test_a_receipt_is_read_whatever_proof_comes_with_it(self, tapped: Callable[[], Tapped]) -> None:
        tap = tapped()
        whole = json.loads(write_receipt(tap.receipt))
        assert read_receipt(json.dumps(whole).encode()) == GivenReceipt(tap.receipt.token, tap.log.to_text())
        for log in ("{}", "no JSON", tap.log.to_text() + " "):
            came = read_receipt(json.dumps(whole | {"log": log}).encode())
            said = hold_log(came.token, tap.claims, tap.proof, came.log, tap.register.issuers)
            assert (came.token, said) == (tap.receipt.token, (None, (Reason.LOG_PROOF_WRONG,)))
        with pytest.raises(DataError):
            read_receipt(json.dumps(whole | {"log": "x" * (MAX_LOG_PROOF + 1)}).encode())


@given(text=st.text(max_size=200))
def test_any_text_is_no_proof_and_nothing_else(text: str) -> None:
    with pytest.raises(DataError):
        LogProof.read(text)


def test_a_proof_for_the_longest_log_fits_its_bounds() -> None:
    state = LogState("A" * 22, 1 << 52, (bytes(32),))
    long = LogState("A" * 22, (1 << 52) - 1, (bytes(32),) * 52)
    note = sign_head("v" * 128, state.log, state.size, state.root, NOON, SoftwareSigner.generate())
    proof = LogProof.of(note, long.path, long.path)
    assert LogProof.read(proof.to_text()) == proof
