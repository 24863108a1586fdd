"""The card side of BAC, PACE and secure messaging, as small as tests need it, and links that play from a script.

``CardSide`` speaks APDUs; the cryptography of PACE is a ``party`` handed in: ``OwnParty`` here, or one of libeac3 with
the same methods. A test changes single answers through ``fault``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from types import SimpleNamespace

import pytest

from reader.access import Can, MrzKey, Password, SessionKeys, encode_oid
from reader.access.integrated_mapping import chip_nonce_length, pseudo_random
from reader.access.keys import bac_seed, pace_key
from reader.access.pace_group import EllipticGroup, MultiplicativeGroup
from reader.crypto import (
    CipherSuite,
    curve_by_parameter_id,
    decrypt_cbc,
    derive_key,
    encrypt_block,
    encrypt_cbc,
    generator,
    mac,
    modp_group_by_parameter_id,
    multiply,
    pad,
    unpad,
)
from reader.iso7816 import SW, CommandAPDU, ResponseAPDU, encode, find, parse_all
from reader.trust import EcPublicKey

PACE_SUITES = {
    1: CipherSuite.TDES,
    2: CipherSuite.AES_128,
    3: CipherSuite.AES_192,
    4: CipherSuite.AES_256,
}
AID = bytes.fromhex("A0000002471001")
OK = ResponseAPDU(b"", SW.OK)

Fault = Callable[[str, ResponseAPDU], ResponseAPDU]


class ScriptedLink:
    """Answer an exact sequence of commands, each given as (command, answer with status word) in hex."""

    def __init__(self, exchanges: Iterable[tuple[str, str]]) -> None:
        self.exchanges = [(bytes.fromhex(command), bytes.fromhex(answer)) for command, answer in exchanges]

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        expected, answer = self.exchanges.pop(0)
        assert command.to_bytes().hex() == expected.hex()
        return ResponseAPDU.from_bytes(answer)


class OwnMessaging:
    """The chip's half of secure messaging from given keys, with the methods of a libeac party."""

    def __init__(self, keys: SessionKeys) -> None:
        self.suite, self.keys, self.counter = keys.suite, keys, keys.counter

    def increment(self) -> None:
        self.counter += 1

    def block(self) -> bytes:
        return self.counter.to_bytes(self.suite.block_size, "big")

    def iv(self) -> bytes:
        if not self.suite.is_aes:
            return bytes(8)
        return encrypt_block(self.suite, self.keys.enc, self.block())

    def pad(self, data: bytes) -> bytes:
        return pad(data, self.suite.block_size)

    def encrypt(self, padded: bytes) -> bytes:
        return encrypt_cbc(self.suite, self.keys.enc, self.iv(), padded)

    def decrypt(self, encrypted: bytes) -> bytes:
        return decrypt_cbc(self.suite, self.keys.enc, self.iv(), encrypted)

    def authenticate(self, padded: bytes) -> bytes:
        return mac(self.suite, self.keys.mac, self.block() + padded)

    def verify(self, padded: bytes, code: bytes) -> bool:
        return self.authenticate(padded) == code


