"""What came back for one request: whether it has the shape of an answer at all, and what it wants where it is none."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from auth.errors import AnswerNotTrusted, RegisterUnreachable
from auth.wire.problem import Problem, retry_after
from auth.wire.profile import (
    CONTENT_TYPE,
    DPOP_NONCE_HEADER,
    PROBLEM_TYPE,
    PROOF_INVALID,
    RETRY_AFTER_HEADER,
    SEALED_TYPE,
    SIGNATURE_OUT_OF_TIME,
    TOKEN_EXPIRED,
    USE_DPOP_NONCE,
)
from auth.wire.signatures import HttpAnswer, VerifiedSignature

__all__ = ["Heard", "expect_answer"]


@dataclass(frozen=True, slots=True, repr=False)
class Heard:
    """Hold a verified answer; ``problem`` where it is one, ``taught`` where its time was news to us."""

    answer: HttpAnswer
    verified: VerifiedSignature
    problem: Problem | None
    taught: bool

    @property
    def promised(self) -> bool:
        """Tell whether the answer is only that one will come."""
        return self.answer.status_code == HTTPStatus.ACCEPTED

    def wants_nonce(self) -> bool:
        """Tell whether the clerk's proof must have a nonce in it that has just come."""
        return self._is_401(USE_DPOP_NONCE) and DPOP_NONCE_HEADER in self.answer.headers

    def wants_token(self) -> bool:
        """Tell whether the clerk's token is no longer taken."""
        return self._is_401(TOKEN_EXPIRED)

    def sets_clock(self) -> bool:
        """Tell whether the request was refused for its time, and the right one was told."""
        return self.taught and (self._is_401(SIGNATURE_OUT_OF_TIME) or self._is_401(PROOF_INVALID))

    def _is_401(self, name: str) -> bool:
        return self.problem is not None and self.problem.name == name and self.answer.status_code == 401


def expect_answer(register: str, answer: HttpAnswer, expected: str) -> bool:
    """Tell whether ``answer`` claims to be a problem document; raise where it is neither that nor a result.

    What stands in for the register on the way — a captive portal, a proxy's error page, a redirect — ends here. A
    result is of the media type that is ``expected``: sealed where the question was. Of a sealed one it may be said, in
    the open, that it comes later (202).
    """
    status = answer.status_code
    if 300 <= status < 400:
        raise AnswerNotTrusted(register, "redirect")
    problem = status >= 400
    if problem and "signature" not in answer.headers:
        # Who speaks here is unknown: no verdict, and how long to wait is no more than a hint.
        wait = retry_after(answer.headers.get(RETRY_AFTER_HEADER))
        raise RegisterUnreachable(register, f"http-{status}", retry_after_s=wait)
    promised = status == HTTPStatus.ACCEPTED and expected == SEALED_TYPE
    if not problem and not promised and status != HTTPStatus.OK:
        raise AnswerNotTrusted(register, "unexpected-status")
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not problem and not promised and expected == SEALED_TYPE and media_type == CONTENT_TYPE:
        raise AnswerNotTrusted(register, "answer-not-sealed")
    wanted = PROBLEM_TYPE if problem else CONTENT_TYPE if promised else expected
    if media_type != wanted:
        raise AnswerNotTrusted(register, "content-type")
    return problem
