"""Work without a network: booklets, what the verifier makes of their pages, and what happens to them on the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.booklets import DeviceBox
from auth.device_opener import SoftwareOpener
from auth.presence import (
    BookletKeeper,
    BookletVerifier,
    EvidenceBasis,
    Mode,
    NoPage,
    NoPageReason,
    PresenceEvidence,
    PresenceLevel,
    PresencePolicy,
    PresenceRefused,
    Proof,
    Reason,
    ReceiptClaims,
    SqlitePages,
    SqliteStore,
    Subject,
    judge_evidence,
)
from auth.presence.claims import PAGE_KIND, PageClaims, active_challenges, page_transcript
from auth.presence.encoding import digest
from auth.presence.tokens import read_token, sign_token
from reader.errors import DataError, UnexpectedStatus

Desk = Any  # these live in conftest.py, which cannot be imported from here
Register = Any


@dataclass
class Office:
    """Give out booklets as the register that is next to it would, on the same clock."""

    register: Register
    pages: SqlitePages = field(init=False)

    def __post_init__(self) -> None:
        self.pages = SqlitePages(self.register.store)

    def reopened(self, folder: Path) -> SqliteStore:
        """Go on with what is in the verifier's file."""
        self.register.store = SqliteStore(folder / "verifier.sqlite")
        self.pages = SqlitePages(self.register.store)
        return self.register.store

    @property
    def verifier(self) -> BookletVerifier:
        """Return a verifier that was started just now."""
        it = self.register
        return BookletVerifier(
            it.name,
            it.signer,
            it.issuers,
            it.trust,
            "list-7",
            self.pages,
            it.policy,
            lambda number, _person: number not in it.lost,
            lambda: it.now,
            it.trust_expires,
        )

    def judged(self, desk: Desk, proof: Proof, audience: str = "population", **changes: Any) -> ReceiptClaims:
        body = changes.pop("body", desk.requests.get(audience, b""))
        caller = changes.pop("caller", desk.caller)
        changes.setdefault("subject", desk.subject)
        return self.register.receipt(self.verifier.judge(proof, body, audience, caller, **changes).token)


@pytest.fixture
def office(register: Register) -> Office:
    return Office(register)


@pytest.fixture
def desk(desk_with: Callable[..., Desk]) -> Desk:
    return desk_with("vietnam-2021")


def tap(office: Office, desk: Desk, page: str, counter: int = 7) -> Proof:
    return desk.prover(office.register).prove_with(page, counter)


def why(receipt: ReceiptClaims) -> Reason:
    assert receipt.verdict == "refused"
    assert receipt.level <= PresenceLevel.DATA_AUTHENTIC
    (reason,) = receipt.reasons
    return reason


def test_a_page_proves_what_was_bound_beforehand_and_says_what_that_leaves_open(office: Office, desk: Desk) -> None:
    (page,) = office.verifier.issue(desk.caller, 1)
    before = desk.apdus
    proof = tap(office, desk, page)
    assert (proof.mode, len(proof.answers), desk.apdus - before) == (Mode.ACTIVE, 4, 4)
    for audience in desk.requests:
        receipt = office.judged(desk, proof, audience, subject=Subject(desk.dg1, desk.built.personal_number))
        assert (receipt.verdict, receipt.level) == ("accepted", PresenceLevel.BOUND_BEFOREHAND), receipt.reasons
        assert receipt.reasons == (Reason.PRE_PLAY_POSSIBLE,)
        assert (receipt.counter, receipt.challenge) == (7, None)
    assert desk.session.channel.is_open, "signing leaves the channel as it was"


def test_by_a_trust_list_that_has_ended_a_page_shows_no_more_than_the_devices_word(office: Office, desk: Desk) -> None:
    office.register.trust_expires = office.register.now - timedelta(seconds=1)
    (page,) = office.verifier.issue(desk.caller, 1)
    receipt = office.judged(desk, tap(office, desk, page))
    assert (receipt.verdict, receipt.level) == ("accepted", PresenceLevel.DEVICE_WORD)
    assert receipt.reasons == (Reason.TRUST_EXPIRED, Reason.PRE_PLAY_POSSIBLE)


def test_the_chip_signs_all_of_a_transcript_that_requests_and_counter_are_part_of(office: Office, desk: Desk) -> None:
    (page,) = office.verifier.issue(desk.caller, 1)
    root = desk.commitment.root
    transcript = page_transcript(page, root, 7)
    assert transcript == digest("CPP1-off", page.encode(), root, (7).to_bytes(8, "big"))
    assert b"".join(active_challenges(transcript, 4)) == transcript
    proof = tap(office, desk, page)
    assert why(office.judged(desk, replace(proof, counter=8))) is Reason.SIGNATURE_WRONG


