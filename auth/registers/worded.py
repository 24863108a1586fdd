"""What clients over the sealed wire do alike: word a request once, carry the proof made for it, send those bytes."""

from __future__ import annotations

import copy
import hashlib
import threading
import uuid
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, runtime_checkable

from auth.errors import AnswerForAnother, RegisterRefused, RequestRejected
from auth.purposes import PurposeRegistry, shipped_registry
from auth.registers.confirmed import read_confirmation
from auth.registers.lookups import Wish, allowed_lookup, askable_fields, check_act, parse_answer, word_lookup
from auth.registers.messages import AnyRecord, LookupAnswer
from auth.registers.ports import Lookup
from auth.registers.proofs import Worded
from auth.registers.sought import Sought
from auth.registers.told import Judged, Told
from auth.wire.access import ClerkAuthorization
from auth.wire.client import SignedAnswer, WireClient
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from auth.wire.errand import Errand
from auth.wire.profile import UNKNOWN_SEAL_KEY

__all__ = ["Enclosed", "Encloses", "GoesOnErrands", "WordedClient", "confirmation_of", "effect_of"]

# How many look-ups whose answer did not come are kept for the outbox.
_KEPT = 8
# Made once: the library would forget a model that nobody holds, and make it anew for every answer.
_ANY = LookupAnswer[AnyRecord]


@dataclass(frozen=True, slots=True, repr=False)
class Enclosed:
    """Hold a look-up that is ready to be sent later: sealed to the register, where to, and the key of its effect.

    ``questions`` are what is to be answered with yes or no, empty where data are asked for; ``fields`` are which data,
    and ``certificate`` is the serial of the one by which they are asked for.
    """

    path: str
    sealed: bytes
    idempotency_key: str
    questions: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    certificate: str = ""

    def __repr__(self) -> str:
        """Show how much."""
        return f"Enclosed({self.path}, {len(self.sealed)} bytes)"


@runtime_checkable
class Encloses(Protocol):
    """Be a client whose look-ups can wait (``auth.outbox``)."""

    def enclose(self, lookup: Lookup) -> Enclosed:
        """Return ``lookup`` sealed to the register; raise RegisterRefused where it may not be asked."""
        ...

    def enclose_questions(self, lookup: Lookup) -> Enclosed:
        """Return the questions of ``lookup`` sealed to the register; raise RegisterRefused where it answers none."""
        ...

    def ask_sealed(self, path: str, sealed: bytes, purpose: str, idempotency_key: str) -> SignedAnswer:
        """Return the verified answer to what ``enclose`` made; raise RegisterError without one."""
        ...

    def judge(self, asked: Sought, body: bytes) -> Judged:
        """Return what ``body``, the answer to what waited, tells as an answer to ``asked``, and nothing beyond that.

        Raise RegisterError for all that is refused where the register answers at once, by the same code.
        """
        ...


@runtime_checkable
class GoesOnErrands(Protocol):
    """Be a client whose look-ups can be called back, and tried again: each has one effect, or is known to be a read."""

    def sent_on(self, errand: Errand) -> Self:
        """Return the same client, whose look-ups end with ``errand``."""
        ...


