"""Terminal Authentication without this program's hand in it: an issuer of CV certificates and a chip that reads them.

Both are written from ICAO 9303-11 §7.1 and 9303-12 §7.2 on the primitives of cryptography; of our own code only the TLV
encoding and the table of curves are used.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from reader.crypto import curve_by_name
from reader.iso7816 import CommandAPDU, ResponseAPDU, encode, find, parse_all

__all__ = [
    "CVCA",
    "DOMESTIC",
    "FOREIGN",
    "IS",
    "Holder",
    "TerminalChip",
    "World",
    "certificate",
    "new_key",
    "write_store",
]

CVCA, DOMESTIC, FOREIGN, IS = 0xC0, 0x80, 0x40, 0x00
ID_IS = bytes.fromhex("04007F000703010201")
_HASH = {20: hashes.SHA1, 28: hashes.SHA224, 32: hashes.SHA256, 48: hashes.SHA384, 64: hashes.SHA512}
# Contents octets of id-TA-…: kind of padding and the hash's length.
ALGORITHMS: dict[str, tuple[bytes, str, int]] = {
    "rsa-v1-5-sha1": (bytes.fromhex("04007F00070202020101"), "v1.5", 20),
    "rsa-v1-5-sha256": (bytes.fromhex("04007F00070202020102"), "v1.5", 32),
    "rsa-pss-sha1": (bytes.fromhex("04007F00070202020103"), "pss", 20),
    "rsa-pss-sha256": (bytes.fromhex("04007F00070202020104"), "pss", 32),
    "rsa-v1-5-sha512": (bytes.fromhex("04007F00070202020105"), "v1.5", 64),
    "rsa-pss-sha512": (bytes.fromhex("04007F00070202020106"), "pss", 64),
    "ecdsa-sha1": (bytes.fromhex("04007F00070202020201"), "ecdsa", 20),
    "ecdsa-sha224": (bytes.fromhex("04007F00070202020202"), "ecdsa", 28),
    "ecdsa-sha256": (bytes.fromhex("04007F00070202020203"), "ecdsa", 32),
    "ecdsa-sha384": (bytes.fromhex("04007F00070202020204"), "ecdsa", 48),
    "ecdsa-sha512": (bytes.fromhex("04007F00070202020205"), "ecdsa", 64),
}
_CURVES = {
    "secp224r1": ec.SECP224R1,
    "secp256r1": ec.SECP256R1,
    "secp384r1": ec.SECP384R1,
    "secp521r1": ec.SECP521R1,
    "brainpoolP256r1": ec.BrainpoolP256R1,
    "brainpoolP384r1": ec.BrainpoolP384R1,
    "brainpoolP512r1": ec.BrainpoolP512R1,
}
_RSA_KEYS: dict[int, list[rsa.RSAPrivateKey]] = {}


@dataclass
class Holder:
    """Hold a name, a key and the algorithm it signs by."""

    name: str
    algorithm: str
    private: Any

    @property
    def reference(self) -> bytes:
        return self.name.encode("latin-1")


def new_key(algorithm: str, kind: str | int) -> Any:
    """Make a key: ``kind`` is a curve's name, or the bits of an RSA modulus (two are made of each size and reused)."""
    if isinstance(kind, str):
        return ec.generate_private_key(_CURVES[kind]())
    made = _RSA_KEYS.setdefault(kind, [])
    if len(made) < 3:
        made.append(rsa.generate_private_key(65537, kind))
    return made[secrets.randbelow(len(made))] if len(made) == 3 else made[-1]