def test_the_request_is_the_one_of_the_tap(office: Office, desk: Desk) -> None:
    first, second = office.verifier.issue(desk.caller, 2)
    assert why(office.judged(desk, tap(office, desk, first), body=b"{}")) is Reason.REQUEST_DIFFERS
    proof = tap(office, desk, second, 8)
    desk.requests = {"population": b"{}"}
    assert why(office.judged(desk, replace(proof, commitment=desk.commitment))) is Reason.SIGNATURE_WRONG


def test_a_page_is_used_once_by_each_register(office: Office, desk: Desk) -> None:
    (page,) = office.verifier.issue(desk.caller, 1)
    proof = tap(office, desk, page)
    assert office.judged(desk, proof).accepted
    assert why(office.judged(desk, proof)) is Reason.ALREADY_USED
    assert office.judged(desk, proof, "land").accepted, "one tap serves both"


def test_a_page_serves_one_tap(office: Office, desk: Desk) -> None:
    (page,) = office.verifier.issue(desk.caller, 1)
    assert office.judged(desk, tap(office, desk, page, 7)).accepted
    assert why(office.judged(desk, tap(office, desk, page, 8), "land")) is Reason.ALREADY_USED


@pytest.mark.parametrize("counter", [7, 6])
def test_a_counter_that_does_not_go_up_tells_of_a_computer_that_was_put_back(
    office: Office, desk: Desk, counter: int
) -> None:
    first, second = office.verifier.issue(desk.caller, 2)
    assert office.judged(desk, tap(office, desk, first, 7)).accepted
    assert why(office.judged(desk, tap(office, desk, second, counter))) is Reason.COUNTER_BACK


def test_what_was_used_stays_used_over_a_restart(office: Office, desk: Desk, tmp_path: Path) -> None:
    first = office.reopened(tmp_path)
    (page,) = office.verifier.issue(desk.caller, 1)
    proof = tap(office, desk, page)
    assert office.judged(desk, proof).accepted
    first.close()
    again = office.reopened(tmp_path)
    assert why(office.judged(desk, proof)) is Reason.ALREADY_USED
    again.close()


@pytest.mark.parametrize(("after", "accepted"), [(timedelta(days=7), True), (timedelta(days=7, seconds=11), False)])
def test_a_page_expires_after_seven_days(office: Office, desk: Desk, after: timedelta, accepted: bool) -> None:
    (page,) = office.verifier.issue(desk.caller, 1)
    proof = tap(office, desk, page)
    office.register.now += after
    receipt = office.judged(desk, proof)
    assert receipt.accepted is accepted
    assert accepted or why(receipt) is Reason.OUT_OF_TIME


@pytest.mark.parametrize("changes", [{"device": "desk-2"}, {"device_key": "A" * 43}])
def test_a_page_of_another_device_is_refused_and_not_used_up(
    office: Office, desk: Desk, changes: dict[str, str]
) -> None:
    (page,) = office.verifier.issue(desk.caller, 1)
    proof = tap(office, desk, page)
    assert why(office.judged(desk, proof, caller=replace(desk.caller, **changes))) is Reason.WRONG_DEVICE
    assert office.judged(desk, proof).accepted


def test_a_page_of_another_device_never_reaches_the_card(office: Office, desk: Desk) -> None:
    (page,) = office.verifier.issue(replace(desk.caller, device="desk-2"), 1)
    before = desk.apdus
    with pytest.raises(DataError, match="another device"):
        tap(office, desk, page)
    assert desk.apdus == before


def test_a_page_is_no_challenge_and_a_challenge_is_no_page(office: Office, desk: Desk, register: Register) -> None:
    (page,) = office.verifier.issue(desk.caller, 1)
    proof = tap(office, desk, page)
    assert why(desk.judged(register, proof)) is Reason.TOKEN_INVALID
    assert why(office.judged(desk, replace(desk.prove(register), counter=7))) is Reason.TOKEN_INVALID
    assert why(office.judged(desk, replace(proof, counter=None))) is Reason.MODE_DIFFERS


def test_fewer_signatures_than_four_are_refused(office: Office, desk: Desk) -> None:
    (page,) = office.verifier.issue(desk.caller, 1)
    proof = tap(office, desk, page)
    assert why(office.judged(desk, replace(proof, answers=proof.answers[:2]))) is Reason.COUNT_DIFFERS
    claims = read_token(PAGE_KIND, PageClaims, page, office.register.issuers)
    weak = sign_token(PAGE_KIND, claims.model_copy(update={"k": 2}), office.register.signer)
    with pytest.raises(DataError):
        read_token(PAGE_KIND, PageClaims, weak, office.register.issuers)


