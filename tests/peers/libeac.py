"""A PACE party and an inspection system that nobody here wrote: OpenPACE's libeac3 through ctypes.

The library comes from Debian and lies unpacked under ``build/peers``. As tests cannot import one another,
``tests/conftest.py`` loads this file by its path and hands it out as the fixture ``libeac``.

A card calls ``encrypted_nonce``, a terminal ``decrypt_nonce``; from then on both do the same: ``mapping_data``,
``map_generator``, ``ephemeral_key``, ``agree``, ``token``, ``verify_token``, ``start_messaging``. All values are the
bare bytes inside the data objects 80..86. After ``start_messaging`` the counter is zero; each message, in either
direction, begins with ``increment``.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from mock_cards.der import oid_value
from reader.iso7816 import CardLink, CommandAPDU, ResponseAPDU, encode, find, parse_all

__all__ = [
    "CAN",
    "MRZ",
    "InspectionSystem",
    "LibEac",
    "PaceParty",
    "PeerFailure",
    "PeerTerminal",
    "patiently",
    "secure",
]

LAST_MODP_GROUP = 2

MRZ = 1
CAN = 2
PIN = 3
PUK = 4
RAW = 5

_CHANNEL_OF_PACE, _CHANNEL_OF_CA = 0, 1
_LIBRARY = Path("build/peers/usr/lib/x86_64-linux-gnu/libeac.so.3")
_CIPHERS = {1: "3DES_CBC_CBC", 2: "AES_CBC_CMAC_128", 3: "AES_CBC_CMAC_192", 4: "AES_CBC_CMAC_256"}
_MAPPINGS = {1: "DH_GM", 2: "ECDH_GM", 3: "DH_IM", 4: "ECDH_IM"}


class PeerFailure(Exception):
    """Say that libeac refused a step."""


class _BufMem(ctypes.Structure):
    """OpenSSL's BUF_MEM (openssl/buffer.h)."""

    _fields_ = (
        ("length", ctypes.c_size_t),
        ("data", ctypes.c_void_p),
        ("max", ctypes.c_size_t),
        ("flags", ctypes.c_ulong),
    )


_Buffer = ctypes.POINTER(_BufMem)
_Context = ctypes.c_void_p
_SIGNATURES = {
    "EAC_init": (None, ()),
    "EAC_CTX_new": (_Context, ()),
    "EAC_CTX_clear_free": (None, (_Context,)),
    "EAC_CTX_init_pace": (ctypes.c_int, (_Context, ctypes.c_int, ctypes.c_int)),
    "EAC_CTX_init_ta": (ctypes.c_int, (_Context, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)),
    "EAC_set_cvc_default_dir": (None, (ctypes.c_char_p,)),
    "TA_STEP2_import_certificate": (ctypes.c_int, (_Context, ctypes.c_char_p, ctypes.c_size_t)),
    "EAC_CTX_set_encryption_ctx": (ctypes.c_int, (_Context, ctypes.c_int)),
    "PACE_SEC_new": (ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)),
    "PACE_SEC_clear_free": (None, (ctypes.c_void_p,)),
    "PACE_STEP1_enc_nonce": (_Buffer, (_Context, ctypes.c_void_p)),
    "PACE_STEP2_dec_nonce": (ctypes.c_int, (_Context, ctypes.c_void_p, _Buffer)),
    "PACE_STEP3A_generate_mapping_data": (_Buffer, (_Context,)),
    "PACE_STEP3A_map_generator": (ctypes.c_int, (_Context, _Buffer)),
    "PACE_STEP3B_generate_ephemeral_key": (_Buffer, (_Context,)),
    "PACE_STEP3B_compute_shared_secret": (ctypes.c_int, (_Context, _Buffer)),
    "PACE_STEP3C_derive_keys": (ctypes.c_int, (_Context,)),
    "PACE_STEP3D_compute_authentication_token": (_Buffer, (_Context, _Buffer)),
    "PACE_STEP3D_verify_authentication_token": (ctypes.c_int, (_Context, _Buffer)),
    "EAC_CTX_init_ca": (
        ctypes.c_int,
        (_Context, ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t),
    ),
    "CA_STEP2_get_eph_pubkey": (_Buffer, (_Context,)),
    "CA_STEP4_compute_shared_secret": (ctypes.c_int, (_Context, _Buffer)),
    "CA_STEP6_derive_keys": (ctypes.c_int, (_Context, _Buffer, _Buffer)),
    "TA_STEP3_generate_ephemeral_key": (_Buffer, (_Context,)),
    "TA_STEP4_set_nonce": (ctypes.c_int, (_Context, _Buffer)),
    "TA_STEP5_sign": (_Buffer, (_Context, _Buffer, _Buffer, _Buffer)),
    "EAC_increment_ssc": (ctypes.c_int, (_Context,)),
    "EAC_reset_ssc": (ctypes.c_int, (_Context,)),
    "EAC_add_iso_pad": (_Buffer, (_Context, _Buffer)),
    "EAC_encrypt": (_Buffer, (_Context, _Buffer)),
    "EAC_decrypt": (_Buffer, (_Context, _Buffer)),
    "EAC_authenticate": (_Buffer, (_Context, _Buffer)),
    "EAC_verify_authentication": (ctypes.c_int, (_Context, _Buffer, _Buffer)),
    "BUF_MEM_create_init": (_Buffer, (ctypes.c_char_p, ctypes.c_size_t)),
    "BUF_MEM_clear_free": (None, (_Buffer,)),
}


