"""The desk's side: have the chip answer a register's challenge, and hand the answer on unopened.

After Chip Authentication with the register's key the desk has no channel any more: the chip speaks under keys that only
it and the register know. So this comes last, when everything that is to be read was read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NoReturn, TypeVar

from auth.presence.claims import (
    CHALLENGE_KIND,
    PAGE_KIND,
    ChallengeClaims,
    PageClaims,
    Target,
    active_challenges,
    page_transcript,
    transcript_of,
)
from auth.presence.commitment import Commitment
from auth.presence.document import DocumentFiles
from auth.presence.encoding import to_text
from auth.presence.errors import OfferRefused
from auth.presence.judging import LEAST_SIGNATURES, file_digest
from auth.presence.levels import Mode, Reason
from auth.presence.messages import ChallengeOffer, Proof
from auth.presence.relay import chip_key_of
from auth.presence.relaying import relayable
from auth.presence.tokens import Issuers, read_token
from reader.access import SecureMessaging
from reader.errors import DataError, UnexpectedStatus, UnprotectedStatus
from reader.genuine import ChipKey, send_terminal_key
from reader.iso7816 import SW, CardLink, CommandAPDU, reset_of
from reader.lds import parse_dg14, parse_dg15
from reader.trust import RsaPublicKey, parse_spki

__all__ = ["ChipSession", "PresenceProver"]

T = TypeVar("T")

SHORT_NE, EXTENDED_NE, CHUNK_NE = 256, 65_536, 231


@dataclass(slots=True)
class ChipSession:
    """Hold an open card: the link to it, the channel over that link, and how to open another one.

    ``reopen`` resets the card and runs PACE or BAC again over the same link; None where that cannot be done.
    """

    link: CardLink
    channel: SecureMessaging
    reopen: Callable[[], SecureMessaging] | None = None


class PresenceProver:
    """Prove over one session that the chip is there, for one commitment.

    ``issuers`` are the verifiers whose challenges are put to a chip; ``device`` is who we are. A challenge that is not
    for us, for this commitment and for this document never reaches the card: a chip must not be made to sign what
    somebody else wants signed. ``target`` is how we have asked for DG14 to be read, and nothing else is relayed. What a
    protected SELECT names nobody but the chip and the verifier can see, so with ``Target.SELECT_AND_READ`` the verifier
    is trusted to read no other file: ask for that only where the chip cannot be read by short identifier.
    """

    def __init__(
        self,
        session: ChipSession,
        files: DocumentFiles,
        commitment: Commitment,
        issuers: Issuers,
        device: str,
        clock: Callable[[], float] = time.monotonic,
        target: Target = Target.READ_BY_SFI,
    ) -> None:
        self._session = session
        self._files = files
        self._commitment = commitment
        self._issuers = issuers
        self._device = device
        self._clock = clock
        self._target = target
        self._milliseconds: list[int] = []

    def prove(self, offer: ChallengeOffer) -> Proof:
        """Return the proof; raise DataError for a challenge that is not ours, else what the chip and the link raise.

        Raise OfferRefused for any command that was not asked for: none is then relayed, and the card is reset.
        UnexpectedStatus says that the chip refuses the protocol. The channel is closed afterwards, whatever came of it,
        except after Active Authentication.
        """
        claims = self._ours(offer)
        self._milliseconds.clear()
        if claims.mode is Mode.CHIP:
            answers = self._relay(offer, claims)
        elif offer.commands:
            self._refuse()
        else:
            answers = self._sign(active_challenges(transcript_of(offer.token), claims.k))
        return Proof(offer.token, claims.mode, answers, self._files, self._commitment, tuple(self._milliseconds))

    def prove_with(self, page: str, counter: int) -> Proof:
        """Return a proof made with a page of a booklet, where no verifier can be asked; raise as ``prove`` does.

        The chip signs all of the transcript, which the requests and ``counter`` are part of.
        """
        claims = read_token(PAGE_KIND, PageClaims, page, self._issuers)
        if claims.device != self._device:
            raise DataError("a page of another device")
        self._milliseconds.clear()
        transcript = page_transcript(page, self._commitment.root, counter)
        answers = self._sign(active_challenges(transcript, claims.k))
        timed = tuple(self._milliseconds)
        return Proof(page, Mode.ACTIVE, answers, self._files, self._commitment, timed, counter)

    def _ours(self, offer: ChallengeOffer) -> ChallengeClaims:
        claims = read_token(CHALLENGE_KIND, ChallengeClaims, offer.token, self._issuers)
        if claims.device != self._device or claims.root != to_text(self._commitment.root):
            raise DataError("a challenge for another device or for other requests")
        if claims.sod != file_digest(self._files.sod) or claims.key != file_digest(self._files.key_file(claims.mode)):
            raise DataError("a challenge for another document")
        if claims.mode is Mode.ACTIVE and claims.k < LEAST_SIGNATURES:
            raise DataError("a challenge for fewer signatures than bind a request")
        return claims

    def _relay(self, offer: ChallengeOffer, claims: ChallengeClaims) -> tuple[bytes, ...]:
        """Give the chip the register's key, drop our own keys, and relay the register's commands as they are."""
        chosen = chip_key_of(parse_dg14(self._files.dg14), claims.protocol)
        if not isinstance(chosen, ChipKey) or claims.protocol is None or chosen.oid != claims.protocol.oid:
            raise DataError("a challenge for a protocol that DG14 does not offer")
        commands = self._relayable(offer, claims, chosen)
        try:
            self._agree(chosen, offer.terminal_key)
        finally:
            self._session.channel.close()
        return tuple(self._timed(partial(self._session.link.transmit, command)).to_bytes() for command in commands)

    def _relayable(self, offer: ChallengeOffer, claims: ChallengeClaims, chosen: ChipKey) -> tuple[CommandAPDU, ...]:
        """Return what may be relayed: the verifier has signed for what was asked for, and the commands are that."""
        if claims.target is not self._target:
            self._refuse()
        try:
            return relayable(offer.commands, self._target, chosen.suite, self._files.dg14)
        except OfferRefused:
            self._refuse()

    def _refuse(self) -> NoReturn:
        """Leave nothing of the session to a verifier that would have had more than was asked for."""
        self._session.channel.close()
        reset = reset_of(self._session.link)
        if reset is not None:
            reset()
        raise OfferRefused(Reason.COMMANDS_DIFFER)

    def _agree(self, chosen: ChipKey, terminal_key: bytes) -> None:
        """Agree under the keys that stand, also those of an earlier Chip Authentication; else in a fresh session.

        Some chips take Chip Authentication once in a session only (ICAO 9303-11 §6.2 does not say that they must not).
        """
        status = self._offer_key(chosen, terminal_key)
        if status != SW.OK and self._session.reopen is not None:
            self._session.channel.close()
            self._session.channel = self._session.reopen()
            status = self._offer_key(chosen, terminal_key)
        if status != SW.OK:
            raise UnexpectedStatus("relayed chip authentication", status)

    def _offer_key(self, chosen: ChipKey, terminal_key: bytes) -> int:
        try:
            return self._timed(partial(send_terminal_key, self._session.channel, chosen, terminal_key))[1]
        except UnprotectedStatus as error:
            return error.sw

    def _sign(self, challenges: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Have the chip sign every piece of the transcript; the pieces are computed here, never taken from outside."""
        sizes = self._answer_sizes()
        return tuple(self._timed(partial(self._signature, challenge, sizes)) for challenge in challenges)

    def _answer_sizes(self) -> tuple[int, ...]:
        """Return which Le to try, in order: a long RSA signature needs an extended one, some chips take none."""
        key = parse_spki(parse_dg15(self._files.dg15).spki)
        if isinstance(key, RsaPublicKey) and key.modulus.bit_length() > 8 * CHUNK_NE:
            return EXTENDED_NE, SHORT_NE, CHUNK_NE
        return SHORT_NE, EXTENDED_NE, CHUNK_NE

    def _signature(self, challenge: bytes, sizes: tuple[int, ...]) -> bytes:
        status = 0
        for ne in sizes:
            response = self._session.channel.transmit(CommandAPDU(0x00, 0x88, 0x00, 0x00, challenge, ne))
            status = response.sw
            if status == SW.OK and response.data:
                return response.data
            if status not in (SW.OK, SW.WRONG_LENGTH) and response.sw1 != 0x6C:
                break
        raise UnexpectedStatus("internal authenticate", status)

    def _timed(self, work: Callable[[], T]) -> T:
        begun = self._clock()
        done = work()
        self._milliseconds.append(round((self._clock() - begun) * 1000))
        return done
