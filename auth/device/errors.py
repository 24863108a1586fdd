"""What can go wrong with the device itself, as one branch of the tree in ``reader.errors``.

DeviceError
├─ DeviceKeyUnusable      device-key-unusable       the key is missing, its file damaged, or the token refuses to use it
├─ TokenUnavailable       device-token-unavailable  the token is not there, or was taken out in the middle
├─ PinRefused             device-pin-refused        the token's PIN is wrong
├─ PinLocked              device-pin-locked         the token takes no PIN any more
├─ TokenLockedOut         device-token-locked-out   the token takes no PIN for a while, nor anything that needs one
├─ TokenCannotOpen        device-token-cannot-open  the token has no key agreement, so no key that opens can live there
├─ KeychainUnavailable    device-keychain-unavailable  the system's keychain is locked or absent
├─ KeychainInsecure       device-keychain-insecure  what offers itself as a keychain keeps nothing secret
├─ PassphraseRefused      device-passphrase-refused the passphrase is wrong, too short or not given
├─ SecretFileUnsafe       device-secret-file-unsafe others can read the file with the PIN or passphrase
├─ FormerKeysNeeded       device-former-keys-needed  something is still sealed to keys that a rotation would destroy
├─ EnrolmentFailed        device-enrolment-failed   the register's answer does not fit what was asked
└─ DeviceNotActive        device-not-active
   ├─ DeviceNotEnrolled   device-not-enrolled
   ├─ DevicePending       device-pending
   ├─ DeviceStatusUnknown device-status-unknown     nobody has confirmed the device for too long
   ├─ DeviceSuspended     device-suspended
   ├─ DeviceRevoked       device-revoked
   └─ DeviceWiped         device-wiped
"""

from __future__ import annotations

from reader.errors import MotCuaError

__all__ = [
    "DeviceError",
    "DeviceKeyUnusable",
    "DeviceNotActive",
    "DeviceNotEnrolled",
    "DevicePending",
    "DeviceRevoked",
    "DeviceStatusUnknown",
    "DeviceSuspended",
    "DeviceWiped",
    "EnrolmentFailed",
    "FormerKeysNeeded",
    "KeychainInsecure",
    "KeychainUnavailable",
    "PassphraseRefused",
    "PinLocked",
    "PinRefused",
    "SecretFileUnsafe",
    "TokenCannotOpen",
    "TokenLockedOut",
    "TokenUnavailable",
]


class DeviceError(MotCuaError):
    """Say that the device cannot do what it should; ``why`` is a short stable string without a secret in it."""

    code = "device-trouble"

    def __init__(self, why: str = "") -> None:
        super().__init__(f"{self.code}: {why}" if why else self.code)
        self.why = why


class DeviceKeyUnusable(DeviceError):
    """Say that a key is missing, damaged, or may not be used so."""

    code = "device-key-unusable"


class TokenUnavailable(DeviceError):
    """Say that the token with the key is not there, or was taken out."""

    code = "device-token-unavailable"


class PinRefused(DeviceError):
    """Say that the token refused the PIN; it is not tried again, since a token counts."""

    code = "device-pin-refused"


class PinLocked(DeviceError):
    """Say that the token takes no PIN any more."""

    code = "device-pin-locked"


class TokenLockedOut(DeviceError):
    """Say that the token refuses every PIN for a while, unseen: a TPM in its dictionary-attack mode (TPM 2.0, 19.8)."""

    code = "device-token-locked-out"


class TokenCannotOpen(DeviceError):
    """Say that the token agrees on no secrets (ECDH), so that no key to which something is sealed can live in it."""

    code = "device-token-cannot-open"


class KeychainUnavailable(DeviceError):
    """Say that the system's keychain is locked or absent."""

    code = "device-keychain-unavailable"


class KeychainInsecure(DeviceError):
    """Say that what offers itself as a keychain is none of those that keep a secret; ``why`` is its name."""

    code = "device-keychain-insecure"


class PassphraseRefused(DeviceError):
    """Say that the passphrase is wrong, too short or not given."""

    code = "device-passphrase-refused"


class SecretFileUnsafe(DeviceError):
    """Say that others than its owner can read a file with a PIN or a passphrase, or that it cannot be read."""

    code = "device-secret-file-unsafe"


class FormerKeysNeeded(DeviceError):
    """Say that keys are not rotated: something is, or may be, sealed to the former ones, which would be destroyed."""

    code = "device-former-keys-needed"


class EnrolmentFailed(DeviceError):
    """Say that the register's answer to an enrolment or a rotation does not fit what was asked."""

    code = "device-enrolment-failed"


class DeviceNotActive(DeviceError):
    """Say that the registers do not let this device look anything up."""

    code = "device-not-active"


class DeviceNotEnrolled(DeviceNotActive):
    """Say that the device has never been enrolled."""

    code = "device-not-enrolled"


class DevicePending(DeviceNotActive):
    """Say that the registrar has not approved the device yet."""

    code = "device-pending"


class DeviceStatusUnknown(DeviceNotActive):
    """Say that no status list confirms the device that is young enough to be believed."""

    code = "device-status-unknown"


class DeviceSuspended(DeviceNotActive):
    """Say that the registrar has suspended the device."""

    code = "device-suspended"


class DeviceRevoked(DeviceNotActive):
    """Say that the registrar has revoked the device for good."""

    code = "device-revoked"


class DeviceWiped(DeviceNotActive):
    """Say that the device's keys were destroyed by order."""

    code = "device-wiped"
