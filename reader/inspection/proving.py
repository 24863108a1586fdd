"""What the chip is asked to prove while it is read, and what the terminal shows it in return.

Chip Authentication follows DG14, and the next answer confirms it at no cost; Active Authentication follows DG15;
Terminal Authentication comes when everything that needs no rights has been asked for, and opens DG3 and DG4.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from reader.access import SecureMessaging
from reader.crypto import Rng
from reader.errors import DataError, SecureMessagingError, UnprotectedStatus
from reader.files import FileId, ReadLimits, SizePolicy, read_file
from reader.genuine import (
    ActiveProof,
    ActiveReason,
    Agreement,
    ChipKey,
    TerminalReason,
    TerminalSide,
    agree_with_chip,
    authenticate_terminal,
    choose_active_key,
    choose_chip_key,
    choose_terminal_info,
    confirmed,
    not_confirmed,
    prove_active_key,
    read_trust_points,
    refused,
)
from reader.inspection.gathered import Gathered
from reader.lds import TerminalAuthenticationInfo
from reader.verdict import Verdict

__all__ = ["Proving"]

NEEDS_RIGHTS = (3, 4)
# Whether a group that nobody gave us the right to is open shows with the first answer; nothing of it is kept.
_ONE_ANSWER = ReadLimits(max_bytes=1 << 20, max_apdus=1)


class Proving:
    """Perform the proofs over ``link`` into ``gathered``.

    ``terminal`` is what the terminal brings for Terminal Authentication, None where it has no credentials. ``reopen``
    opens a channel anew behind the same link after the chip has ended its session, and tells whether it could.
    """

    def __init__(
        self,
        link: SecureMessaging,
        gathered: Gathered,
        rng: Rng,
        terminal: TerminalSide | None = None,
        reopen: Callable[[], bool] | None = None,
    ) -> None:
        self._link = link
        self._gathered = gathered
        self._rng = rng
        self._terminal = terminal
        self._reopen = reopen
        self._awaiting: ChipKey | None = None
        self._terminal_key = terminal.terminal_key if terminal is not None else b""

    @property
    def awaits_confirmation(self) -> bool:
        """Tell whether new keys were agreed on and no answer has verified under them yet."""
        return self._awaiting is not None

    def agree(self) -> None:
        """Agree on new keys as DG14 says; the next answer has to verify under them (ICAO 9303-11 §6.2)."""
        gathered = self._gathered
        if gathered.dg14 is None:
            return
        chosen = choose_chip_key(gathered.dg14)
        if isinstance(chosen, Verdict):
            gathered.chip = chosen
            return
        gathered.chip_key = chosen
        try:
            agreed = agree_with_chip(self._link, chosen, self._rng)
        except UnprotectedStatus as error:
            # The chip refuses without protection. Where that ended its session, another one is opened: what it can
            # be read for is read all the same, and the refusal stays in the report (CH-09).
            gathered.chip = refused(chosen, f"{error.sw:04X}")
            if not error.channel_alive:
                if self._reopen is None or not self._reopen():
                    raise
                # What an earlier key agreement bound to the terminal went with the session.
                self._terminal_key = b""
            return
        except DataError:
            gathered.chip = refused(chosen, "malformed answer")
            return
        if isinstance(agreed, Agreement):
            gathered.chip_key = self._awaiting = agreed.key
            self._terminal_key = agreed.terminal_key
        else:
            gathered.chip = agreed

    def confirm(self, command: str) -> None:
        """Take a verified answer to ``command`` as the proof that the chip has the new keys (CH-08)."""
        if self._awaiting is not None:
            self._gathered.chip = confirmed(self._awaiting, command)
            self._awaiting = None

    def fail(self, error: SecureMessagingError) -> None:
        """Take the end of the channel as a failed proof, where it came with the first answer under new keys (CH-07)."""
        if self._awaiting is not None:
            self._gathered.chip = not_confirmed(self._awaiting, str(error))
            self._gathered.lost_with_chip_keys = True
            self._awaiting = None

    def challenge(self) -> None:
        """Have the chip sign a challenge with the key of DG15 (§6.1)."""
        gathered = self._gathered
        if gathered.dg15 is None:
            return
        chosen = choose_active_key(gathered.dg15.spki, gathered.dg14)
        if isinstance(chosen, Verdict):
            gathered.active = chosen
            return
        gathered.active_key = chosen
        failed = Verdict.failed(ActiveReason.REFUSED, chosen.describe())
        gathered.active = _while_open(lambda: prove_active_key(self._link, chosen, self._rng, self._keep), failed)

    def _keep(self, proof: ActiveProof) -> None:
        self._gathered.active_proof = proof

    def show_terminal(self, listed: Collection[int]) -> tuple[int, ...]:
        """Authenticate the terminal where it has credentials; return the data groups that it may read now (§7.1).

        ``listed`` are the groups that EF.SOD names: where none of them is closed, nothing is done.
        """
        if self._terminal is None:
            return ()
        closed = tuple(number for number in NEEDS_RIGHTS if number in listed)
        info = self._terminal_info(listed, closed)
        if isinstance(info, Verdict):
            self._gathered.terminal = info
            return ()
        self._gathered.terminal = Verdict.inconclusive(TerminalReason.NOT_FINISHED)
        verdict, opened = self._authenticate(self._terminal, info)
        if verdict.reason == TerminalReason.REFUSED:
            verdict = self._open_all_the_same(verdict, closed)
        self._gathered.terminal = verdict
        return tuple(number for number in closed if number in opened)

    def _terminal_info(self, listed: Collection[int], closed: Collection[int]) -> TerminalAuthenticationInfo | Verdict:
        """Return what DG14 says of the protocol, or why it is not performed."""
        if self._gathered.dg14 is None:
            missing = Verdict.inconclusive(TerminalReason.KEY_NOT_READ)
            return missing if 14 in listed else Verdict.not_applicable(TerminalReason.NOT_OFFERED)
        info = choose_terminal_info(self._gathered.dg14)
        if not isinstance(info, Verdict):
            if not closed:
                return Verdict.not_applicable(TerminalReason.NOTHING_TO_OPEN)
            if not self._terminal_key:
                return Verdict.inconclusive(TerminalReason.NO_CHIP_KEYS)
        return info

    def _authenticate(
        self, terminal: TerminalSide, info: TerminalAuthenticationInfo
    ) -> tuple[Verdict, tuple[int, ...]]:
        side = replace(terminal, terminal_key=self._terminal_key)
        try:
            references = read_trust_points(self._link, info)
            self.confirm("READ BINARY of EF.CVCA")
            return authenticate_terminal(self._link, side, references)
        except UnprotectedStatus as error:
            if not error.channel_alive:
                raise
            evidence = {"step": "answer without protection", "status": f"{error.sw:04X}"}
            return Verdict.inconclusive(TerminalReason.REFUSED, evidence), ()
        except DataError:
            return Verdict.inconclusive(TerminalReason.REFUSED, {"step": "malformed answer"}), ()

    def _open_all_the_same(self, refusal: Verdict, closed: Collection[int]) -> Verdict:
        """Ask for one answer of each group that should be closed now; what comes is not kept (CH-19)."""
        sizes = SizePolicy(self._link.chunk_sizes)
        for number in closed:
            file = FileId.of_data_group(number)
            if read_file(self._link, file, limits=_ONE_ANSWER, size_policy=sizes).data:
                return Verdict.failed(TerminalReason.OPEN, dict(refusal.evidence) | {"open": f"DG{number}"})
        return refusal


def _while_open(protocol: Callable[[], Verdict], failed: Verdict) -> Verdict:
    """Run a protocol with the chip; an answer that makes no sense, but leaves the channel open, fails only that."""
    try:
        return protocol()
    except UnprotectedStatus as error:
        if not error.channel_alive:
            raise
        return failed
    except DataError:
        return failed
