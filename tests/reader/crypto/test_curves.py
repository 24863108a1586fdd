from __future__ import annotations

import dataclasses
import json
import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastecdsa import curve as fast
from hypothesis import given
from hypothesis import strategies as st

from reader.crypto import (
    CURVES,
    Curve,
    Point,
    add,
    curve_by_name,
    curve_by_oid,
    curve_by_parameter_id,
    decode_point,
    encode_point,
    generator,
    in_cryptography,
    is_on_curve,
    multiply,
    named_curve,
    random_scalar,
    to_cryptography_public_key,
    x_bytes,
)
from reader.errors import DataError

BP256 = curve_by_name("brainpoolP256r1")
every_curve = pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)


def parameters(curve: Curve) -> tuple[int, int, int, int, int, int, int]:
    return curve.p, curve.a, curve.b, curve.gx, curve.gy, curve.n, curve.h


def test_the_standardised_ids_8_to_18_are_all_there() -> None:
    assert [curve.parameter_id for curve in CURVES] == list(range(8, 19))
    assert len({curve.oid for curve in CURVES}) == len(CURVES)


@every_curve
def test_a_curve_is_found_by_id_oid_and_name(curve: Curve) -> None:
    assert curve.parameter_id is not None
    assert curve_by_parameter_id(curve.parameter_id) is curve
    assert curve_by_oid(curve.oid) is curve
    assert curve_by_name(curve.name) is curve


@pytest.mark.parametrize("parameter_id", [-1, 0, 2, 7, 19, 32, 255])
def test_ids_that_are_no_curve_are_refused(parameter_id: int) -> None:
    with pytest.raises(DataError):
        curve_by_parameter_id(parameter_id)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(DataError):
        curve_by_oid("1.3.132.0.10")
    with pytest.raises(DataError):
        curve_by_name("secp256k1")


@every_curve
def test_the_generator_has_the_order(curve: Curve) -> None:
    base = generator(curve)
    assert is_on_curve(curve, base)
    assert multiply(curve, curve.n - 1, base) == Point(base.x, curve.p - base.y)
    for multiple in (0, curve.n, 2 * curve.n):
        with pytest.raises(DataError, match="infinity"):
            multiply(curve, multiple, base)
    with pytest.raises(DataError, match="infinity"):
        add(curve, base, Point(base.x, curve.p - base.y))


@pytest.mark.parametrize(
    ("name", "other"),
    [(curve.name, {"secp": f"P{curve.name[4:7]}"}.get(curve.name[:4], curve.name)) for curve in CURVES],
)
def test_the_table_agrees_with_fastecdsa(name: str, other: str) -> None:
    curve, theirs = curve_by_name(name), getattr(fast, other)
    assert (curve.p, curve.a, curve.b, curve.n) == (theirs.p, theirs.a % theirs.p, theirs.b, theirs.q)
    assert (curve.gx, curve.gy) == (theirs.G.x, theirs.G.y)


@every_curve
def test_a_public_key_agrees_with_cryptography(curve: Curve) -> None:
    if not in_cryptography(curve):
        with pytest.raises(DataError):
            to_cryptography_public_key(curve, generator(curve))
        return
    scalar = random_scalar(curve, secrets.token_bytes)
    point = multiply(curve, scalar, generator(curve))
    key = to_cryptography_public_key(curve, point)
    private = ec.derive_private_key(scalar, key.curve)
    assert private.public_key().public_numbers() == key.public_numbers()
    other = multiply(curve, random_scalar(curve, secrets.token_bytes), generator(curve))
    shared = private.exchange(ec.ECDH(), to_cryptography_public_key(curve, other))
    assert shared == x_bytes(curve, multiply(curve, scalar, other))


@every_curve
def test_arithmetic_is_that_of_a_group(curve: Curve) -> None:
    base = generator(curve)
    j, k = (random_scalar(curve, secrets.token_bytes) for _ in range(2))
    assert add(curve, multiply(curve, j, base), multiply(curve, k, base)) == multiply(curve, j + k, base)
    assert multiply(curve, j, multiply(curve, k, base)) == multiply(curve, j * k, base)
    assert add(curve, base, base) == multiply(curve, 2, base)


@every_curve
def test_points_survive_encoding(curve: Curve) -> None:
    point = multiply(curve, random_scalar(curve, secrets.token_bytes), generator(curve))
    raw = encode_point(curve, point)
    assert len(raw) == 1 + 2 * curve.field_length
    assert decode_point(curve, raw) == point