class OwnParty(OwnMessaging):
    """The chip's half of PACE: any mapping, on a curve or in a MODP group; ``static`` is the key of PACE-CAM."""

    def __init__(
        self, oid: str, parameter_id: int, password: Password, *, scalars: Iterable[int] = (), static: int = 12345
    ) -> None:
        self.oid = oid
        self.mapping = int(oid[-3])
        self.suite = PACE_SUITES[int(oid[-1])]
        if self.mapping in (1, 3):
            self.group = MultiplicativeGroup(modp_group_by_parameter_id(parameter_id))
        else:
            self.curve = curve_by_parameter_id(parameter_id)
            self.group = EllipticGroup(self.curve)
        self.key = pace_key(password, self.suite)
        self.scalars = iter(scalars)
        self.static = static
        self.base = self.group.generator
        self.nonce = secrets.token_bytes(chip_nonce_length(self.suite))

    def scalar(self) -> int:
        return next(self.scalars, 0) or self.group.draw(secrets.token_bytes)

    def encrypted_nonce(self) -> bytes:
        return encrypt_cbc(self.suite, self.key, bytes(self.suite.block_size), self.nonce)

    def mapping_data(self) -> bytes:
        if self.mapping in (3, 4):
            return b""
        self.map_private = self.private = self.scalar()
        return self.group.encode(self.group.scale(self.private, self.base))

    def map_generator(self, theirs: bytes) -> None:
        if self.mapping in (3, 4):
            self.base = self.group.from_field(pseudo_random(self.suite, self.nonce, theirs, self.group.prime))
            return
        shared = self.group.scale(self.private, self.group.decode(theirs))
        scaled = self.group.scale(int.from_bytes(self.nonce, "big"), self.base)
        self.base = self.group.combine(scaled, shared)

    def ephemeral_key(self) -> bytes:
        self.private = self.scalar()
        self.own = self.group.encode(self.group.scale(self.private, self.base))
        return self.own

    def agree(self, theirs: bytes) -> None:
        secret = self.group.secret(self.group.scale(self.private, self.group.decode(theirs)))
        self.shared = secret
        self.keys = SessionKeys(self.suite, derive_key(secret, 1, self.suite), derive_key(secret, 2, self.suite))

    def token(self, theirs: bytes) -> bytes:
        text = encode(0x7F49, encode(0x06, encode_oid(self.oid)) + encode(self.group.key_tag, theirs))
        return mac(self.suite, self.keys.mac, text if self.suite.is_aes else pad(text, 8))

    def verify_token(self, theirs: bytes) -> bool:
        return self.token(self.own) == theirs

    def chip_data(self) -> bytes:
        """Return A_IC with PACE-CAM, else nothing."""
        if self.mapping != 6:
            return b""
        data = pow(self.static, -1, self.curve.n) * self.map_private % self.curve.n
        iv = encrypt_block(self.suite, self.keys.enc, b"\xff" * 16)
        plain = data.to_bytes(self.curve.order_length, "big")
        return encrypt_cbc(self.suite, self.keys.enc, iv, pad(plain, 16))

    def static_key(self) -> EcPublicKey:
        return EcPublicKey(self.curve, multiply(self.curve, self.static, generator(self.curve)))

    def start_messaging(self) -> None:
        self.counter = 0


