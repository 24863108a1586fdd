"""The table of reasons is the truth: each reason there can come out, and nothing comes out that is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mock_cards.forgeries import FORGERIES
from mock_cards.issuing import Issuer
from mock_cards.issuing.certificates import DocumentSigner
from reader.access import AccessProtocol, Can, PaceFailure, PaceFailureReason, SecureMessaging
from reader.crypto import curve_by_name
from reader.files import FileId, FileRead, ReadOutcome
from reader.genuine import (
    ActiveKey,
    ChipKey,
    SecurityObject,
    SodReason,
    choose_active_key,
    choose_chip_key,
    judge_card_security,
    judge_security_object,
)
from reader.inspection import REASONS, Check, CheckId, CheckStatus, Inspection, InspectionRequest, Reason
from reader.inspection.consistency import key_check
from reader.inspection.gathered import Gathered
from reader.inspection.judging import judge
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode
from reader.lds import ActiveAuthenticationInfo, ChipAuthenticationInfo, Dg13, SecurityInfos, parse_security_infos
from reader.trust import ChainReason, RevocationReason, SignerFault, TrustMaterial
from reader.verdict import Verdict

Genuine = tuple[Gathered, InspectionRequest]
Seen = set[tuple[str, str, str]]
MD5, SHA3 = "1.2.840.113549.2.5", "2.16.840.1.101.3.4.2.8"
ECDSA_SHA1 = "1.2.840.10045.4.1"
ED25519 = (
    ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
)

# How a signature and a chain can come out is shown where they are judged: tests/reader/trust, tests/reader/genuine.
ELSEWHERE = {(id, str(fault)) for id in (CheckId.SOD_SIGNATURE, CheckId.CARD_SECURITY) for fault in SignerFault} | {
    (id, str(reason)) for id in (CheckId.CHAIN, CheckId.CARD_SECURITY) for reason in ChainReason
}
ELSEWHERE |= {
    (id, str(reason))
    for id in (CheckId.REVOCATION, CheckId.CARD_SECURITY)
    for reason in (*RevocationReason, "reference-unproven")
}
# What a wrong clock takes back is shown in test_undated.py.
ELSEWHERE |= {(id, str(Reason.CLOCK_UNTRUSTED)) for id in (CheckId.CHAIN, CheckId.REVOCATION, CheckId.CARD_SECURITY)}
# A published deviation makes a question of a failure; that is shown in test_deviations.py.
DEVIATED = {(id, str(Reason.KNOWN_DEVIATION)) for id in CheckId}


def judged(gathered: Gathered, request: InspectionRequest) -> tuple[Check, ...]:
    return judge(gathered, request.moment, key_check(gathered, request))


def triples(checks: tuple[Check, ...]) -> Seen:
    return {(check.id, check.status, str(check.reason)) for check in checks}


def table() -> Seen:
    return {
        (id, status, str(reason)) for id, by in REASONS.items() for status, reasons in by.items() for reason in reasons
    }


def with_channel(gathered: Gathered, **changes: Any) -> Gathered:
    return replace(gathered, channel=replace(gathered.channel, **changes))


def listed_as(gathered: Gathered, **changes: Any) -> Gathered:
    found = gathered.security_object
    assert found is not None
    assert found.listed is not None
    return replace(gathered, security_object=replace(found, listed=replace(found.listed, **changes)))


def unlisted(gathered: Gathered, *numbers: int) -> Gathered:
    found = gathered.security_object
    assert found is not None
    assert found.listed is not None
    return listed_as(gathered, hashes=tuple(entry for entry in found.listed.hashes if entry[0] not in numbers))


def refused(gathered: Gathered, file: FileId, outcome: ReadOutcome = ReadOutcome.ABSENT, **changes: Any) -> Gathered:
    return replace(gathered, reads={**gathered.reads, file: FileRead(file, outcome, sw=0x6A82)}, **changes)


def ways_to_open(gathered: Gathered) -> Iterator[Gathered]:
    bac = {"protocol": AccessProtocol.BAC, "pace": None}
    for reason in PaceFailureReason:
        yield with_channel(gathered, **bac, pace_failure=PaceFailure(reason, "pace set at", 0x6A80))
    yield with_channel(gathered, **bac, offered=None)
    assert gathered.channel.offered is not None
    yield with_channel(gathered, offered=replace(gathered.channel.offered, infos=(b"\x30\x00",), pace=()))
    injected = replace(gathered.channel.offered, infos=(*gathered.channel.offered.infos, b"\x30\x00"))
    yield with_channel(gathered, offered=injected)
    yield replace(gathered, dg14=None)
    yield replace(unlisted(gathered, 14), dg14=None)
    yield with_channel(replace(unlisted(gathered, 14), dg14=None), **bac, offered=None)
    yield replace(gathered, channel_fault="message authentication code wrong")
    yield replace(gathered, channel_fault="unprotected status 6F00", unprotected=True)
    yield replace(gathered, channel_fault="message authentication code wrong", lost_with_chip_keys=True)


def signed_lists(gathered: Gathered) -> Iterator[Gathered]:
    yield replace(gathered, security_object=judge_security_object(b"\x77\x00"))
    yield replace(gathered, security_object=None, chain=None)
    yield refused(replace(gathered, security_object=None, chain=None), FileId.SOD)
    unproven = replace(gathered.security_object or SecurityObject(Verdict.inconclusive("x")), signature=_failed())
    chain = unproven.judge_signer(TrustMaterial(), datetime(2026, 11, 1, tzinfo=UTC)).chain
    yield replace(gathered, security_object=unproven, chain=chain)
    for oid in (MD5, SHA3):
        yield listed_as(gathered, digest_oid=oid)
    yield listed_as(gathered, hashes=((1, bytes(32)),))
    yield refused(gathered, FileId.DG2)
    assert gathered.com is not None
    yield replace(gathered, com=None)
    yield listed_as(gathered, lds_version="0109", unicode_version="040000")


def _failed() -> Verdict:
    return Verdict.failed(SignerFault.SIGNATURE_INVALID)


def proofs(gathered: Gathered) -> Iterator[Gathered]:
    infos, active = gathered.dg14, gathered.dg15
    assert infos is not None
    assert active is not None
    key = infos.chip_public_keys[0]
    foreign = ChipAuthenticationInfo("0.4.0.127.0.7.2.2.3.1.2", 1, None)
    for odd in (
        replace(infos, chip_public_keys=()),
        replace(infos, chip_public_keys=(), chip_authentication=()),
        replace(infos, chip_public_keys=(replace(key, spki=key.spki[:-1]),)),
        replace(infos, chip_authentication=(foreign,)),
    ):
        chosen = choose_chip_key(odd)
        assert not isinstance(chosen, ChipKey)
        yield replace(gathered, chip=chosen)
    sha1 = SecurityInfos((), active_authentication=ActiveAuthenticationInfo(ECDSA_SHA1))
    for spki, given in ((active.spki[:-1], infos), (ED25519, infos), (active.spki, sha1)):
        refusal = choose_active_key(spki, given)
        assert not isinstance(refusal, ActiveKey)
        yield replace(gathered, active=refusal)
    bare = replace(gathered, chip=None, active=None, chip_key=None, active_key=None)
    yield bare
    yield replace(bare, channel_fault="gone")
    yield unlisted(bare, 14, 15)
    yield refused(bare, FileId.DG14)
    yield refused(bare, FileId.DG15)
    yield replace(gathered, chain=Verdict.inconclusive(ChainReason.NO_ANCHOR))


def opened_by_mapping(gathered: Gathered, parts: ModuleType, signer: DocumentSigner) -> Iterator[Gathered]:
    """Yield what PACE-CAM and EF.CardSecurity may bring; the rest of it is in test_chip_mapping.py."""
    curve, secret, directory = curve_by_name("brainpoolP256r1"), 12345, b"\x61\x00"
    shown = gathered.channel.offered
    assert shown is not None
    assert gathered.dg14 is not None
    key = parts.public_key_info(curve, secret, 13)
    content = encode(0x31, b"".join((*shown.infos, key, parts.directory_info(directory))))
    found = judge_card_security(parts.sign_infos(content, signer))
    assert found.proven
    mapped = with_channel(gathered, chip_mapping=parts.mapping_of(curve, secret))
    trusted = replace(mapped, card_security=found, card_security_chain=gathered.chain)
    yield trusted
    yield replace(trusted, card_security_chain=None)
    yield replace(trusted, card_security=judge_card_security(b"0"))
    yield with_channel(trusted, chip_mapping=parts.mapping_of(curve, secret + 1))
    yield with_channel(trusted, chip_mapping=parts.mapping_of(curve_by_name("secp256r1"), secret))
    yield replace(trusted, reads={**gathered.reads, FileId.DIR: FileRead(FileId.DIR, ReadOutcome.COMPLETE, b"\x61")})
    yield refused(mapped, FileId.CARD_SECURITY)
    yield mapped
    bare = encode(0x31, key)
    yield replace(trusted, card_security=judge_card_security(parts.sign_infos(bare, signer)))
    other = parse_security_infos(encode(0x31, parts.public_key_info(curve, secret + 2, 13))).chip_public_keys
    yield replace(trusted, dg14=replace(gathered.dg14, chip_public_keys=other))
    better = replace(shown.pace[0], oid="0.4.0.127.0.7.2.2.4.6.2")
    yield with_channel(gathered, offered=replace(shown, pace=(better,)))


def terminals(gathered: Gathered) -> Iterator[Gathered]:
    """Yield each outcome of Terminal Authentication; that they come about is shown in test_terminal.py."""
    for status, reasons in REASONS[CheckId.TERMINAL_AUTHENTICATION].items():
        for reason in reasons:
            yield replace(gathered, terminal=Verdict(status, reason, (("chain", "XXDV00XX001"),)))


def contents(gathered: Gathered) -> Iterator[Gathered]:
    mrz, dg13 = gathered.mrz, gathered.dg13
    assert mrz is not None
    assert dg13 is not None
    yield replace(gathered, malformed={"EF.DG2": "cut short"})
    yield replace(gathered, parsed=[], reads={})
    yield replace(gathered, mrz=None)
    yield replace(gathered, mrz=None, dg13=None)
    yield replace(gathered, mrz=replace(mrz, check_digits=(replace(mrz.check_digits[0], valid=False),)))
    yield replace(gathered, dg13=replace(dg13, full_name="Ai Khác"))
    yield replace(gathered, dg13=replace(dg13, full_name=""))
    yield replace(gathered, mrz=replace(mrz, issuing_state="D", personal_number=""), dg13=None)
    yield replace(gathered, mrz=replace(mrz, issuing_state="QQQ"))
    yield replace(gathered, dg13=replace(dg13, no_expiry=True, expiry=None))
    yield replace(gathered, dg13=Dg13(), mrz=replace(mrz, expiry="300230"))


def moments() -> Iterator[datetime]:
    yield datetime(1980, 1, 1, tzinfo=UTC)
    yield datetime(2035, 1, 1, tzinfo=UTC)


def bare_once(card: Any) -> Any:
    """Stand before a card and answer one command with a bare status that the card never sees."""

    class Link:
        count = 0

        def transmit(self, command: CommandAPDU) -> ResponseAPDU:
            self.count += 1
            answer: ResponseAPDU = ResponseAPDU(b"", 0x6700) if self.count == 30 else card.transmit(command)
            return answer

    return Link()


@pytest.fixture
def seen(
    genuine: Genuine,
    inspect_card: Callable[..., Inspection],
    monkeypatch: pytest.MonkeyPatch,
    mapping_cards: ModuleType,
    issuer: Issuer,
) -> Seen:
    """Return every (check, status, reason) that emulated cards and hand-made records give."""
    gathered, request = genuine
    found = triples(judged(gathered, request))
    for make in (ways_to_open, signed_lists, proofs, terminals, contents):
        for odd in make(gathered):
            found |= triples(judged(odd, request))
    for odd in opened_by_mapping(gathered, mapping_cards, issuer.document_signer(date(2026, 1, 1))):
        found |= triples(judged(odd, request))
    for moment in moments():
        found |= triples(judged(gathered, replace(request, moment=moment)))
    found |= triples(judged(replace(gathered, clock_trusted=False), request))
    found |= triples(judged(gathered, replace(request, personal_number="099090000009")))
    assert gathered.mrz is not None
    abroad = replace(gathered, mrz=replace(gathered.mrz, issuing_state="D", personal_number=""), dg13=None)
    found |= triples(judged(abroad, replace(request, personal_number="", passwords=(Can("123456"),))))
    for forgery in (one for one in FORGERIES if one.decision):
        found |= triples(inspect_card("nguyen-van-mau", forgery.name).checks)
    found |= triples(inspect_card(around=bare_once).checks)
    original = SecureMessaging.transmit
    for ins in (0x22, 0x88):

        def transmit(self: SecureMessaging, command: CommandAPDU, ins: int = ins) -> ResponseAPDU:
            return ResponseAPDU(b"", 0x6A80) if command.ins == ins else original(self, command)

        with monkeypatch.context() as patch:
            patch.setattr(SecureMessaging, "transmit", transmit)
            found |= triples(inspect_card().checks)
    return found


def test_every_reason_can_come_out_and_no_other_does(seen: Seen) -> None:
    assert sorted(seen - table()) == []
    missing = {entry for entry in table() - seen if (entry[0], entry[2]) not in ELSEWHERE | DEVIATED}
    assert sorted(missing) == []


def test_the_table_holds_every_way_in_which_signature_and_chain_come_out() -> None:
    there = {(id, reason) for id, _, reason in table()}
    assert there >= {entry for entry in ELSEWHERE if entry[0] is not CheckId.CARD_SECURITY}
    assert {(CheckId.SOD_SIGNATURE, str(reason)) for reason in SodReason} <= there


def test_no_check_passes_with_a_reason_that_is_also_one_of_failing() -> None:
    for by_status in REASONS.values():
        assert not set(by_status.get(CheckStatus.PASSED, ())) & set(by_status.get(CheckStatus.FAILED, ()))


def test_today_is_the_day_of_the_request(genuine: Genuine) -> None:
    gathered, request = genuine
    check = next(check for check in judged(gathered, request) if check.id is CheckId.EXPIRY)
    assert dict(check.evidence)["judged-on"] == date(2026, 11, 1).isoformat()