# AC-14: a point that is not one of the group ends the protocol.
@every_curve
def test_points_in_other_forms_are_refused(curve: Curve) -> None:
    base = generator(curve)
    raw = encode_point(curve, base)
    x = x_bytes(curve, base)
    off_curve = raw[:-1] + bytes((raw[-1] ^ 1,))
    unreduced = b"\x04" + (2 ** (8 * curve.field_length) - 1).to_bytes(curve.field_length, "big") + raw[-len(x) :]
    hybrid = bytes((6 | base.y & 1,)) + raw[1:]
    for wrong in (
        b"",
        b"\x00",
        b"\x02" + x,
        hybrid,
        off_curve,
        unreduced,
        raw[:-1],
        raw + b"\0",
        b"\x04" + bytes(2 * len(x)),
    ):
        with pytest.raises(DataError):
            decode_point(curve, wrong)


@given(st.binary(max_size=80))
def test_random_bytes_are_no_point(raw: bytes) -> None:
    with pytest.raises(DataError):
        decode_point(BP256, raw)


def test_arithmetic_refuses_points_off_the_curve() -> None:
    with pytest.raises(DataError):
        multiply(BP256, 2, Point(1, 1))
    with pytest.raises(DataError):
        add(BP256, generator(BP256), Point(BP256.gx + BP256.p, BP256.gy))
    with pytest.raises(DataError):
        to_cryptography_public_key(BP256, Point(1, 1))


# AC-17 (F3 of the notes): the shared x-coordinate keeps its leading zeros.
@pytest.mark.parametrize("zeros", [1, 2])
def test_x_keeps_leading_zeros(zeros: int) -> None:
    limit = 1 << 8 * (BP256.field_length - zeros)
    x = next(x for x in range(limit - 1, 0, -1) if has_point(BP256, x))
    raw = x_bytes(BP256, Point(x, 0))
    assert raw[:zeros] == bytes(zeros)
    assert len(raw) == 32


def has_point(curve: Curve, x: int) -> bool:
    return pow(x**3 + curve.a * x + curve.b, (curve.p - 1) // 2, curve.p) == 1


# PA-08 in small: explicit parameters count only when all of them are a named curve's.
@every_curve
def test_explicit_parameters_must_all_be_equal(curve: Curve) -> None:
    given_parameters = parameters(curve)
    assert named_curve(*given_parameters) is curve
    for index in range(7):
        changed = list(given_parameters)
        changed[index] += 1
        assert named_curve(*changed) is None


def test_a_generator_chosen_by_an_attacker_is_no_named_curve() -> None:
    other = multiply(BP256, 12345, generator(BP256))
    changed = dataclasses.replace(BP256, gx=other.x, gy=other.y)
    assert named_curve(*parameters(changed)) is None


def test_random_scalars_are_drawn_again_when_out_of_range() -> None:
    draws = iter([bytes(32), b"\xff" * 32, (5).to_bytes(32, "big")])
    assert random_scalar(BP256, lambda count: next(draws)) == 5


def test_a_stuck_random_source_is_noticed() -> None:
    with pytest.raises(ValueError, match="stuck"):
        random_scalar(BP256, bytes)


def test_repr_shows_no_coordinates() -> None:
    assert str(BP256.gx) not in repr(generator(BP256))


class TestWycheproof:
    @staticmethod
    def load(shared: Path, name: str) -> list[dict[str, str]]:
        groups = json.loads((shared / "data" / "wycheproof" / name).read_text())["testGroups"]
        return [test for group in groups for test in group["tests"]]

    def test_ecdh_on_p521_with_plain_points(self, shared: Path) -> None:
        curve = curve_by_name("secp521r1")
        tests = self.load(shared, "ecdh_secp521r1_ecpoint_test.json")
        outcomes = [self.run(curve, test["public"], test) for test in tests]
        assert outcomes.count("agreed") > 100
        assert "refused" in outcomes

    def test_ecdh_on_brainpool_p256(self, shared: Path) -> None:
        # Public keys are SubjectPublicKeyInfos here: behind the usual named-curve header stands the point.
        head = "305a301406072a8648ce3d020106092b2403030208010107034200"
        tests = [t for t in self.load(shared, "ecdh_brainpoolP256r1_test.json") if t["public"].startswith(head)]
        outcomes = [self.run(BP256, test["public"][len(head) :], test) for test in tests]
        assert outcomes.count("agreed") > 100

    @staticmethod
    def run(curve: Curve, public: str, test: dict[str, str]) -> str:
        try:
            point = decode_point(curve, bytes.fromhex(public))
            shared = x_bytes(curve, multiply(curve, int(test["private"], 16), point))
        except DataError:
            # Compressed points are valid there and refused here, as ICAO 9303-11 knows none.
            assert test["result"] != "valid" or "CompressedPoint" in test["flags"], test["tcId"]
            return "refused"
        assert test["result"] in ("valid", "acceptable"), test["tcId"]
        assert shared.hex() == test["shared"], test["tcId"]
        return "agreed"
