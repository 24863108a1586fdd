from __future__ import annotations

import pytest

from reader.crypto import (
    MODP_GROUPS,
    ModpGroup,
    decode_public_value,
    modp_group_by_parameter_id,
    random_exponent,
)
from reader.errors import DataError

every_group = pytest.mark.parametrize("group", MODP_GROUPS, ids=lambda group: group.name)


def is_probable_prime(number: int) -> bool:
    """Miller-Rabin with fixed bases: the numbers are constants of an RFC, not an attacker's."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19):
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


@pytest.mark.parametrize(
    ("group", "sizes"), list(zip(MODP_GROUPS, [(1024, 160), (2048, 224), (2048, 256)], strict=True))
)
def test_the_groups_of_rfc_5114_have_a_generator_of_prime_order(group: ModpGroup, sizes: tuple[int, int]) -> None:
    assert (group.p.bit_length(), group.q.bit_length()) == sizes
    assert is_probable_prime(group.p)
    assert is_probable_prime(group.q)
    assert (group.p - 1) % group.q == 0
    assert group.contains(group.g)
    assert group.cofactor * group.q == group.p - 1


def test_the_ids_0_to_2_are_all_there_and_no_others() -> None:
    assert [modp_group_by_parameter_id(number) for number in range(3)] == list(MODP_GROUPS)
    for number in (-1, 3, 8, 13):
        with pytest.raises(DataError):
            modp_group_by_parameter_id(number)


# AC-14
@every_group
def test_values_that_are_no_public_key_are_refused(group: ModpGroup) -> None:
    outside = next(value for value in range(2, 50) if pow(value, group.q, group.p) != 1)
    small_subgroup = pow(outside, group.q, group.p)
    size = group.field_length
    for value in (0, 1, group.p - 1, group.p, group.p + 1, group.p + group.g, outside, small_subgroup):
        with pytest.raises(DataError):
            decode_public_value(group, value.to_bytes(size + 1, "big").lstrip(b"\0") or b"\0")
    with pytest.raises(DataError):
        decode_public_value(group, b"")
    with pytest.raises(DataError):
        decode_public_value(group, b"\0" + group.g.to_bytes(size, "big"))


# AC-18
@every_group
def test_a_value_is_understood_with_and_without_its_leading_zero(group: ModpGroup) -> None:
    value, exponent = group.g, 1
    while value.bit_length() > 8 * (group.field_length - 1):
        value, exponent = value * group.g % group.p, exponent + 1
    short = value.to_bytes(group.field_length - 1, "big")
    assert decode_public_value(group, short) == value == decode_public_value(group, b"\0" + short)


@every_group
def test_private_keys_lie_below_the_order(group: ModpGroup) -> None:
    size = (group.q.bit_length() + 7) // 8
    draws = iter([bytes(size), group.q.to_bytes(size, "big"), (group.q - 1).to_bytes(size, "big")])
    assert random_exponent(group, lambda count: next(draws)) == group.q - 1
    with pytest.raises(ValueError, match="stuck"):
        random_exponent(group, bytes)