class LibEac:
    """Hold the loaded library."""

    def __init__(self, root: Path) -> None:
        self._dll = ctypes.CDLL(str(root / _LIBRARY))
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(self._dll, name)
            function.restype = result
            function.argtypes = arguments
        self._dll.EAC_init()

    @staticmethod
    def is_here(root: Path) -> bool:
        """Tell whether the library was unpacked under the checkout ``root``."""
        return (root / _LIBRARY).exists()

    def takes_certificates(self, trust_points: Path, chain: tuple[bytes, ...]) -> list[bool]:
        """Be a chip that gets a terminal's certificates one after the other; tell of each whether it was taken.

        ``trust_points`` is a folder of CVCA certificates, each in a file of the name of its holder reference.
        """
        self._dll.EAC_set_cvc_default_dir(str(trust_points).encode())
        context = self._dll.EAC_CTX_new()
        try:
            # Its answer is 0, since a chip has neither key nor certificate to bring; the context is ready all the same.
            self._dll.EAC_CTX_init_ta(context, None, 0, None, 0)
            return [self._dll.TA_STEP2_import_certificate(context, one, len(one)) == 1 for one in chain]
        finally:
            self._dll.EAC_CTX_clear_free(context)

    def pace(self, oid: str, parameter_id: int, kind: int, secret: str) -> PaceParty:
        """Begin PACE for a dotted protocol OID, a standardised parameter id and a password.

        ``secret`` is the CAN, or for ``MRZ`` the whole MRZ without line ends, 88 or 90 letters.
        """
        *_, mapping, cipher = (int(arc) for arc in oid.split("."))
        name = f"NID_id_PACE_{_MAPPINGS[mapping]}_{_CIPHERS[cipher]}"
        protocol = ctypes.c_int.in_dll(self._dll, name).value
        return PaceParty(self._dll, protocol, parameter_id, kind, secret.encode("latin-1"))

    def inspection_system(self, oid: str, parameter_id: int) -> InspectionSystem:
        """Begin Chip Authentication for a dotted protocol OID, the chip's key on standardised parameters."""
        *_, agreement, cipher = (int(arc) for arc in oid.split("."))
        name = f"NID_id_CA_{'DH' if agreement == 1 else 'ECDH'}_{_CIPHERS[cipher]}"
        return InspectionSystem(self._dll, ctypes.c_int.in_dll(self._dll, name).value, parameter_id)


