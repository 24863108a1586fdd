"""The register's service for devices, as the desk reaches it: every answer verified, every refusal by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TypeVar

from pydantic import BaseModel

from auth.device.errors import EnrolmentFailed
from auth.device.messages import (
    BEGIN_PATH,
    CERTIFICATE_PATH,
    CONFIRM_PATH,
    DEVICE_PURPOSE,
    ROTATE_PATH,
    STATE_PATH,
    STATUS_PATH,
    SWITCH_PATH,
    WIPED_PATH,
    BeginReply,
    BeginRequest,
    CertificateReply,
    ConfirmRequest,
    DeviceQuestion,
    EnrolmentReply,
    RotateReply,
    RotateRequest,
    StatusReply,
    SwitchReply,
    SwitchRequest,
    WipedReply,
    WipedRequest,
    read_message,
)
from auth.device.statements import issuer_keys
from auth.device_key import DeviceKey
from auth.wire.client import WireClient
from auth.wire.endpoint import DeviceCredential, Opener, RegisterEndpoint, Signer
from auth.wire.envelope import EnvelopeInvalid, open_sealed
from reader.errors import DataError

__all__ = ["CHALLENGE_KIND", "DeviceService", "open_challenge"]

CHALLENGE_KIND = "motcua-device-challenge-1"
_MAX_CHALLENGE = 4_096

R = TypeVar("R", bound=BaseModel)
Ask = Callable[[str, bytes], bytes]


class DeviceService:
    """Speak to the service as the holder of one signing key; close it afterwards.

    Every method raises RegisterError where the service gives no answer to believe or refuses, and EnrolmentFailed where
    a signed answer is about something else.
    """

    def __init__(self, endpoint: RegisterEndpoint, signer: Signer, *, deadline_s: float = 10.0) -> None:
        self.keys: Mapping[str, DeviceKey] = _pinned(endpoint)
        self._signer = signer
        self._wire = WireClient(endpoint, DeviceCredential(signer.key_id, signer), deadline_s=deadline_s)

    def __enter__(self) -> DeviceService:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self._wire.close()

    def begin(self, request: BeginRequest) -> BeginReply:
        """Ask to be enrolled; the same keys asked for again get the same number."""
        return self._ask(BEGIN_PATH, request, BeginReply)

    def confirm(self, device: str, opened: str) -> EnrolmentReply:
        """Prove the opening key."""
        return self._about(
            device, self._ask(CONFIRM_PATH, ConfirmRequest(device=device, opened=opened), EnrolmentReply)
        )

    def state(self, device: str) -> EnrolmentReply:
        """Ask where the enrolment stands."""
        return self._about(device, self._ask(STATE_PATH, DeviceQuestion(device=device), EnrolmentReply))

    def status(self, device: str) -> StatusReply:
        """Fetch the status list, and the order to wipe where there is one."""
        return self._about(device, self._ask(STATUS_PATH, DeviceQuestion(device=device), StatusReply))

    def certificate(self, device: str) -> CertificateReply:
        """Fetch the certificate of the key that signs this request."""
        return self._about(device, self._ask(CERTIFICATE_PATH, DeviceQuestion(device=device), CertificateReply))

    def rotate(self, request: RotateRequest) -> RotateReply:
        """Announce new keys."""
        return self._about(request.device, self._ask(ROTATE_PATH, request, RotateReply))

    def switch(self, device: str, opened: str) -> SwitchReply:
        """Have the key that signs this very request count from now on; where it counts already nothing changes."""
        reply = self._about(device, self._ask(SWITCH_PATH, SwitchRequest(device=device, opened=opened), SwitchReply))
        if reply.signing != self._signer.key_id:
            raise EnrolmentFailed("another key counts")
        return reply

    def wiped(self, device: str, acknowledgement: str) -> WipedReply:
        """Hand over the device's last word."""
        request = WipedRequest(device=device, acknowledgement=acknowledgement)
        return self._about(device, self._ask(WIPED_PATH, request, WipedReply))

    def _ask(self, path: str, request: BaseModel, model: type[R]) -> R:
        answer = self._wire.ask_unsealed(path, request.model_dump_json().encode(), DEVICE_PURPOSE)
        try:
            return read_message(model, answer.body)
        except DataError:
            raise EnrolmentFailed("malformed answer") from None

    @staticmethod
    def _about(device: str, reply: R) -> R:
        if getattr(reply, "device", None) != device:
            raise EnrolmentFailed("an answer about another device")
        return reply


def open_challenge(sealed: str, opener: Opener) -> bytes:
    """Return what the service sealed to the device's opening key; raise EnrolmentFailed where it was not so sealed."""
    try:
        return open_sealed(sealed.encode("ascii"), CHALLENGE_KIND, {opener.key_id: opener}, _MAX_CHALLENGE)
    except (EnvelopeInvalid, UnicodeEncodeError):
        raise EnrolmentFailed("a challenge that is not for this key") from None


def _pinned(endpoint: RegisterEndpoint) -> dict[str, DeviceKey]:
    try:
        return issuer_keys(endpoint)
    except DataError:
        raise EnrolmentFailed("the service's answer key is none") from None