class WordedClient:
    """Be the base of a client over the sealed wire (``CarriesProof``, ``Encloses``, ``GoesOnErrands``).

    ``data_path`` and ``certificate_path`` are where its look-ups go, ``confirm_path`` where its questions do; one that
    is empty cannot be queued.
    """

    data_path = ""
    certificate_path = ""
    confirm_path = ""

    def __init__(
        self,
        endpoint: RegisterEndpoint,
        device: DeviceCredential,
        *,
        deadline_s: float = 10.0,
        purposes: PurposeRegistry | None = None,
        clerk: ClerkAuthorization | None = None,
    ) -> None:
        """Take ``deadline_s`` as the total for one look-up; raise RegisterUnreachable for keys that are none.

        ``purposes`` says what may be asked, the shipped registry where it is left out; with ``clerk`` every request
        shows who is signed in.
        """
        self._wire = WireClient(endpoint, device, deadline_s=deadline_s, clerk=clerk)
        self._device_id = device.device_id
        self._purposes = purposes or shipped_registry()
        self._worded: Worded | None = None
        self._errand: Errand | None = None
        self._keeping = threading.Lock()
        # Sealed to the register, so that nobody here can read them.
        self._sent: dict[str, _Sent] = {}

    def close(self) -> None:
        """Break off what is under way and end the client's thread."""
        self._wire.close()

    def word(self, lookup: Lookup) -> bytes:
        """Return the request that ``lookup`` is sent as; raise RegisterRefused where it may not be asked."""
        return self._word(self._allowed(lookup))

    def word_questions(self, lookup: Lookup) -> bytes:
        """Return the request for a yes or no that ``lookup`` is sent as; raise RegisterRefused where there is none."""
        return self._word(allowed_lookup(self._wire.register, Wish.YES_OR_NO, lookup, self._purposes))

    def carrying(self, worded: Worded) -> Self:
        """Return the same client over the same wire, which sends what was worded."""
        carrier = copy.copy(self)
        carrier._worded = worded
        return carrier

    def enclose(self, lookup: Lookup) -> Enclosed:
        """Return ``lookup`` sealed to the register, to be sent later: the bytes that were sent, where some were.

        Raise RegisterRefused where it may not be asked or has no way of its own, RegisterUnreachable without a key.
        """
        path = self.certificate_path if lookup.certificate else self.data_path
        key = effect_of(lookup)
        sent = self._sent.get(key or "")
        if sent is not None:
            return sent.enclosed
        if not path or key is None:
            raise RegisterRefused(self._wire.register, "way-not-allowed")
        asked = self._allowed(lookup)
        return _enclosed(path, self._wire.seal(self._word(asked)), key, asked)

    def enclose_questions(self, lookup: Lookup) -> Enclosed:
        """Return the questions of ``lookup`` sealed to the register, to be sent later.

        Raise RegisterRefused where they may not be asked or it answers none, RegisterUnreachable without a key.
        """
        register, key = self._wire.register, effect_of(lookup)
        asked = allowed_lookup(register, Wish.YES_OR_NO, lookup, self._purposes)
        if not self.confirm_path or key is None:
            raise RegisterRefused(register, "way-not-allowed")
        return _enclosed(self.confirm_path, self._wire.seal(self._word(asked)), key, asked)

    def ask_sealed(self, path: str, sealed: bytes, purpose: str, idempotency_key: str) -> SignedAnswer:
        """Return the verified answer to what ``enclose`` made; raise RegisterError without one."""
        return self._wire.ask_sealed(path, sealed, purpose, idempotency_key)

    def judge(self, asked: Sought, body: bytes) -> Told[Any]:
        """Return what ``body`` tells as an answer to ``asked``: yes or no to its questions, or what ``read`` reads.

        Where nobody knows any more which fields were asked for, none is let through that the purpose may not ask.
        """
        if asked.questions:
            return read_confirmation(self._wire.register, asked, body)
        if not asked.fields:
            allowed = askable_fields(self._wire.register, asked.purpose, self._purposes)
            asked = replace(asked, fields=allowed, certain=False)
        return self.read(asked, body)

    def read(self, asked: Sought, body: bytes) -> Told[Any]:
        """Return what ``body`` tells; raise AnswerNotTrusted, or AnswerForAnother for a record of another number.

        A client overrides this, and reads by it what comes at once as well. Here nothing is known of the record but
        whose it is: it is let through as it came.
        """
        register = self._wire.register
        answer = parse_answer(register, _ANY, body)
        check_act(register, asked, answer)
        record = answer.record
        if record is not None and record.personal_number and not asked.about.is_person(record.personal_number):
            raise AnswerForAnother(register, "another-personal-number")
        return Told(record, answer, (), answer.receipt, answer.receipt_log)

    def sent_on(self, errand: Errand) -> Self:
        """Return the same client over the same wire, whose look-ups end with ``errand``."""
        runner = copy.copy(self)
        runner._errand = errand
        return runner

    def _to_send(self, path: str, request: bytes, presence: bytes | None, lookup: Lookup, key: str) -> _Sent:
        """Return what goes out for a request: what was sent last under its key, where that was the same request."""
        digest = _digest_of(path, request, presence)
        with self._keeping:
            sent = self._sent.get(key)
            if sent is None or sent.digest != digest:
                first = self._wire.seal_keys()[0]
                enclosed = _enclosed(path, self._wire.seal(request, presence, first), key, lookup)
                sent = _Sent(digest, first.key_id, enclosed)
                self._keep(key, sent)
            return sent

    def _to_send_instead(self, last: _Sent, request: bytes, presence: bytes | None, tried: set[str]) -> _Sent | None:
        """Return the request sealed to a key that was not ``tried``, kept before it goes out; None where none is left.

        Nothing came of ``last``: the register could not read it, and has not answered it before, or it would have done
        so again whatever its keys are now.
        """
        key = next((one for one in self._wire.seal_keys() if one.key_id not in tried), None)
        if key is None:
            return None
        sealed = self._wire.seal(request, presence, key)
        sent = replace(last, seal_key=key.key_id, enclosed=replace(last.enclosed, sealed=sealed))
        with self._keeping:
            self._keep(last.enclosed.idempotency_key, sent)
        return sent

    def _keep(self, key: str, sent: _Sent) -> None:
        # The newest stand last.
        self._sent.pop(key, None)
        self._sent[key] = sent
        while len(self._sent) > _KEPT:
            del self._sent[next(iter(self._sent))]

    def _forget(self, key: str) -> None:
        with self._keeping:
            self._sent.pop(key, None)

    def _allowed(self, lookup: Lookup) -> Lookup:
        wish = Wish.BY_CERTIFICATE if lookup.certificate else Wish.DATA
        return allowed_lookup(self._wire.register, wish, lookup, self._purposes)

    def _word(self, lookup: Lookup) -> bytes:
        return word_lookup(self._wire.register, self._device_id, lookup)

    def _ask(self, path: str, lookup: Lookup) -> SignedAnswer:
        """Send a look-up; where no answer comes, ``enclose`` has the very bytes that were sent, and so has another try.

        Raise RegisterRefused where what was worded, and proven, is another look-up than this.
        """
        return self._ask_under(effect_of(lookup), path, lookup)

    def _ask_under(self, key: str | None, path: str, lookup: Lookup) -> SignedAnswer:
        """Send a look-up or its questions under the key of the effect; raise as ``_ask``."""
        request = self._word(lookup)
        if self._worded is not None and self._worded.request != request:
            raise RegisterRefused(self._wire.register, "malformed-lookup")
        presence = self._worded.presence if self._worded is not None else None
        return self._ask_once(path, request, presence, lookup, key)

    def _ask_once(
        self, path: str, request: bytes, presence: bytes | None, lookup: Lookup, key: str | None
    ) -> SignedAnswer:
        """Send a request that has one effect under ``key``, however often it is sent: the same bytes each time.

        It is sealed anew only on the register's signed word that it knows the key no longer. From then on it is the new
        envelope that is sent again, or queued, where its answer is lost: another one would be another message to the
        register, under a key that it has answered.
        """
        if key is None:
            return self._wire.ask(path, request, lookup.purpose, presence=presence, errand=self._errand)
        sent, tried = self._to_send(path, request, presence, lookup, key), set[str]()
        while True:
            try:
                answer = self._wire.ask_sealed(path, sent.enclosed.sealed, lookup.purpose, key, self._errand)
            except RequestRejected as rejected:
                # What was sent is kept whatever was wrong with it: an earlier try of it may have had its effect.
                if rejected.why != UNKNOWN_SEAL_KEY:
                    raise
                tried.add(sent.seal_key)
                instead = self._to_send_instead(sent, request, presence, tried)
                if instead is None:
                    raise
                sent = instead
            else:
                self._forget(key)
                return answer