class _Party:
    """Hold a context of libeac, and speak secure messaging once it has keys; a context manager."""

    def __init__(self, dll: ctypes.CDLL) -> None:
        self._dll = dll
        self._context = dll.EAC_CTX_new()
        if not self._context:
            raise PeerFailure("no context")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dll.EAC_CTX_clear_free(self._context)

    def _begin_messaging(self, channel: int) -> None:
        self._check("channel", self._dll.EAC_CTX_set_encryption_ctx(self._context, channel))
        self._check("counter", self._dll.EAC_reset_ssc(self._context))

    def increment(self) -> None:
        """Count one message up."""
        self._check("counter", self._dll.EAC_increment_ssc(self._context))

    def pad(self, data: bytes) -> bytes:
        """Pad to whole cipher blocks."""
        with _Given(self._dll, data) as given:
            return self._take("pad", self._dll.EAC_add_iso_pad(self._context, given))

    def encrypt(self, padded: bytes) -> bytes:
        """Encrypt padded data under the current counter."""
        with _Given(self._dll, padded) as given:
            return self._take("encrypt", self._dll.EAC_encrypt(self._context, given))

    def decrypt(self, encrypted: bytes) -> bytes:
        """Decrypt under the current counter; padding stays."""
        with _Given(self._dll, encrypted) as given:
            return self._take("decrypt", self._dll.EAC_decrypt(self._context, given))

    def authenticate(self, padded: bytes) -> bytes:
        """Return the 8-byte MAC over counter and padded data."""
        with _Given(self._dll, padded) as given:
            return self._take("authenticate", self._dll.EAC_authenticate(self._context, given))

    def verify(self, padded: bytes, code: bytes) -> bool:
        """Tell whether ``code`` is the MAC over counter and padded data."""
        with _Given(self._dll, padded) as data, _Given(self._dll, code) as given:
            return bool(self._dll.EAC_verify_authentication(self._context, data, given) == 1)

    def _take(self, step: str, buffer: ctypes._Pointer[_BufMem] | None) -> bytes:
        if not buffer:
            raise PeerFailure(step)
        content = buffer.contents
        taken = ctypes.string_at(content.data, content.length)
        self._dll.BUF_MEM_clear_free(buffer)
        return taken

    @staticmethod
    def _check(step: str, result: int) -> None:
        if result != 1:
            raise PeerFailure(step)


class PaceParty(_Party):
    """Be one side of one PACE run and of the secure messaging after it."""

    def __init__(self, dll: ctypes.CDLL, protocol: int, parameter_id: int, kind: int, secret: bytes) -> None:
        super().__init__(dll)
        self._secret = dll.PACE_SEC_new(secret, len(secret), kind)
        if not self._secret:
            raise PeerFailure("no such password")
        self._check("initialise", dll.EAC_CTX_init_pace(self._context, protocol, parameter_id))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dll.PACE_SEC_clear_free(self._secret)
        super().__exit__(kind, error, trace)

    def encrypted_nonce(self) -> bytes:
        """Card: make and encrypt the nonce."""
        return self._take("nonce", self._dll.PACE_STEP1_enc_nonce(self._context, self._secret))

    def decrypt_nonce(self, encrypted: bytes) -> None:
        """Terminal: take the card's nonce."""
        with _Given(self._dll, encrypted) as given:
            self._check("nonce", self._dll.PACE_STEP2_dec_nonce(self._context, self._secret, given))

    def mapping_data(self) -> bytes:
        """Return the mapping key (generic mapping) of this side."""
        return self._take("mapping data", self._dll.PACE_STEP3A_generate_mapping_data(self._context))

    def map_generator(self, theirs: bytes) -> None:
        """Map the generator with the other side's mapping data."""
        with _Given(self._dll, theirs) as given:
            self._check("map generator", self._dll.PACE_STEP3A_map_generator(self._context, given))

    def ephemeral_key(self) -> bytes:
        """Return this side's ephemeral public key under the mapped generator."""
        return self._take("ephemeral key", self._dll.PACE_STEP3B_generate_ephemeral_key(self._context))

    def agree(self, theirs: bytes) -> None:
        """Agree on the secret with the other side's ephemeral public key and derive the session keys."""
        with _Given(self._dll, theirs) as given:
            self._check("agree", self._dll.PACE_STEP3B_compute_shared_secret(self._context, given))
        self._check("derive keys", self._dll.PACE_STEP3C_derive_keys(self._context))

    def token(self, theirs: bytes) -> bytes:
        """Return this side's authentication token, made over the other side's ephemeral public key."""
        with _Given(self._dll, theirs) as given:
            return self._take("token", self._dll.PACE_STEP3D_compute_authentication_token(self._context, given))

    def verify_token(self, theirs: bytes) -> bool:
        """Tell whether the other side's token is right."""
        with _Given(self._dll, theirs) as given:
            return bool(self._dll.PACE_STEP3D_verify_authentication_token(self._context, given) == 1)

    def start_messaging(self) -> None:
        """Begin secure messaging with the agreed keys and a counter of zero."""
        self._begin_messaging(_CHANNEL_OF_PACE)


