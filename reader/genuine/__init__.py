"""Whether document and chip are genuine: passive, chip, active and terminal authentication.

In come files as read and, for the protocols that ask the chip, a protected link; out come verdicts with evidence and
stable reasons. It calls ``reader.access``, ``reader.lds``, ``reader.trust`` and ``reader.crypto``; which files are read
when, and what a verdict means for the visit, is decided in ``reader.inspection``.
"""

from reader.genuine.active import (
    ActiveKey,
    ActiveProof,
    ActiveReason,
    choose_active_key,
    judge_active_proof,
    prove_active_key,
)
from reader.genuine.card_security import CardSecurityReason, SignedCardSecurity, judge_card_security
from reader.genuine.chip import Agreement, agree_with_chip, confirmed, not_confirmed, refused, send_terminal_key
from reader.genuine.chip_keys import ChipKey, ChipReason, choose_chip_key
from reader.genuine.chip_mapping import MappingReason, differing_key_ids, judge_chip_mapping
from reader.genuine.passive import (
    DigestReason,
    SecurityObject,
    SignerJudgement,
    SodReason,
    digests_match,
    judge_digests,
    judge_security_object,
)
from reader.genuine.terminal import (
    TerminalReason,
    TerminalSide,
    authenticate_terminal,
    choose_terminal_info,
    judge_without_credentials,
    read_trust_points,
)
from reader.genuine.terminal_credentials import TerminalCredentials
from reader.genuine.terminal_key import PassphraseNeeded

__all__ = [
    "ActiveKey",
    "ActiveProof",
    "ActiveReason",
    "Agreement",
    "CardSecurityReason",
    "ChipKey",
    "ChipReason",
    "DigestReason",
    "MappingReason",
    "PassphraseNeeded",
    "SecurityObject",
    "SignedCardSecurity",
    "SignerJudgement",
    "SodReason",
    "TerminalCredentials",
    "TerminalReason",
    "TerminalSide",
    "agree_with_chip",
    "authenticate_terminal",
    "choose_active_key",
    "choose_chip_key",
    "choose_terminal_info",
    "confirmed",
    "differing_key_ids",
    "digests_match",
    "judge_active_proof",
    "judge_card_security",
    "judge_chip_mapping",
    "judge_digests",
    "judge_security_object",
    "judge_without_credentials",
    "not_confirmed",
    "prove_active_key",
    "read_trust_points",
    "refused",
    "send_terminal_key",
]
