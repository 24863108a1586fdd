"""Card verifiable certificates, judged by a chip's software that nobody here wrote (libeac3)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mock_cards.issuing.certificates import KeyAlgorithm
from mock_cards.issuing.cv_pki import CV_DEFECTS, CvPki, CvPkiOrder, make_cv_pki
from reader.crypto import CURVES, Point, encode_point
from reader.iso7816 import find, parse

AT = date(2026, 6, 1)
ORDER = CvPkiOrder("test", AT)
# libeac keeps the real clock and reads certificate dates by it.
TODAY = CvPkiOrder("today")


@pytest.fixture
def chip(libeac: ModuleType, project_root: Path, tmp_path: Path) -> Any:
    peer = libeac.LibEac(project_root)

    def take(pki: CvPki, chain: tuple[bytes, ...]) -> list[bool]:
        (tmp_path / pki.holders["cvca.cvcert"].reference).write_bytes(pki["cvca.cvcert"])
        return list(peer.takes_certificates(tmp_path, chain))

    return take


@pytest.mark.peer
@pytest.mark.parametrize("name", [*(curve.name for curve in CURVES), "rsa-2048", "rsa-pss-2048"])
def test_a_chip_takes_the_chain_and_the_one_over_the_link(name: str, chip: Any) -> None:
    seed = None if name.startswith("rsa") else "today"
    made = make_cv_pki(CvPkiOrder(seed, key=KeyAlgorithm.of(name)))
    assert chip(made, made.chain) == [True, True]
    assert chip(made, made.new_chain) == [True, True, True]


REFUSED = {
    "is-expired": [True, False],
    "is-not-yet-valid": [True, False],
    "is-signature-broken": [True, False],
    "is-wrong-authority": [True, False],
    "is-dates-in-other-order": [True, False],
    "dv-expired": [False, False],
    "dv-signature-broken": [False, False],
}


@pytest.mark.peer
@pytest.mark.parametrize("name", REFUSED)
def test_a_chip_refuses_what_is_spoilt(name: str, chip: Any, capfd: pytest.CaptureFixture[str]) -> None:
    made = make_cv_pki(CvPkiOrder("today", defects=(name,)))
    assert chip(made, made.chain) == REFUSED[name]
    capfd.readouterr()


@pytest.mark.peer
def test_a_chip_refuses_a_broken_link_and_what_hangs_on_it(chip: Any, capfd: pytest.CaptureFixture[str]) -> None:
    made = make_cv_pki(CvPkiOrder("today", defects=("cvca-link-signature-broken",)))
    assert chip(made, made.new_chain) == [False, False, False]
    capfd.readouterr()


@pytest.mark.peer
def test_a_chip_refuses_a_chain_under_another_trust_point(chip: Any, capfd: pytest.CaptureFixture[str]) -> None:
    assert chip(make_cv_pki(TODAY), make_cv_pki(CvPkiOrder("stranger")).chain) == [False, False]
    capfd.readouterr()


def test_the_body_has_its_fields_in_the_order_of_the_profile() -> None:
    """TR-03110-3 §C.1, table: profile, authority, key, holder, authorisation, effective, expiry."""
    made = make_cv_pki(ORDER)
    body = parse(find(made["is.cvcert"], 0x7F21)).children()
    assert [one.tag for one in body] == [0x5F29, 0x42, 0x7F49, 0x5F20, 0x7F4C, 0x5F25, 0x5F24]
    assert body[5].value == bytes((2, 6, 0, 5, 3, 1))
    assert body[6].value == bytes((2, 6, 0, 7, 0, 1))
    assert find(made["is.cvcert"], 0x7F21, 0x7F4E, 0x7F4C, 0x06).hex() == "04007f000703010201"
    assert find(made["dv.cvcert"], 0x7F21, 0x7F4E, 0x7F4C, 0x53) == b"\x83"


def test_domain_parameters_stand_in_a_cvca_only_and_the_link_carries_the_new_key() -> None:
    made = make_cv_pki(ORDER)
    keys = {name: find(made[name], 0x7F21, 0x7F4E, 0x7F49) for name in made.holders}
    tags = {
        name: [one.tag for one in parse(b"\x30\x82" + len(key).to_bytes(2, "big") + key).children()]
        for name, key in keys.items()
    }
    assert tags["cvca.cvcert"] == [0x06, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87]
    assert tags["is.cvcert"] == tags["dv.cvcert"] == [0x06, 0x86]
    assert keys["cvca-link.cvcert"] == keys["cvca-new.cvcert"] != keys["cvca.cvcert"]
    terminal = made.terminal.key
    point = encode_point(terminal.curve, Point(terminal.point.x, terminal.point.y))
    assert keys["is.cvcert"].endswith(point)


def test_references_say_test() -> None:
    assert all(holder.reference.startswith("VNTEST") for holder in make_cv_pki(ORDER).holders.values())


@pytest.mark.parametrize("defect", CV_DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_spoils_its_certificate_and_no_other(defect: Any) -> None:
    sound, spoilt = make_cv_pki(ORDER), make_cv_pki(CvPkiOrder("test", AT, defects=(defect.name,)))
    assert {name for name in sound.holders if sound[name] != spoilt[name]} == {defect.file}
    assert spoilt.defects[defect.file] == (defect.name,)


def test_what_cannot_be_had_is_refused() -> None:
    with pytest.raises(KeyError, match="no-such"):
        make_cv_pki(CvPkiOrder("test", AT, defects=("no-such",)))
    with pytest.raises(ValueError, match="sha384"):
        make_cv_pki(CvPkiOrder("test", AT, KeyAlgorithm.of("rsa-2048", "sha384")))
    late = make_cv_pki(CvPkiOrder("test", AT + timedelta(days=1)))
    assert late["is.cvcert"] != make_cv_pki(ORDER)["is.cvcert"]
