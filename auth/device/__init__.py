"""The device: where its two keys live, how a register comes to know it, and what it may still do.

A key that signs and a key that opens live in a PKCS#11 token, or in files sealed by the system's keychain, by a
passphrase, or by a token that cannot open by itself: ``KeyStore`` is the small port before all four. Nothing here ever
turns to a weaker place than it was told. Only the software keys are imported with the package; stores, enrolment and
status come with their own modules.
"""

from auth.device.software import SoftwareSigner
from auth.device_opener import SoftwareOpener

__all__ = ["SoftwareOpener", "SoftwareSigner"]