class CardSide:
    """A chip on a link: EF.CardAccess, PACE with a party, BAC with an MRZ key, secure messaging, a handler inside.

    ``fault`` sees each answer with its step (``card-access``, ``aid``, ``mse``, ``ga1``..``ga4``, ``challenge``,
    ``authenticate``, ``sm``, ``plain``) and may change it. ``inside`` answers what comes through secure messaging.
    """

    def __init__(
        self,
        *,
        card_access: bytes | None = None,
        party: Callable[[bytes, int, int | None], object] | None = None,
        mrz: MrzKey | None = None,
        inside: Callable[[CommandAPDU], ResponseAPDU] | None = None,
        fault: Fault | None = None,
    ) -> None:
        self.card_access = card_access
        self.make_party = party
        self.mrz = mrz
        self.inside = inside or (lambda command: OK)
        self.fault = fault or (lambda step, response: response)
        self.messaging: object | None = None
        self.log: list[str] = []
        self.commands: list[CommandAPDU] = []
        self.templates: list[dict[int, bytes]] = []
        self.selected = False
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1
        self.messaging, self.selected = None, False

    def transmit(self, command: CommandAPDU) -> ResponseAPDU:
        self.commands.append(command)
        if command.cla & 0x0C and self.messaging is not None:
            step, response = "sm", self.protected(command)
        else:
            self.messaging = None
            step, response = self.plain(command)
        self.log.append(step)
        return self.fault(step, response)

    def plain(self, command: CommandAPDU) -> tuple[str, ResponseAPDU]:
        if command.ins == 0xB0 and command.p1 == 0x9C and not self.selected:
            if self.card_access is None:
                return "card-access", ResponseAPDU(b"", SW.FILE_NOT_FOUND)
            return "card-access", ResponseAPDU(self.card_access, SW.OK)
        handlers = {0xA4: self.select, 0x22: self.set_template, 0x86: self.general_authenticate}
        handlers |= {0x84: self.challenge, 0x82: self.authenticate}
        handler = handlers.get(command.ins)
        return handler(command) if handler else ("plain", ResponseAPDU(b"", SW.INS_NOT_SUPPORTED))

    def select(self, command: CommandAPDU) -> tuple[str, ResponseAPDU]:
        if command.p1 == 0x04 and command.data == AID:
            self.selected = True
            return "aid", OK
        if command.p1 == 0x00:
            return "mf", ResponseAPDU(b"", SW.INS_NOT_SUPPORTED)
        return "fid", ResponseAPDU(b"", SW.FILE_NOT_FOUND)

    def set_template(self, command: CommandAPDU) -> tuple[str, ResponseAPDU]:
        template = {tlv.tag: tlv.value for tlv in parse_all(command.data)}
        self.templates.append(template)
        assert self.make_party is not None
        reference = template.get(0x84)
        self.party = self.make_party(template[0x80], template[0x83][0], reference[0] if reference else None)
        self.step = 0
        return "mse", OK

    def general_authenticate(self, command: CommandAPDU) -> tuple[str, ResponseAPDU]:
        self.step += 1
        assert command.cla == (0x00 if self.step == 4 else 0x10)
        sent = list(parse_all(find(command.data, 0x7C)))
        answer = [self.nonce, self.map, self.agree, self.tokens][self.step - 1](sent[0].value if sent else b"")
        return f"ga{self.step}", answer

    @staticmethod
    def dynamic(tag: int, value: bytes) -> ResponseAPDU:
        return ResponseAPDU(encode(0x7C, encode(tag, value)), SW.OK)

    def nonce(self, sent: bytes) -> ResponseAPDU:
        return self.dynamic(0x80, self.party.encrypted_nonce())

    def map(self, sent: bytes) -> ResponseAPDU:
        own = self.party.mapping_data()
        self.party.map_generator(sent)
        return self.dynamic(0x82, own)

    def agree(self, sent: bytes) -> ResponseAPDU:
        own = self.party.ephemeral_key()
        self.party.agree(sent)
        self.their_key = sent
        return self.dynamic(0x84, own)

    def tokens(self, sent: bytes) -> ResponseAPDU:
        own = self.party.token(self.their_key)
        if not self.party.verify_token(sent):
            return ResponseAPDU(b"", SW.WARNING)
        self.party.start_messaging()
        self.messaging = self.party
        proof = getattr(self.party, "chip_data", bytes)()
        extra = encode(0x8A, proof) if proof else b""
        return ResponseAPDU(encode(0x7C, encode(0x86, own) + extra), SW.OK)

    def challenge(self, command: CommandAPDU) -> tuple[str, ResponseAPDU]:
        self.rnd_ic = secrets.token_bytes(8)
        return "challenge", ResponseAPDU(self.rnd_ic, SW.OK)

    def authenticate(self, command: CommandAPDU) -> tuple[str, ResponseAPDU]:
        assert self.mrz is not None
        tdes, seed = CipherSuite.TDES, bac_seed(self.mrz)
        k_enc, k_mac = derive_key(seed, 1, tdes), derive_key(seed, 2, tdes)
        encrypted, code = command.data[:-8], command.data[-8:]
        if mac(tdes, k_mac, pad(encrypted, 8)) != code:
            return "authenticate", ResponseAPDU(b"", SW.WARNING)
        text = decrypt_cbc(tdes, k_enc, bytes(8), encrypted)
        assert text[8:16] == self.rnd_ic
        k_ic = secrets.token_bytes(16)
        answer = encrypt_cbc(tdes, k_enc, bytes(8), self.rnd_ic + text[:8] + k_ic)
        shared = bytes(a ^ b for a, b in zip(k_ic, text[16:], strict=True))
        counter = int.from_bytes(self.rnd_ic[4:] + text[4:8], "big")
        keys = SessionKeys(tdes, derive_key(shared, 1, tdes), derive_key(shared, 2, tdes), counter)
        self.messaging = OwnMessaging(keys)
        return "authenticate", ResponseAPDU(answer + mac(tdes, k_mac, pad(answer, 8)), SW.OK)

    def protected(self, command: CommandAPDU) -> ResponseAPDU:
        sm = self.messaging
        sm.increment()
        objects = list(parse_all(command.data))
        values = {tlv.tag: tlv.value for tlv in objects}
        body = command.data[: objects[-1].start]
        header = sm.pad(command.header)
        text = sm.pad(header + body) if body else header
        if not sm.verify(text, values[0x8E]):
            self.messaging = None
            return ResponseAPDU(b"", SW.SM_OBJECTS_INCORRECT)
        cryptogram = values.get(0x87, b"\x01")[1:] if not command.ins & 1 else values.get(0x85, b"")
        data = unpad(sm.decrypt(cryptogram)) if cryptogram else b""
        le = values.get(0x97, b"")
        ne = (int.from_bytes(le, "big") or 256 ** len(le)) if le else 0
        inner = CommandAPDU(command.cla & 0xF3, command.ins, command.p1, command.p2, data, ne)
        response = self.inside(inner)
        sm.increment()
        return self.wrap(response, command.ins)

    def wrap(self, response: ResponseAPDU, ins: int) -> ResponseAPDU:
        sm = self.messaging
        body = b""
        if response.data:
            cryptogram = sm.encrypt(sm.pad(response.data))
            body = encode(0x85, cryptogram) if ins & 1 else encode(0x87, b"\x01" + cryptogram)
        body += encode(0x99, response.sw.to_bytes(2, "big"))
        return ResponseAPDU(body + encode(0x8E, sm.authenticate(sm.pad(body))), response.sw)