class InspectionSystem(_Party):
    """Be the terminal of Chip Authentication version 1, of Terminal Authentication, and of what follows."""

    def __init__(self, dll: ctypes.CDLL, protocol: int, parameter_id: int) -> None:
        super().__init__(dll)
        self._check("initialise", dll.EAC_CTX_init_ca(self._context, protocol, parameter_id, None, 0, None, 0))
        self.compressed = self._take("ephemeral key", dll.TA_STEP3_generate_ephemeral_key(self._context))

    def ephemeral_key(self) -> bytes:
        """Return the terminal's ephemeral public key; ``compressed`` is Comp() of it."""
        return self._take("ephemeral key", self._dll.CA_STEP2_get_eph_pubkey(self._context))

    def agree(self, chip_key: bytes) -> None:
        """Agree with the chip's static public key, and begin messaging under the new keys.

        The library knows version 2, which derives with a nonce and ends with a token. Without a nonce the keys are
        those of version 1; that no token fits is what it then says, and is of no matter.
        """
        with _Given(self._dll, chip_key) as given:
            self._check("agree", self._dll.CA_STEP4_compute_shared_secret(self._context, given))
        with _Given(self._dll, bytes(8)) as token:
            self._dll.CA_STEP6_derive_keys(self._context, None, token)
        self._begin_messaging(_CHANNEL_OF_CA)

    def take_key(self, private_key: bytes, cvca: bytes) -> None:
        """Take the terminal's key (DER) and the CVCA's certificate, which says how the key signs."""
        result = self._dll.EAC_CTX_init_ta(self._context, private_key, len(private_key), cvca, len(cvca))
        self._check("terminal's key", result)

    def sign(self, chip_id: bytes, challenge: bytes) -> bytes:
        """Sign for Terminal Authentication on a curve: ID_IC, r_IC and the compressed ephemeral key.

        The library leaves leading zeros of the x-coordinate out, where the standard has a fixed length (9303-11
        §7.1.4.2.3): they are put back before it signs.
        """
        compressed = self.compressed.rjust(len(self.ephemeral_key()) // 2, b"\x00")
        with _Given(self._dll, challenge) as given:
            self._check("nonce", self._dll.TA_STEP4_set_nonce(self._context, given))
        with _Given(self._dll, compressed) as own, _Given(self._dll, chip_id) as other:
            return self._take("sign", self._dll.TA_STEP5_sign(self._context, own, other, None))


class PeerTerminal:
    """Carry libeac's values to a card and back; every secret and every cipher is libeac's.

    ``parameter_id`` is named to the card where it offers several of one protocol. ``chip_id`` is ID_IC of Terminal
    Authentication: the x-coordinate of the chip's key (ICAO 9303-11 §7.1.2).
    """

    def __init__(self, link: CardLink, party: PaceParty, oid: str, parameter_id: int | None = None) -> None:
        self.link, self.party, self.oid, self.parameter_id = link, party, oid, parameter_id
        self.chip_id = b""

    def open(self, reference: int) -> None:
        """Run PACE with the password of this reference (1 MRZ, 2 CAN, 3 PIN, 4 PUK)."""
        data = encode(0x80, oid_value(self.oid)) + encode(0x83, bytes((reference,)))
        if self.parameter_id is not None:
            data += encode(0x84, bytes((self.parameter_id,)))
        assert self.link.transmit(CommandAPDU(0, 0x22, 0xC1, 0xA4, data)).sw == 0x9000
        self.party.decrypt_nonce(self._step(None, None, 0x80))
        self.party.map_generator(self._step(0x81, self.party.mapping_data(), 0x82))
        theirs = self._step(0x83, self.party.ephemeral_key(), 0x84)
        self.party.agree(theirs)
        self.chip_id = theirs[1 : 1 + len(theirs) // 2]
        token = self._step(0x85, self.party.token(theirs), 0x86, last=True)
        assert self.party.verify_token(token)
        self.party.start_messaging()

    def _step(self, tag: int | None, value: bytes | None, expected: int, *, last: bool = False) -> bytes:
        body = encode(0x7C, encode(tag, value) if tag is not None and value is not None else b"")
        ne = 65536 if len(body) > 255 else 256
        answer = self.link.transmit(CommandAPDU(0 if last else 0x10, 0x86, 0, 0, body, ne))
        assert answer.sw == 0x9000
        return find(answer.data, 0x7C, expected)

    def secure(self, command: CommandAPDU) -> ResponseAPDU:
        """Send a command under secure messaging and return the answer without its protection."""
        return secure(self.link, self.party, command)


def patiently(parameter_id: int, attempt: Callable[[], None]) -> None:
    """Make an attempt, in a MODP group up to three times.

    libeac takes OpenSSL's DH_compute_key, which leaves out the leading zeros of the shared secret: one run in 256 it
    disagrees with everybody who keeps the prime's length (PKCS#3 §7.2, RFC 2631 §2.1.2).
    """
    for last in (parameter_id > LAST_MODP_GROUP, False, True):
        try:
            attempt()
        except AssertionError:
            if last:
                raise
        else:
            return


def secure(link: CardLink, party: _Party, command: CommandAPDU) -> ResponseAPDU:
    """Send a command under the keys of ``party``; every cipher and every checksum is libeac's."""
    party.increment()
    body = b""
    if command.data:
        body += encode(0x87, b"\x01" + party.encrypt(party.pad(command.data)))
    if command.ne:
        body += encode(0x97, bytes((command.ne & 0xFF,)))
    header = bytes((0x0C, command.ins, command.p1, command.p2))
    code = party.authenticate(party.pad(party.pad(header) + body) if body else party.pad(header))
    answer = link.transmit(CommandAPDU(*header, data=body + encode(0x8E, code), ne=256))
    party.increment()
    objects = {tlv.tag: tlv for tlv in parse_all(answer.data)}
    assert {0x99, 0x8E} <= objects.keys(), f"an answer without protection: {answer.sw:04X}"
    signed = answer.data[: objects[0x8E].start]
    assert party.verify(party.pad(signed), objects[0x8E].value)
    data = b""
    if 0x87 in objects:
        data = party.decrypt(objects[0x87].value[1:]).rstrip(b"\x00")[:-1]
    return ResponseAPDU(data, int.from_bytes(objects[0x99].value, "big"))


class _Given:
    """Lend bytes to the library as a BUF_MEM for the length of a call."""

    def __init__(self, dll: ctypes.CDLL, data: bytes) -> None:
        self._dll = dll
        self._buffer = dll.BUF_MEM_create_init(data, len(data))

    def __enter__(self) -> ctypes._Pointer[_BufMem]:
        return self._buffer

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dll.BUF_MEM_clear_free(self._buffer)
