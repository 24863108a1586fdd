"""The client of the population gateway in use today: SOAP 1.1 over TLS, through VDXP (X-Road) or a province's LGSP.

Its answers are signed by nobody and name no request. All that speaks for them is the connection: the gateway's own TLS
certificate under the anchors of the settings. So every answer carries ``AnswerNote.UNSIGNED``, and the desk says so.

A gateway knows no idempotency key. What was lost on the way to it or back may be asked for again all the same
(``GoesOnErrands``): both operations are reads, by the gateways' own design, and a POST that is known to be safe may be
repeated (RFC 9110 §9.2.2). That a gateway notes each of them makes them no less safe (§9.2.1); all tries carry the same
MaYeuCau, by which they are one act in its notes, where a clerk who asked once more by hand would make another one. What
a gateway says, be it a fault with whatever status, is never asked for again.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Self, TypeVar

from auth.errors import AnswerForAnother, AnswerNotTrusted, RegisterRefused, RegisterUnreachable
from auth.purposes import PurposeRegistry, shipped_registry
from auth.purposes.vocabulary import IDENTITY_QUESTIONS
from auth.registers.lookups import Wish, allowed_lookup, check_lookup, note_of_more
from auth.registers.ports import Answer, AnswerNote, Confirmation, Lookup, PopulationRecord
from auth.registers.soap_answer import SoapFaultSaid, citizen_of, existence_of, open_envelope
from auth.registers.soap_request import CONFIRM, LOOK_UP, soap_envelope, soap_headers
from auth.registers.soap_xml import XmlNode
from auth.wire.access import ClerkAuthorization
from auth.wire.endpoint import DeviceCredential, RegisterEndpoint
from auth.wire.errand import Errand
from auth.wire.exchange import HttpsExchange
from auth.wire.problem import retry_after
from auth.wire.profile import RETRY_AFTER_HEADER
from auth.wire.signatures import HttpAnswer, HttpRequest
from reader.errors import DataError

__all__ = ["PopulationSoapClient"]

T = TypeVar("T")

_MEDIA_TYPES = ("application/xml", "text/xml")


class PopulationSoapClient:
    """Look citizens up through a gateway (``PopulationRegister``); may be called from several threads."""

    def __init__(
        self,
        endpoint: RegisterEndpoint,
        device: DeviceCredential,
        *,
        deadline_s: float = 10.0,
        purposes: PurposeRegistry | None = None,
        clerk: ClerkAuthorization | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take ``deadline_s`` as the total for one look-up; raise RegisterUnreachable without a gateway's settings.

        ``clock`` gives seconds since the epoch for the Timestamp header. The gateway is not told which device asks, and
        nothing that it gets is signed with the device's key. ``purposes`` says what may be asked. A gateway takes no
        token; so with ``clerk`` it is held here, before each question, that one is to be had: without a clerk who is
        signed in, has the purpose and signed in as freshly as it wants, nothing is asked. The clerk's id goes along as
        MaCanBo.
        """
        if endpoint.gateway is None:
            raise RegisterUnreachable(endpoint.register, "gateway-not-set-up")
        self._gateway = endpoint.gateway
        self._url = endpoint.base_url
        self._register = endpoint.register
        self._device_id = device.device_id
        self._deadline_s = deadline_s
        self._clock = clock
        self._clerk = clerk
        self._purposes = purposes or shipped_registry()
        self._errand: Errand | None = None
        self._https = HttpsExchange(endpoint, ", ".join(_MEDIA_TYPES), device.clock)

    def find_citizen(self, lookup: Lookup) -> Answer[PopulationRecord]:
        """Return the citizen's record (TraCuuThongTinCongDan); raise RegisterError where no usable answer came.

        The gateway compares number, name and date of birth itself and gives no record where one disagrees. A record of
        another personal number raises AnswerForAnother.
        """
        errand = self._begun()
        lookup = allowed_lookup(self._register, Wish.DATA, lookup, self._purposes)
        if self._gateway.confirm_first and not self._exists(lookup, errand):
            return self._answer(None, (AnswerNote.NO_SUCH_COMBINATION,))
        reading = self._read(
            lambda said: citizen_of(self._gateway, said, lookup.fields), self._ask(LOOK_UP, lookup, errand)
        )
        if reading.record is None:
            return self._answer(None, (AnswerNote.NO_SUCH_COMBINATION,))
        if reading.record.personal_number != lookup.personal_number:
            raise AnswerForAnother(self._register, "another-personal-number")
        more = note_of_more(self._register, lookup, more=reading.more)
        return self._answer(reading.record, (AnswerNote.CARD_STATUS_NOT_TOLD, *reading.notes, *more))

    def confirm_citizen(self, lookup: Lookup) -> Answer[Confirmation]:
        """Return whether number, name and date of birth belong together (XacThucThongTinCongDan), and no data.

        The gateway answers the three as one and no other question, so after a no it stays unknown which one differs.
        """
        errand = self._begun()
        lookup = allowed_lookup(self._register, Wish.YES_OR_NO, lookup, self._purposes)
        together = self._exists(lookup, errand)
        said = tuple((question, True) for question in IDENTITY_QUESTIONS) if together else ()
        notes = (AnswerNote.CARD_STATUS_NOT_TOLD,) if together else (AnswerNote.NO_SUCH_COMBINATION,)
        return self._answer(Confirmation(together, said), notes)

    def close(self) -> None:
        """Break off what is under way and end the client's thread."""
        self._https.close()

    def sent_on(self, errand: Errand) -> Self:
        """Return the same client over the same line, whose look-ups end with ``errand``."""
        runner = copy.copy(self)
        runner._errand = errand
        return runner

    def _begun(self) -> Errand:
        """Return what one look-up may take, however many questions it is."""
        seconds = self._deadline_s
        return self._errand.at_most(seconds) if self._errand is not None else Errand.of(seconds)

    def _exists(self, lookup: Lookup, errand: Errand) -> bool:
        return self._read(existence_of, self._ask(CONFIRM, lookup, errand))

    def _ask(self, operation: str, lookup: Lookup, errand: Errand) -> HttpAnswer:
        citizen = check_lookup(self._register, self._device_id, lookup).citizen
        clean = replace(lookup, full_name=citizen.full_name)
        body = soap_envelope(self._register, self._gateway, operation, clean)
        if self._clerk is not None:
            # Judged by the desk and the authorization server alone, for nobody behind the gateway does.
            self._clerk.access().headers_for(self._register, lookup.purpose, "POST", self._url)
        headers = soap_headers(self._gateway, int(self._clock() * 1000))
        return self._https.send(HttpRequest("POST", self._url, headers, body), errand.left, errand.recall)

    def _read(self, read: Callable[[tuple[XmlNode, ...]], T], answer: HttpAnswer) -> T:
        """Return what ``read`` makes of the body; map everything else that a gateway may say onto our tree."""
        _expect_xml(self._register, answer)
        try:
            said = open_envelope(answer.body)
            if answer.status_code != 200:
                raise _no_answer(self._register, answer)
            return read(said)
        except DataError:
            if answer.status_code > 500:
                raise _no_answer(self._register, answer) from None
            raise AnswerNotTrusted(self._register, "answer-malformed") from None
        except SoapFaultSaid as fault:
            if fault.of_client:
                raise RegisterRefused(self._register, "refused") from None
            raise RegisterUnreachable(self._register, "soap-fault") from None

    def _answer(self, record: T | None, notes: tuple[AnswerNote, ...]) -> Answer[T]:
        """Return the answer at our own time, for a gateway tells none."""
        return Answer(self._register, record, "", datetime.now(UTC), (AnswerNote.UNSIGNED, *notes))


def _expect_xml(register: str, answer: HttpAnswer) -> None:
    """Raise for whatever is neither an answer nor a fault: SOAP 1.1 sends faults with status 500 (§6.2).

    A fault that comes with another status of a server's is one all the same, and as much the gateway's word.
    """
    status = answer.status_code
    if 300 <= status < 400:
        raise AnswerNotTrusted(register, "redirect")
    if status in (401, 403):
        raise RegisterRefused(register, "refused")
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if status >= 500 and media_type not in _MEDIA_TYPES:
        raise _no_answer(register, answer)
    if status != 200 and status < 500:
        raise AnswerNotTrusted(register, "unexpected-status")
    if media_type not in _MEDIA_TYPES:
        raise AnswerNotTrusted(register, "content-type")


def _no_answer(register: str, answer: HttpAnswer) -> RegisterUnreachable:
    """Return the error for an answer that is none, from the gateway or from what stands before it."""
    wait = retry_after(answer.headers.get(RETRY_AFTER_HEADER))
    return RegisterUnreachable(register, f"http-{answer.status_code}", retry_after_s=wait)
