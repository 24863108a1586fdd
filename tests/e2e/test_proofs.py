"""Our reader beside chips written from the card's side: every way to open one, and every proof it can give."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from mock_cards.chip import all_profiles
from mock_cards.issuing.cv_pki import CV_DEFECTS, CvPki, CvPkiOrder, make_cv_pki
from mock_cards.issuing.private_keys import to_pkcs8
from reader.errors import DataError
from reader.genuine import ActiveProof, TerminalCredentials
from reader.inspection import CheckId, CheckStatus, Decision, Inspection, inspect, judge_again
from reader.inspection.basis import BASIS, Basis
from reader.trust import TrustMaterial

Bench = Any  # lives in conftest.py, which cannot be imported from here

PERSONA = "nguyen-van-mau"
CHIP, ACTIVE = CheckId.CHIP_AUTHENTICATION, CheckId.ACTIVE_AUTHENTICATION
MAPPING, MASTER, TERMINAL = CheckId.CHIP_MAPPING, CheckId.CARD_SECURITY, CheckId.TERMINAL_AUTHENTICATION
PASSED = CheckStatus.PASSED

# What is not as on most chips: (check, reason), and the decision that comes of it.
ODD: dict[str, tuple[dict[CheckId, str], Decision]] = {
    "icao-cam": ({MAPPING: "static-key-shown", MASTER: "anchored"}, Decision.PROCEED),
    "quirk-ca-refused": ({CHIP: "refused-by-chip"}, Decision.STOP),
    "quirk-aa-refused": ({ACTIVE: "refused-by-chip"}, Decision.STOP),
    "quirk-naked-6700": ({CheckId.SECURE_MESSAGING: "unprotected-answer"}, Decision.ATTENTION),
    "eid-german": ({ACTIVE: "not-offered"}, Decision.PROCEED),
    "icao-bac": ({CheckId.PACE: "not-offered", CheckId.BAC: "opened"}, Decision.PROCEED),
}
USUAL = {
    CheckId.PACE: "opened",
    CHIP: "answered-under-new-keys",
    ACTIVE: "challenge-signed",
    MAPPING: "not-offered",
    MASTER: "not-needed",
    CheckId.SECURE_MESSAGING: "every-answer-verified",
    TERMINAL: "no-credentials",
}


def read(bench: Bench, chip: str, **changes: Any) -> Inspection:
    built = bench.factory.build(PERSONA, chip=chip)
    built.card.power_on()
    return inspect(built.card, bench.request(built, **changes), reset=built.card.power_on)


@pytest.mark.parametrize("chip", [profile.name for profile in all_profiles()])
def test_every_chip_is_opened_read_and_proven_as_far_as_it_can_be(bench: Bench, chip: str) -> None:
    inspection = read(bench, chip)
    odd, decision = ODD.get(chip, ({}, Decision.PROCEED))
    assert {id: inspection.check(id).reason for id in USUAL | odd} == USUAL | odd
    assert inspection.decision is decision
    assert inspection.check(CheckId.HASHES).status is PASSED
    assert inspection.check(CheckId.CARD_ACCESS).status in (PASSED, CheckStatus.NOT_APPLICABLE)
    assert judge_again(inspection.record, bench.trust) == inspection.checks


def store(folder: Path, terminals: CvPki) -> TerminalCredentials:
    folder.mkdir(exist_ok=True)
    for name, holder in terminals.holders.items():
        (folder / name).write_bytes(holder.certificate)
        key = folder / Path(name).with_suffix(".p8")
        key.write_bytes(to_pkcs8(holder.key))
        key.chmod(0o600)
    return TerminalCredentials.load(folder)


class TestTerminal:
    """A chip with Extended Access Control, and the terminals' PKI that it trusts."""

    CHIP = "icao-eac"

    def run(self, bench: Bench, credentials: TerminalCredentials | None, at: Any = None) -> Inspection:
        moment = datetime.combine(at or bench.factory.terminals.at, time(9), UTC)
        return read(bench, self.CHIP, terminal=credentials, moment=moment)

    def test_the_chip_opens_fingers_and_irises_to_it(self, bench: Bench, tmp_path: Path) -> None:
        inspection = self.run(bench, store(tmp_path / "store", bench.factory.terminals))
        assert inspection.check(TERMINAL).reason == "accepted-by-chip"
        assert {"EF.DG3", "EF.DG4"} <= set(dict(inspection.files))
        evidence = dict(inspection.check(CheckId.HASHES).evidence)
        assert {"DG3", "DG4"} <= set(evidence["matching"].split())
        assert inspection.check(CheckId.HASHES).status is PASSED
        assert inspection.check(CheckId.STRUCTURE).status is PASSED

    def test_it_costs_eight_commands_and_the_files(self, bench: Bench, tmp_path: Path) -> None:
        """EF.CVCA, two for each of two certificates, three to sign; then DG3 and DG4, each in one answer."""
        without = self.run(bench, None).link.apdus
        inspection = self.run(bench, store(tmp_path / "store", bench.factory.terminals))
        assert inspection.link.apdus == without + 1 + 2 * 2 + 3 + 2

    def test_without_credentials_the_groups_stay_closed(self, bench: Bench) -> None:
        inspection = self.run(bench, None)
        assert inspection.check(TERMINAL).reason == "no-credentials"
        assert dict(inspection.check(CheckId.HASHES).evidence)["not-checked"] == "DG3 DG4"

    def test_a_terminal_of_another_states_pki_is_not_let_in(self, bench: Bench, tmp_path: Path) -> None:
        """Same names, other keys: the chip finds the name and refuses the signature; nothing opens."""
        stranger = make_cv_pki(CvPkiOrder(seed="another state", at=bench.factory.terminals.at))
        check = self.run(bench, store(tmp_path / "store", stranger)).check(TERMINAL)
        assert (check.status, check.reason) == (CheckStatus.INCONCLUSIVE, "refused-by-chip")
        assert dict(check.evidence)["step"].startswith("verify certificate of VNTESTDV")

    @pytest.mark.parametrize("defect", CV_DEFECTS, ids=lambda defect: defect.name)
    def test_spoiled_credentials_open_nothing(self, bench: Bench, tmp_path: Path, defect: Any) -> None:
        """Each defect is refused when the store is loaded, leads to no chain, or is refused by the chip."""
        spoiled = make_cv_pki(CvPkiOrder(seed="spoiled", at=bench.factory.terminals.at, defects=(defect.name,)))
        try:
            credentials = store(tmp_path / "store", spoiled)
        except DataError:
            assert defect.name not in ("cvca-expired", "is-without-rights", "dv-without-rights")
            return
        inspection = self.run(bench, credentials)
        assert inspection.check(TERMINAL).status is not PASSED
        assert not {"EF.DG3", "EF.DG4"} & set(dict(inspection.files))