def _number(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def public_key(holder: Holder, *, parameters: bool) -> bytes:
    """Encode 7F49; an authority writes its curve out, those below it do not."""
    oid = encode(0x06, ALGORITHMS[holder.algorithm][0])
    numbers = holder.private.public_key().public_numbers()
    if isinstance(holder.private, rsa.RSAPrivateKey):
        return encode(0x7F49, oid + encode(0x81, _number(numbers.n)) + encode(0x82, _number(numbers.e)))
    curve = curve_by_name(holder.private.curve.name)
    size = curve.field_length

    def point(x: int, y: int) -> bytes:
        return b"\x04" + x.to_bytes(size, "big") + y.to_bytes(size, "big")

    written = b""
    if parameters:
        written = encode(0x81, _number(curve.p)) + encode(0x82, _number(curve.a)) + encode(0x83, _number(curve.b))
        written += encode(0x84, point(curve.gx, curve.gy)) + encode(0x85, _number(curve.n))
    cofactor = encode(0x87, b"\x01") if parameters else b""
    return encode(0x7F49, oid + written + encode(0x86, point(numbers.x, numbers.y)) + cofactor)


def sign(holder: Holder, message: bytes) -> bytes:
    _, kind, size = ALGORITHMS[holder.algorithm]
    digest = _HASH[size]()
    if kind == "ecdsa":
        r, s = utils.decode_dss_signature(holder.private.sign(message, ec.ECDSA(digest)))
        length = curve_by_name(holder.private.curve.name).order_length
        return r.to_bytes(length, "big") + s.to_bytes(length, "big")
    pad = padding.PSS(padding.MGF1(digest), size) if kind == "pss" else padding.PKCS1v15()
    return holder.private.sign(message, pad, digest)


def _day(day: date) -> bytes:
    return bytes(int(digit) for digit in day.strftime("%y%m%d"))


def certificate(
    holder: Holder,
    issuer: Holder,
    authorization: int,
    begin: date = date(2026, 1, 1),
    end: date = date(2027, 1, 1),
    *,
    parameters: bool | None = None,
    extensions: bytes = b"",
) -> bytes:
    """Issue a certificate; ``authorization`` is role and rights in one byte."""
    written = authorization & CVCA == CVCA if parameters is None else parameters
    body = encode(
        0x7F4E,
        encode(0x5F29, b"\x00")
        + encode(0x42, issuer.reference)
        + public_key(holder, parameters=written)
        + encode(0x5F20, holder.reference)
        + encode(0x7F4C, encode(0x06, ID_IS) + encode(0x53, bytes((authorization,))))
        + encode(0x5F25, _day(begin))
        + encode(0x5F24, _day(end))
        + extensions,
    )
    return encode(0x7F21, body + encode(0x5F37, sign(issuer, body)))


def write_store(
    folder: Path,
    certificates: dict[str, bytes],
    key: Any,
    passphrase: bytes | None = None,
    mode: int = 0o600,
    name: str = "is",
) -> Path:
    """Write a directory of credentials as ``TerminalCredentials.load`` reads it."""
    folder.mkdir(exist_ok=True)
    for file, raw in certificates.items():
        (folder / f"{file}.cvcert").write_bytes(raw)
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    path = folder / f"{name}.pk8"
    path.write_bytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, encryption))
    path.chmod(mode)
    return folder


@dataclass
class TerminalChip:
    """Be the chip's side: trust points by name, a date that goes forward, one session.

    It stands behind a protected link, so that it sees plain commands. ``short_only`` refuses data that a short command
    does not hold, ``refuse`` maps an instruction and P2 to a status word.
    """

    trusted: dict[bytes, tuple[Holder, int]]
    chip_id: bytes
    terminal_key: bytes
    today: date = date(2026, 2, 1)
    cvca: bytes = b""
    short_only: bool = False
    refuse: dict[tuple[int, int], int] = field(default_factory=dict)
    opened: int = 0
    commands: list[CommandAPDU] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.known: dict[bytes, tuple[Any, bytes, int, int]] = {}
        for name, (holder, rights) in self.trusted.items():
            self.known[name] = (holder.private.public_key(), ALGORITHMS[holder.algorithm][0], CVCA, rights)
        self.selected = b""
        self.challenge = b""
        self.pending = b""
        if not self.cvca:
            rows = b"".join(encode(0x42, name) for name in self.trusted)
            self.cvca = rows.ljust(36, b"\x00")

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.commands.append(command)
        if (command.ins, command.p2) in self.refuse:
            return ResponseAPDU(b"", self.refuse[command.ins, command.p2])
        if self.short_only and len(command.data) > 223:
            return ResponseAPDU(b"", 0x6700)
        data = self.pending + command.data
        if command.cla & 0x10:
            self.pending = data
            return ResponseAPDU(b"", 0x9000)
        self.pending = b""
        if command.ins == 0xA4:
            return ResponseAPDU(b"", 0x9000)
        if command.ins == 0xB0:
            return ResponseAPDU(self.cvca, 0x9000)
        if command.ins == 0x22:
            self.selected = find(data, 0x83)
            return ResponseAPDU(b"", 0x9000 if self.selected in self.known else 0x6A88)
        if command.ins == 0x2A:
            return ResponseAPDU(b"", 0x9000 if self.imported(data) else 0x6300)
        if command.ins == 0x84:
            self.challenge = secrets.token_bytes(8)
            return ResponseAPDU(self.challenge, 0x9000)
        if command.ins == 0x82:
            return ResponseAPDU(b"", 0x9000 if self.accepts(data) else 0x6300)
        return ResponseAPDU(b"", 0x6D00)

    def imported(self, data: bytes) -> bool:
        body, signature = parse_all(data)
        if (body.tag, signature.tag) != (0x7F4E, 0x5F37):
            return False
        key, oid, role, rights = self.known[self.selected]
        if not _verify(key, oid, data[: body.end], signature.value):
            return False
        fields = {tlv.tag: tlv.value for tlv in body.children()}
        if fields[0x42] != self.selected:
            return False
        own = find(fields[0x7F4C], 0x53)[0]
        kind, end = own & 0xC0, _parse_day(fields[0x5F24])
        allowed = {CVCA: (CVCA, DOMESTIC, FOREIGN), DOMESTIC: (IS,), FOREIGN: (IS,), IS: ()}[role]
        if kind not in allowed or (kind != CVCA and end < self.today):
            return False
        self.today = max(self.today, _parse_day(fields[0x5F25]))
        numbers = {tlv.tag: tlv.value for tlv in parse_all(fields[0x7F49])}
        self.known[fields[0x5F20]] = (_import(numbers, key), numbers[0x06], kind, own & rights & 0x3F)
        return True

    def accepts(self, signature: bytes) -> bool:
        key, oid, role, rights = self.known[self.selected]
        signed = _verify(key, oid, self.chip_id + self.challenge + self.terminal_key, signature)
        self.opened = rights if signed and role == IS else 0
        return signed and role == IS


