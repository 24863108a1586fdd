"""What a device and the register say to one another about the device: enrolment, status, rotation, wiping.

Every request is signed as look-ups are (RFC 9421), every answer too. Nothing here names a citizen, so it goes unsealed.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auth.device.statements import Claims, Moment, Name
from auth.device.states import DeviceState
from auth.device_key import DeviceKey
from auth.presence.encoding import from_text, to_text
from reader.errors import DataError

__all__ = [
    "BEGIN_PATH",
    "CERTIFICATE_PATH",
    "CONFIRM_PATH",
    "DEVICE_PURPOSE",
    "ENROLMENT",
    "NEW_KEYS_KIND",
    "ROTATE_PATH",
    "STATE_PATH",
    "STATUS_PATH",
    "SWITCH_PATH",
    "WIPED_PATH",
    "BeginReply",
    "BeginRequest",
    "CertificateReply",
    "CertificateText",
    "ConfirmRequest",
    "DeviceQuestion",
    "EnrolmentReply",
    "NewKeysClaims",
    "RotateReply",
    "RotateRequest",
    "StatusReply",
    "SwitchReply",
    "SwitchRequest",
    "WipedReply",
    "WipedRequest",
    "key_from_text",
    "key_to_text",
    "opened_from_text",
    "opened_to_text",
    "read_message",
]

ENROLMENT = "enrolment"
"""The name of the service beside the registers."""
DEVICE_PURPOSE = "device"

CERTIFICATE_PATH = "/v1/devices:certificate"
BEGIN_PATH = "/v1/enrolments:begin"
CONFIRM_PATH = "/v1/enrolments:confirm"
STATE_PATH = "/v1/enrolments:state"
STATUS_PATH = "/v1/devices:status"
ROTATE_PATH = "/v1/devices:rotate"
SWITCH_PATH = "/v1/devices:switch"
WIPED_PATH = "/v1/devices:wiped"

NEW_KEYS_KIND = "motcua-new-keys+jwt"
"""The type of the statement by which a new key speaks for itself."""

_OPENED_BYTES = 32

Words = Annotated[str, Field(min_length=1, max_length=100)]
KeyText = Annotated[str, Field(min_length=60, max_length=200)]
KeyId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
Opened = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
Sealed = Annotated[str, Field(max_length=4_096)]
CertificateText = Annotated[str, Field(min_length=100, max_length=12_000)]
Statement = Annotated[str, Field(max_length=4_096)]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class BeginRequest(_Message):
    """Ask to be enrolled with two keys; the request's signature proves the first of them.

    ``attestation`` is what a token says of itself, in base64, for a register that knows how to judge it.
    """

    signing: KeyText
    opening: KeyText
    office: Words
    counter: Words
    software: Words
    attestation: Annotated[str, Field(max_length=8_192)] = ""


class BeginReply(_Message):
    """Number the enrolment, and seal to the second key what only its holder can say."""

    device: Name
    challenge: Sealed


class ConfirmRequest(_Message):
    """Prove the second key by what was sealed to it."""

    device: Name
    opened: Opened


class DeviceQuestion(_Message):
    """Ask how a device stands, or for its status list."""

    device: Name


class EnrolmentReply(_Message):
    """Say where the enrolment stands; ``index`` is the device's place in status lists."""

    device: Name
    state: Annotated[DeviceState, Field(strict=False)]
    index: Annotated[int, Field(ge=0, le=1 << 24)]


class StatusReply(_Message):
    """Hand out the status list, and the order to wipe where there is one; both are signed statements."""

    device: Name
    status_list: Annotated[str, Field(max_length=262_144)]
    wipe_order: Statement = ""


class RotateRequest(_Message):
    """Announce new keys, signed by the old key as a request and by the new one as a statement."""

    device: Name
    signing: KeyText
    opening: KeyText
    statement: Statement


class RotateReply(_Message):
    """Seal a challenge to the new opening key."""

    device: Name
    challenge: Sealed


class SwitchRequest(_Message):
    """Prove the new opening key, in a request that the new signing key signs: from now on it counts."""

    device: Name
    opened: Opened


class SwitchReply(_Message):
    """Say which key counts, and until when the one before is taken too."""

    device: Name
    signing: KeyId
    previous_until: Moment


class CertificateReply(_Message):
    """Hand out the certificate of the key that signed the request, and those of the authorities above it.

    Both are base64 of DER; the nearest authority comes first.
    """

    device: Name
    certificate: CertificateText
    issuers: Annotated[tuple[CertificateText, ...], Field(min_length=1, max_length=4, strict=False)]


class WipedRequest(_Message):
    """Hand over the device's last word, signed before its key was destroyed."""

    device: Name
    acknowledgement: Statement


class WipedReply(_Message):
    """Say that the last word was heard."""

    device: Name


class NewKeysClaims(Claims):
    """Say which keys take the place of which; signed by the new signing key."""

    device: Name
    old: KeyId
    signing: KeyId
    opening: KeyId
    iat: Moment


M = TypeVar("M", bound=BaseModel)


def read_message(model: type[M], body: bytes) -> M:
    """Return a message of the other side; raise DataError for anything else."""
    try:
        return model.model_validate_json(body)
    except (ValidationError, ValueError):
        raise DataError(f"no {model.__name__}") from None


def key_to_text(key: DeviceKey) -> str:
    """Write a public key as base64 of its DER SubjectPublicKeyInfo."""
    return base64.b64encode(key.to_der()).decode("ascii")


def key_from_text(text: str) -> DeviceKey:
    """Read a public key; raise DataError for anything but a P-256 key."""
    try:
        return DeviceKey.from_der(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        raise DataError("device key: no base64") from None


def opened_to_text(opened: bytes) -> str:
    """Write what was sealed to the device; raise DataError for something of another length."""
    if len(opened) != _OPENED_BYTES:
        raise DataError("a challenge of another length")
    return to_text(opened)


def opened_from_text(text: str) -> bytes:
    """Read what a device opened; raise DataError for something malformed."""
    return from_text(text)