@dataclass(frozen=True, slots=True, repr=False)
class _Sent:
    """Hold an envelope that is sent: a digest of where to and what is in it, and the key that it is sealed to."""

    digest: bytes
    seal_key: str
    enclosed: Enclosed


def _enclosed(path: str, sealed: bytes, key: str, asked: Lookup) -> Enclosed:
    """Return what was sealed of ``asked``, which ``allowed_lookup`` has written out."""
    return Enclosed(path, sealed, key, asked.questions, asked.fields, asked.certificate)


def _digest_of(path: str, request: bytes, presence: bytes | None) -> bytes:
    parts = (path.encode(), request, presence or b"")
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()


def effect_of(lookup: Lookup) -> str | None:
    """Return the key of the look-up's effect at one register: its own id, None where that is no UUID.

    Sent now and, its answer lost on the way, queued and sent again, it takes effect once.
    """
    try:
        return lookup.lookup_id if str(uuid.UUID(lookup.lookup_id)) == lookup.lookup_id else None
    except ValueError:
        return None


def confirmation_of(lookup: Lookup) -> str | None:
    """Return the key of the effect of asking yes or no before a look-up, which is another than the look-up's own."""
    key = effect_of(lookup)
    return str(uuid.uuid5(uuid.UUID(key), "confirm")) if key is not None else None