def _import(numbers: dict[int, bytes], issuer: Any) -> Any:
    if 0x86 not in numbers:
        modulus, exponent = (int.from_bytes(numbers[tag], "big") for tag in (0x81, 0x82))
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    if 0x81 in numbers:
        prime = int.from_bytes(numbers[0x81], "big")
        curve = next(made() for name, made in _CURVES.items() if curve_by_name(name).p == prime)
    else:
        curve = issuer.curve
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, numbers[0x86])


def _verify(key: Any, oid: bytes, message: bytes, signature: bytes) -> bool:
    _, kind, size = next(row for row in ALGORITHMS.values() if row[0] == oid)
    digest = _HASH[size]()
    try:
        if kind == "ecdsa":
            half = len(signature) // 2
            r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
            key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(digest))
        else:
            pad = padding.PSS(padding.MGF1(digest), size) if kind == "pss" else padding.PKCS1v15()
            key.verify(signature, message, pad, digest)
    except InvalidSignature:
        return False
    return True


def _parse_day(raw: bytes) -> date:
    year, month, day = (10 * raw[place] + raw[place + 1] for place in (0, 2, 4))
    return date(2000 + year, month, day)


def compressed(point: bytes) -> bytes:
    """Return Comp(PK) of a point: its x-coordinate (§7.1.4.2.3)."""
    return point[1 : 1 + len(point) // 2]


def compressed_value(value: bytes) -> bytes:
    """Return Comp(PK) of a Diffie-Hellman value: its SHA-1 (§7.1.4.1.3)."""
    return hashlib.sha1(value, usedforsecurity=False).digest()


class World:
    """A State's authority with a link to its next key, a verifier and an inspection system, for a directory."""

    ALL = 0x03

    def __init__(self, folder: Path, algorithm: str = "ecdsa-sha256", kind: str | int = "brainpoolP256r1") -> None:
        self.folder = folder

        def holder(name: str) -> Holder:
            return Holder(name, algorithm, new_key(algorithm, kind))

        self.old, self.new = holder("XXCVCA00001"), holder("XXCVCA00002")
        self.verifier, self.system = holder("XXDV00XX001"), holder("XXIS00XX001")
        self.files = {
            "cvca": certificate(self.old, self.old, CVCA | self.ALL),
            "link": certificate(self.new, self.old, CVCA | self.ALL),
            "dv": certificate(self.verifier, self.new, DOMESTIC | self.ALL),
            "is": certificate(self.system, self.verifier, IS | self.ALL),
        }

    def write(self) -> Path:
        return write_store(self.folder, self.files, self.system.private)

    def chip(self, *, knows: str = "old", **changes: Any) -> TerminalChip:
        holder = self.old if knows == "old" else self.new
        return TerminalChip({holder.reference: (holder, self.ALL)}, **changes)