def test_a_page_that_this_verifier_never_gave_is_refused(office: Office, desk: Desk) -> None:
    (page,) = office.verifier.issue(desk.caller, 1)
    office.pages = SqlitePages(SqliteStore())
    assert why(office.judged(desk, tap(office, desk, page))) is Reason.TOKEN_INVALID


def test_a_clone_signs_in_vain(office: Office, desk_with: Callable[..., Desk]) -> None:
    desk = desk_with("", "clone-without-aa-key", local=False)
    (page,) = office.verifier.issue(desk.caller, 1)
    assert why(office.judged(desk, tap(office, desk, page))) is Reason.SIGNATURE_WRONG


def test_a_chip_that_only_agrees_cannot_use_a_page(office: Office, desk_with: Callable[..., Desk]) -> None:
    desk = desk_with("quirk-aa-refused")
    (page,) = office.verifier.issue(desk.caller, 1)
    with pytest.raises(UnexpectedStatus):
        tap(office, desk, page)


class TestIssuing:
    """How many pages a device gets, and for how long."""

    def test_a_booklet_has_two_hundred_pages_at_most_and_a_device_holds_no_more(
        self, office: Office, desk: Desk
    ) -> None:
        for count in (0, 201):
            with pytest.raises(PresenceRefused, match="too-many-open"):
                office.verifier.issue(desk.caller, count)
        pages = office.verifier.issue(desk.caller, 200)
        assert len(set(pages)) == 200
        with pytest.raises(PresenceRefused, match="too-many-open"):
            office.verifier.issue(desk.caller, 1)
        assert office.judged(desk, tap(office, desk, pages[0])).accepted
        assert len(office.verifier.issue(desk.caller, 1)) == 1, "what was used makes room"
        office.register.wait(7 * 86_400 + 1)
        assert len(office.verifier.issue(desk.caller, 200)) == 200, "and what has expired"

    def test_every_page_is_in_the_log_before_it_leaves(self, office: Office, desk: Desk) -> None:
        pages = office.verifier.issue(desk.caller, 3)
        assert office.register.store.grown(0, None).size == 3
        receipts = [office.judged(desk, tap(office, desk, page, counter)) for counter, page in enumerate(pages, 5)]
        assert [receipt.leaf for receipt in receipts] == [1, 2, 3]

    def test_a_register_may_give_out_none(self, office: Office, desk: Desk) -> None:
        office.register.policy = PresencePolicy(offline_pages=0)
        with pytest.raises(PresenceRefused, match="no-booklets"):
            office.verifier.issue(desk.caller, 1)

    @pytest.mark.parametrize("changes", [{"offline_pages": 201}, {"offline_pages": -1}, {"offline_days": 8}])
    def test_no_policy_allows_more(self, changes: dict[str, int]) -> None:
        with pytest.raises(ValueError, match="200 pages for seven days"):
            PresencePolicy(**changes)


def test_evidence_of_a_page_is_judged_without_anybodys_word(office: Office, desk: Desk) -> None:
    (page,) = office.verifier.issue(desk.caller, 1)
    proof = tap(office, desk, page)
    receipt = office.verifier.judge(proof, desk.requests["land"], "land", desk.caller, desk.subject)
    spki = desk.signer.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    it = office.register
    raw = PresenceEvidence(proof, receipt.token, spki, "list-7", receipt.log).to_bytes()
    verdict = judge_evidence(raw, it.issuers, it.trust)
    assert (verdict.level, verdict.basis) == (PresenceLevel.BOUND_BEFOREHAND, EvidenceBasis.CHIP_SIGNATURES)
    assert Reason.PRE_PLAY_POSSIBLE in verdict.reasons
    assert verdict.log is not None
    assert Reason.LOG_PROOF_MISSING not in verdict.reasons
    for wrong in (replace(proof, counter=8), replace(proof, counter=None), replace(proof, answers=proof.answers[:3])):
        with pytest.raises(PresenceRefused):
            judge_evidence(PresenceEvidence(wrong, receipt.token, spki, "list-7").to_bytes(), it.issuers, it.trust)


