"""An RSA key for message recovery: (modulus, public exponent, private exponent)."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa


@pytest.fixture(scope="session")
def rsa_1024() -> tuple[int, int, int]:
    numbers = rsa.generate_private_key(public_exponent=65537, key_size=1024).private_numbers()  # noqa: S505 - the size of appendix F
    return numbers.public_numbers.n, numbers.public_numbers.e, numbers.d
