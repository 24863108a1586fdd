"""The standardised Diffie-Hellman groups of chip documents: MODP with a subgroup of prime order (RFC 5114 §2).

The arithmetic is Python's ``pow``: cryptography's finite-field DH takes values outside the subgroup and no generator
but its own, and PACE needs both the other way round. PACE only ever takes a group from this table. The static key of
Chip Authentication may lie in another one, written out beside it and signed with it: ``explicit_group`` judges that.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from reader.crypto.randomness import Rng
from reader.errors import DataError

__all__ = [
    "MODP_GROUPS",
    "ModpGroup",
    "decode_public_value",
    "explicit_group",
    "modp_group_by_parameter_id",
    "random_exponent",
]

MAX_DRAWS = 128
MIN_PRIME_BITS, MAX_PRIME_BITS = 1024, 4096
MIN_ORDER_BITS = 160
WITNESSES = 4


@dataclass(frozen=True, slots=True)
class ModpGroup:
    """Hold one group: prime ``p``, generator ``g`` of the subgroup of prime order ``q``.

    ``parameter_id`` is the number of the standardised domain parameters (0..2, ICAO 9303-11 §9.5.1), None for a group
    that was written out. Where such a group does not tell its order, ``q`` is p - 1, a multiple of it.
    """

    name: str
    parameter_id: int | None
    p: int
    g: int
    q: int

    @property
    def field_length(self) -> int:
        """Return the bytes of the prime: the length of a shared secret."""
        return (self.p.bit_length() + 7) // 8

    @property
    def cofactor(self) -> int:
        """Return (p - 1) / q, the exponent that brings any number into the subgroup."""
        return (self.p - 1) // self.q

    def contains(self, value: int) -> bool:
        """Tell whether ``value`` is in the subgroup and is not its neutral element (RFC 2631 §2.1.5)."""
        return 1 < value < self.p - 1 and pow(value, self.q, self.p) == 1

    def __repr__(self) -> str:
        """Show the name; the numbers are in the table."""
        return f"ModpGroup({self.name})"


def _group(name: str, parameter_id: int, *, p: str, g: str, q: str) -> ModpGroup:
    return ModpGroup(name, parameter_id, int(p, 16), int(g, 16), int(q, 16))


MODP_GROUPS: tuple[ModpGroup, ...] = (
    _group(
        "modp-1024-160",
        0,
        p="b10b8f96a080e01dde92de5eae5d54ec52c99fbcfb06a3c69a6a9dca52d23b616073e28675a23d189838ef1e2ee652c0"
        "13ecb4aea906112324975c3cd49b83bfaccbdd7d90c4bd7098488e9c219a73724effd6fae5644738faa31a4ff55bccc0"
        "a151af5f0dc8b4bd45bf37df365c1a65e68cfda76d4da708df1fb2bc2e4a4371",
        g="a4d1cbd5c3fd34126765a442efb99905f8104dd258ac507fd6406cff14266d31266fea1e5c41564b777e690f5504f213"
        "160217b4b01b886a5e91547f9e2749f4d7fbd7d3b9a92ee1909d0d2263f80a76a6a24c087a091f531dbf0a0169b6a28a"
        "d662a4d18e73afa32d779d5918d08bc8858f4dcef97c2a24855e6eeb22b3b2e5",
        q="f518aa8781a8df278aba4e7d64b7cb9d49462353",
    ),
    _group(
        "modp-2048-224",
        1,
        p="ad107e1e9123a9d0d660faa79559c51fa20d64e5683b9fd1b54b1597b61d0a75e6fa141df95a56dbaf9a3c407ba1df15"
        "eb3d688a309c180e1de6b85a1274a0a66d3f8152ad6ac2129037c9edefda4df8d91e8fef55b7394b7ad5b7d0b6c12207"
        "c9f98d11ed34dbf6c6ba0b2c8bbc27be6a00e0a0b9c49708b3bf8a317091883681286130bc8985db1602e714415d9330"
        "278273c7de31efdc7310f7121fd5a07415987d9adc0a486dcdf93acc44328387315d75e198c641a480cd86a1b9e587e8"
        "be60e69cc928b2b9c52172e413042e9b23f10b0e16e79763c9b53dcf4ba80a29e3fb73c16b8e75b97ef363e2ffa31f71"
        "cf9de5384e71b81c0ac4dffe0c10e64f",
        g="ac4032ef4f2d9ae39df30b5c8ffdac506cdebe7b89998caf74866a08cfe4ffe3a6824a4e10b9a6f0dd921f01a70c4afa"
        "ab739d7700c29f52c57db17c620a8652be5e9001a8d66ad7c17669101999024af4d027275ac1348bb8a762d0521bc98a"
        "e247150422ea1ed409939d54da7460cdb5f6c6b250717cbef180eb34118e98d119529a45d6f834566e3025e316a330ef"
        "bb77a86f0c1ab15b051ae3d428c8f8acb70a8137150b8eeb10e183edd19963ddd9e263e4770589ef6aa21e7f5f2ff381"
        "b539cce3409d13cd566afbb48d6c019181e1bcfe94b30269edfe72fe9b6aa4bd7b5a0f1c71cfff4c19c418e1f6ec0179"
        "81bc087f2a7065b384b890d3191f2bfa",
        q="801c0d34c58d93fe997177101f80535a4738cebcbf389a99b36371eb",
    ),
    _group(
        "modp-2048-256",
        2,
        p="87a8e61db4b6663cffbbd19c651959998ceef608660dd0f25d2ceed4435e3b00e00df8f1d61957d4faf7df4561b2aa30"
        "16c3d91134096faa3bf4296d830e9a7c209e0c6497517abd5a8a9d306bcf67ed91f9e6725b4758c022e0b1ef4275bf7b"
        "6c5bfc11d45f9088b941f54eb1e59bb8bc39a0bf12307f5c4fdb70c581b23f76b63acae1caa6b7902d52526735488a0e"
        "f13c6d9a51bfa4ab3ad8347796524d8ef6a167b5a41825d967e144e5140564251ccacb83e6b486f6b3ca3f7971506026"
        "c0b857f689962856ded4010abd0be621c3a3960a54e710c375f26375d7014103a4b54330c198af126116d2276e11715f"
        "693877fad7ef09cadb094ae91e1a1597",
        g="3fb32c9b73134d0b2e77506660edbd484ca7b18f21ef205407f4793a1a0ba12510dbc15077be463fff4fed4aac0bb555"
        "be3a6c1b0c6b47b1bc3773bf7e8c6f62901228f8c28cbb18a55ae31341000a650196f931c77a57f2ddf463e5e9ec144b"
        "777de62aaab8a8628ac376d282d6ed3864e67982428ebc831d14348f6f2f9193b5045af2767164e1dfc967c1fb3f2e55"
        "a4bd1bffe83b9c80d052b985d182ea0adb2a3b7313d3fe14c8484b1e052588b9b7d2bbd2df016199ecd06e1557cd0915"
        "b3353bbb64e0ec377fd028370df92b52c7891428cdc67eb6184b523d1db246c32f63078490f00ef8d647d148d4795451"
        "5e2327cfef98c582664b4c0f6cc41659",
        q="8cf83642a709a097b447997640129da299b1a47d1eb3750ba308b0fe64f5fbd3",
    ),
)


def modp_group_by_parameter_id(parameter_id: int) -> ModpGroup:
    """Return the group of a standardised domain parameter id, 0..2; raise DataError for any other number."""
    for group in MODP_GROUPS:
        if group.parameter_id == parameter_id:
            return group
    raise DataError(f"no standardised group has the id {parameter_id}")


def explicit_group(p: int, g: int, q: int | None) -> ModpGroup:
    """Return the group of these numbers: a standardised one where they are its own, else one of no name.

    PKCS #3 parameters do not tell ``q``. Raise DataError where p is no prime of 1024 to 4096 bits, where g generates
    nothing, or where a ``q`` that is told is no prime order of g of at least 160 bits. What remains, that the order of
    g has only small factors, only the issuer could have arranged, whose signature covers these numbers.
    """
    for group in MODP_GROUPS:
        if (p, g) == (group.p, group.g) and q in (None, group.q):
            return group
    bits = p.bit_length()
    if not (MIN_PRIME_BITS <= bits <= MAX_PRIME_BITS and 1 < g < p - 1 and _is_probable_prime(p)):
        raise DataError("Diffie-Hellman parameters that are no group's")
    if q is None:
        return ModpGroup(f"modp-{bits}-explicit", None, p, g, p - 1)
    fits = MIN_ORDER_BITS <= q.bit_length() < bits and (p - 1) % q == 0 and pow(g, q, p) == 1
    if not (fits and _is_probable_prime(q)):
        raise DataError("Diffie-Hellman parameters whose order is not the generator's")
    return ModpGroup(f"modp-{bits}-{q.bit_length()}-explicit", None, p, g, q)


def _is_probable_prime(number: int) -> bool:
    """Test by Miller-Rabin, the bases taken from a hash of the number, so that none can be made to suit fixed ones."""
    if number % 2 == 0:
        return False
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    for count in range(WITNESSES):
        base = int.from_bytes(hashlib.sha256(bytes((count,)) + raw).digest(), "big") % (number - 3) + 2
        if not _is_witnessed(number, base):
            return False
    return True


def _is_witnessed(number: int, base: int) -> bool:
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    power = pow(base, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


def decode_public_value(group: ModpGroup, raw: bytes) -> int:
    """Decode an unsigned integer and validate it as a public key; raise DataError for anything else.

    Refused are 0, 1, p - 1, p and above, and whatever is outside the subgroup (ICAO 9303-11 §4.4.3.3.1). Shorter than
    the prime is right, since leading zeros are left out (§9.4.1); a chip that sends them all the same is understood.
    """
    if not 0 < len(raw) <= group.field_length:
        raise DataError("public value of a wrong length", len(raw))
    value = int.from_bytes(raw, "big")
    if not group.contains(value):
        raise DataError("public value not in the subgroup")
    return value


def random_exponent(group: ModpGroup, rng: Rng) -> int:
    """Draw a private key, uniform in 1..q-1, by rejection; raise ValueError when ``rng`` gives none in 128 draws."""
    length = (group.q.bit_length() + 7) // 8
    mask = (1 << group.q.bit_length()) - 1
    for _ in range(MAX_DRAWS):
        exponent = int.from_bytes(rng(length), "big") & mask
        if 0 < exponent < group.q:
            return exponent
    raise ValueError("the random source is stuck")