class TestKeeper:
    """What the desk keeps: sealed to the device, one page less before each tap."""

    @pytest.fixture
    def box(self, tmp_path: Path) -> DeviceBox:
        return DeviceBox(tmp_path / "booklet", SoftwareOpener.generate())

    @pytest.fixture
    def keeper(self, office: Office, desk: Desk, box: DeviceBox) -> BookletKeeper:
        counter = iter(range(5, 100))
        it = office.register
        return BookletKeeper(
            box, it.issuers, desk.caller.device, desk.caller.device_key, lambda: next(counter), lambda: it.now
        )

    def test_pages_are_given_one_by_one_with_a_counter_that_goes_up(
        self, office: Office, desk: Desk, keeper: BookletKeeper
    ) -> None:
        pages = office.verifier.issue(desk.caller, 3)
        keeper.fill(pages)
        taken = []
        while keeper.left():
            page, counter = keeper.take()
            taken.append((page, counter))
            assert office.judged(desk, tap(office, desk, page, counter)).accepted
        assert taken == list(zip(pages, (5, 6, 7), strict=True))
        with pytest.raises(NoPage) as none:
            keeper.take()
        assert none.value.reason is NoPageReason.EXHAUSTED

    def test_a_booklet_that_was_never_filled_is_exhausted(self, keeper: BookletKeeper) -> None:
        with pytest.raises(NoPage) as none:
            keeper.take()
        assert none.value.reason is NoPageReason.EXHAUSTED

    def test_expired_pages_are_not_used(self, office: Office, desk: Desk, keeper: BookletKeeper) -> None:
        keeper.fill(office.verifier.issue(desk.caller, 2))
        office.register.wait(7 * 86_400)
        assert keeper.left() == 0
        with pytest.raises(NoPage) as none:
            keeper.take()
        assert none.value.reason is NoPageReason.EXPIRED

    def test_pages_of_another_device_are_not_taken_in(self, office: Office, desk: Desk, keeper: BookletKeeper) -> None:
        with pytest.raises(DataError, match="another device"):
            keeper.fill(office.verifier.issue(replace(desk.caller, device="desk-2"), 1))

    def test_on_the_disk_there_is_nothing_to_read(
        self, office: Office, desk: Desk, keeper: BookletKeeper, tmp_path: Path
    ) -> None:
        (page,) = office.verifier.issue(desk.caller, 1)
        keeper.fill([page])
        raw = (tmp_path / "booklet").read_bytes()
        assert page.encode() not in raw
        assert (tmp_path / "booklet").stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("at", [0, 40, -1])
    def test_a_changed_file_gives_no_page(
        self, office: Office, desk: Desk, keeper: BookletKeeper, tmp_path: Path, at: int
    ) -> None:
        keeper.fill(office.verifier.issue(desk.caller, 1))
        raw = bytearray((tmp_path / "booklet").read_bytes())
        raw[at] ^= 1
        (tmp_path / "booklet").write_bytes(raw)
        assert keeper.left() == 0
        with pytest.raises(NoPage) as none:
            keeper.take()
        assert none.value.reason is NoPageReason.DAMAGED

    def test_another_computer_opens_nothing(
        self, office: Office, desk: Desk, keeper: BookletKeeper, tmp_path: Path
    ) -> None:
        keeper.fill(office.verifier.issue(desk.caller, 1))
        with pytest.raises(DataError, match="does not open"):
            DeviceBox(tmp_path / "booklet", SoftwareOpener.generate()).load()

    def test_a_booklet_put_back_to_an_earlier_copy_is_noticed(
        self, office: Office, desk: Desk, keeper: BookletKeeper, tmp_path: Path
    ) -> None:
        keeper.fill(office.verifier.issue(desk.caller, 2))
        copy = (tmp_path / "booklet").read_bytes()
        page, counter = keeper.take()
        assert office.judged(desk, tap(office, desk, page, counter)).accepted
        (tmp_path / "booklet").write_bytes(copy)
        again, later = keeper.take()
        assert again == page
        assert why(office.judged(desk, tap(office, desk, again, later))) is Reason.ALREADY_USED

    def test_a_page_is_gone_before_the_card_is_asked(self, office: Office, desk: Desk, keeper: BookletKeeper) -> None:
        keeper.fill(office.verifier.issue(desk.caller, 2))
        keeper.take()
        assert keeper.left() == 1, "whatever comes of the tap"

    def test_where_it_cannot_be_written_no_page_is_given(
        self, office: Office, desk: Desk, keeper: BookletKeeper, tmp_path: Path
    ) -> None:
        keeper.fill(office.verifier.issue(desk.caller, 1))
        blocked = tmp_path / ".booklet.new"
        blocked.mkdir()
        with pytest.raises(NoPage):
            keeper.take()
        blocked.rmdir()
        assert keeper.left() == 1