@pytest.mark.parametrize(
    ("forgery", "failing", "standing"),
    [("clone-without-ca-key", CHIP, ACTIVE), ("clone-without-aa-key", ACTIVE, CHIP), ("aa-replayed", ACTIVE, CHIP)],
)
def test_a_chip_that_offers_two_proofs_gives_both_and_one_failing_is_enough(
    bench: Bench, forgery: str, failing: CheckId, standing: CheckId
) -> None:
    """CH-17: neither spares the other. After a failed Chip Authentication there is no channel left for the other."""
    genuine = bench.inspect(PERSONA)
    assert [genuine.check(id).status for id in (CHIP, ACTIVE)] == [PASSED, PASSED]
    inspection = bench.inspect(PERSONA, (forgery,))
    assert inspection.check(failing).status is CheckStatus.FAILED
    assert inspection.check(standing).status is (PASSED if standing is CHIP else CheckStatus.INCONCLUSIVE)
    assert inspection.decision is Decision.STOP


def test_without_the_issuers_certificate_no_proof_of_the_chip_passes(bench: Bench) -> None:
    """CH-12: the chip has the key, and nobody vouches that the key is the issuer's."""
    for chip, proofs in (("vietnam-2024", (CHIP, ACTIVE)), ("icao-cam", (CHIP, ACTIVE, MAPPING))):
        inspection = read(bench, chip, trust=TrustMaterial())
        assert [(inspection.check(id).status, inspection.check(id).reason) for id in proofs] == [
            (CheckStatus.INCONCLUSIVE, "key-not-proven")
        ] * len(proofs)
        assert inspection.decision is Decision.ATTENTION


def test_only_active_authentication_can_be_shown_to_somebody_else(bench: Bench) -> None:
    """CH-18: the record keeps challenge and signature; what the other proofs bring, both sides could have made."""
    record = read(bench, "icao-cam").record
    assert record is not None
    assert record.active_proof is not None
    altered = replace(record, active_proof=ActiveProof(bytes(8), record.active_proof.signature))
    again = {check.id: check for check in judge_again(altered, bench.trust)}
    assert again[ACTIVE].reason == "signature-invalid"
    assert [id for id, basis in BASIS.items() if basis is Basis.TRANSFERABLE] == [ACTIVE]
    assert {BASIS[CHIP], BASIS[MAPPING], BASIS[TERMINAL]} == {Basis.INSPECTOR}