def pace_info(suite: int = 2, parameter_id: int | None = 13, mapping: int = 2, version: int = 2) -> bytes:
    """Encode one PACEInfo."""
    oid = encode(0x06, encode_oid(f"0.4.0.127.0.7.2.2.4.{mapping}.{suite}"))
    identifier = encode(0x02, bytes((parameter_id,))) if parameter_id is not None else b""
    return encode(0x30, oid + encode(0x02, bytes((version,))) + identifier)


def card_access(*infos: bytes) -> bytes:
    """Encode EF.CardAccess."""
    return encode(0x31, b"".join(infos or (pace_info(),)))


CAN = Can("012345")
MRZ = MrzKey("T22000129", "640812", "101031")


def own_party(password: Password = CAN, parameter_id: int = 13) -> Callable[[bytes, int, int | None], OwnParty]:
    """Return what makes the chip's side of PACE for whatever MSE:Set AT asks."""

    def make(oid: bytes, reference: int, named: int | None) -> OwnParty:
        number = parameter_id if named is None else named
        return OwnParty(f"0.4.0.127.0.7.2.2.4.{oid[-2]}.{oid[-1]}", number, password)

    return make


@pytest.fixture(scope="session")
def cards() -> SimpleNamespace:
    """Hand out the parts above, since tests cannot import a conftest."""
    return SimpleNamespace(
        ScriptedLink=ScriptedLink,
        OwnMessaging=OwnMessaging,
        OwnParty=OwnParty,
        CardSide=CardSide,
        pace_info=pace_info,
        card_access=card_access,
        own_party=own_party,
        CAN=CAN,
        MRZ=MRZ,
    )
