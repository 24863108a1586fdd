"""What may be said of dates by a computer whose clock is known to be wrong by more than a day: nothing.

Only what rests on today's date is taken back. A signature that is wrong, an issuer that nobody trusts, a certificate
that was revoked are what they are at any time.
"""

from __future__ import annotations

from reader.genuine import SignerJudgement
from reader.inspection.checks import Check
from reader.inspection.reasons import Reason
from reader.trust import RevocationReason
from reader.verdict import CheckStatus, Verdict

__all__ = ["undated_check", "undated_signer"]

_BY_TODAY = (
    RevocationReason.EXPIRED,
    RevocationReason.NOT_YET_VALID,
    Reason.NOT_EXPIRED,
    Reason.EXPIRED,
    Reason.BIRTH_IN_FUTURE,
)


def undated_signer(judged: SignerJudgement) -> SignerJudgement:
    """Return ``judged`` without what rests on today's date: that the chain holds, and that nothing was revoked."""
    return SignerJudgement(_undated(judged.chain), _undated(judged.revocation))


def undated_check(check: Check) -> Check:
    """Return a check of the document's expiry without its verdict, unless the document never expires."""
    if check.reason not in _BY_TODAY:
        return check
    return Check.inconclusive(check.id, Reason.CLOCK_UNTRUSTED, dict(check.evidence))


def _undated(verdict: Verdict) -> Verdict:
    if verdict.status is not CheckStatus.PASSED and verdict.reason not in _BY_TODAY:
        return verdict
    return Verdict(CheckStatus.INCONCLUSIVE, Reason.CLOCK_UNTRUSTED, verdict.evidence, verdict.notes)
