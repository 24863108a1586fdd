"""The signature of a slip: PAdES baseline B-B (ETSI EN 319 142-1) with the device's key, where that key is.

pyHanko writes the file and the CMS around the signature; the signature itself is made by whatever holds the key, a
token or this process. What is signed is DER that begins with a SET, so it is never one of the texts that the same key
signs for registers. The library is imported by nobody but this room.
"""

from __future__ import annotations

from io import BytesIO

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from auth.device.certificate import DeviceCertificate
from auth.wire.endpoint import Signer
from reader.errors import MotCuaError

__all__ = ["SIGNATURE_FIELD", "SlipNotSigned", "sign_pdf"]

SIGNATURE_FIELD = "Signature"
_COORDINATE = 32
# A signature as DER is at most two integers of 33 bytes with their heads, within one more head.
_LONGEST_SIGNATURE = 72


class SlipNotSigned(MotCuaError):
    """Say that a slip could not be signed; nothing of it was handed out."""

    code = "slip-not-signed"


def sign_pdf(pdf: bytes, signer: Signer, certificate: DeviceCertificate) -> bytes:
    """Return ``pdf`` signed; raise SlipNotSigned, or the DeviceError of a key that cannot be used now."""
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=True)
        done = signers.sign_pdf(
            writer,
            signers.PdfSignatureMetadata(
                field_name=SIGNATURE_FIELD,
                md_algorithm="sha256",
                subfilter=fields.SigSeedSubFilter.PADES,
                name=certificate.device_id,
            ),
            signer=_DeviceSigner(signer, certificate),
        )
    except (PdfError, SigningError) as error:
        raise SlipNotSigned(type(error).__name__) from None
    signed = done.getvalue()
    if not isinstance(signed, bytes) or not signed.startswith(pdf):
        raise SlipNotSigned("the page was changed")
    return signed


class _DeviceSigner(signers.Signer):
    """Hand what is to be signed to the device's key."""

    def __init__(self, signer: Signer, certificate: DeviceCertificate) -> None:
        (own,) = load_certs_from_pemder_data(certificate.der)
        above = [loaded for issuer in certificate.issuers for loaded in load_certs_from_pemder_data(issuer)]
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # its constructor says nothing of types
        store.register_multiple(above)
        super().__init__(signing_cert=own, cert_registry=store, embed_roots=False)
        self._device = signer

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Return the ECDSA signature as DER (RFC 3279 §2.2.3); of a dry run only its length counts."""
        if digest_algorithm != "sha256":
            raise SlipNotSigned("another digest than a device signs")
        if dry_run:
            return bytes(_LONGEST_SIGNATURE)
        signature = self._device.sign(data)
        r, s = int.from_bytes(signature[:_COORDINATE], "big"), int.from_bytes(signature[_COORDINATE:], "big")
        return encode_dss_signature(r, s)
