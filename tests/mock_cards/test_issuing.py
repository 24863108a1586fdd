"""What the test issuer makes, judged by bytes seen on real cards, by the standard, and by openssl."""

from __future__ import annotations

import hashlib
import io
import itertools
import subprocess
from datetime import date
from pathlib import Path

import pytest
from asn1crypto import cms, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from mock_cards.build import CardFactory, default_profile
from mock_cards.chip import profile_by_name
from mock_cards.issuing import IssuedCard, Issuer, signing_time
from mock_cards.issuing.dg13 import make_dg13, make_fields
from mock_cards.issuing.mrz import check_digit, make_mrz, mrz_name, mrz_of
from mock_cards.issuing.portrait import draw_portrait
from mock_cards.keys import seeded_rng
from mock_cards.personas import SAMPLE, CardData, Persona, load_persona, load_sample
from reader.crypto import to_cryptography_public_key
from reader.iso7816 import find, parse

PERSONAS = load_sample()


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer(seeded_rng("issuing"))


@pytest.fixture(scope="module")
def cards(issuer: Issuer) -> dict[str, IssuedCard]:
    return {persona.name: issuer.issue(persona, default_profile(persona)) for persona in PERSONAS}


def each_persona(function):
    return pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)(function)


# --- the people -------------------------------------------------------------------------------------------------


def test_the_sample_is_as_varied_as_it_says() -> None:
    cards = {persona.name: persona.card for persona in PERSONAS}
    assert len(cards) == 5
    assert len(load_persona("nguyen-van-mau").parcels) == 2
    assert any(not card.expiry and len(card.old_number) == 9 for card in cards.values())
    assert any(set("ŏŭč") <= set(card.full_name) and "'" in card.full_name for card in cards.values())
    ages = {name: 2026 - int(card.date_of_birth[:4]) for name, card in cards.items()}
    assert any(ages[name] < 14 and card.generation == 2024 for name, card in cards.items())
    assert any(18 <= ages[name] < 30 and card.portrait == "jpeg2000" for name, card in cards.items())


@each_persona
def test_the_number_tells_century_sex_and_year(persona: Persona) -> None:
    card = persona.card
    century = 0 if card.date_of_birth.startswith("19") else 2
    assert card.personal_number[:3] == "099"
    assert card.personal_number[3] == str(century + (card.sex == "F"))
    assert card.personal_number[4:6] == card.date_of_birth[2:4]


@each_persona
def test_cards_are_valid_for_years_and_the_registers_call_them_valid(persona: Persona) -> None:
    assert persona.population.card_status == "valid"
    assert not persona.card.expiry or date.fromisoformat(persona.card.expiry) > date(2029, 12, 31)


def test_numbers_are_not_used_twice() -> None:
    numbers = [persona.card.personal_number for persona in PERSONAS]
    assert len(set(numbers)) == len(numbers)
    assert len({number[-6:] for number in numbers}) == len(numbers), "each card has a CAN of its own"


# --- MRZ and DG1 --------------------------------------------------------------------------------------------------


def test_the_mrz_is_laid_out_as_the_specimen() -> None:
    mrz = make_mrz("099090000001", "Mẫu Văn Thử", date(1990, 1, 15), "M", date(2030, 1, 15))
    assert mrz.lines == (
        "IDVNM0900000018099090000001<<4",
        "9001158M3001156VNM<<<<<<<<<<<2",
        "MAU<<VAN<THU<<<<<<<<<<<<<<<<<<",
    )
    assert mrz.information == b"090000001890011583001156"


def test_check_digits_are_those_of_the_worked_examples() -> None:
    # ICAO 9303-11 appendix D.2.
    assert [check_digit(field) for field in ("L898902C<", "690806", "940623", "D23145890734")] == ["3", "1", "6", "9"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("H'Mŭt Niê Kčŏr", "HMUT<<NIE<KCOR"),
        ("Đỗ Thị Đường", "DO<<THI<DUONG"),
        ("Nguyễn Hoàng-Yến", "NGUYEN<<HOANG<YEN"),
        ("Mẫu", "MAU"),
    ],
)
def test_names_lose_their_diacritics(name: str, line: str) -> None:
    assert mrz_name(name) == line.ljust(30, "<")


def test_a_card_without_expiry_carries_the_last_day_of_the_century() -> None:
    card = load_persona("pham-thi-mau").card
    assert mrz_of(card).date_of_expiry == "991231"
    assert mrz_of(card).lines[1][8:15] == "9912315"


@each_persona
def test_dg1_holds_three_lines_of_thirty_with_right_digits(persona: Persona, cards: dict[str, IssuedCard]) -> None:
    text = find(cards[persona.name].files["DG1"], 0x61, 0x5F1F).decode("ascii")
    upper, middle, lower = text[:30], text[30:60], text[60:]
    assert len(text) == 90
    assert lower.strip("<")
    assert upper[14] == check_digit(upper[5:14])
    assert upper[29] == check_digit(upper[15:27])
    assert middle[29] == check_digit(upper[5:30] + middle[:7] + middle[8:15] + middle[18:29])


# --- DG13 ---------------------------------------------------------------------------------------------------------


def _specimen(**changes: str) -> CardData:
    return load_persona("nguyen-van-mau").card.model_copy(update=changes)


@pytest.mark.parametrize(
    ("number", "changes", "prefix"),
    [
        (1, {}, "3011020101130C"),
        (2, {"full_name": "x" * 23}, "301C0201020C17"),
        (3, {}, "300F020103130A"),
        (4, {"sex": "M"}, "30080201040C03"),
        (5, {"nationality": "Việt Nam"}, "300F0201050C0A"),
        (6, {"ethnicity": "Kinh"}, "30090201060C04"),
        (7, {"religion": "Không"}, "300B0201070C06"),
        (8, {"place_of_origin": "x" * 33}, "30260201080C21"),
        (9, {"residence": "x" * 56}, "303D0201090C38"),
        (10, {"distinguishing_marks": "x" * 35}, "302802010A0C23"),
        (11, {}, "300F02010B130A"),
        (12, {}, "300F02010C0C0A"),
        (13, {"father": "x" * 23, "mother": "y" * 20}, "303602010D30190C17"),
        (14, {"spouse": ""}, "300302010E"),
        (15, {"old_number": "099123456"}, "300E02010F1309"),
        (16, {}, "30150201101310"),
    ],
)
def test_dg13_fields_begin_with_the_bytes_seen_on_a_real_card(
    number: int, changes: dict[str, str], prefix: str
) -> None:
    field = make_fields(_specimen(**changes))[number - 1]
    assert field.hex().upper().startswith(prefix)
    if number == 14:
        assert len(field) == 5


def test_dg13_parents_are_two_sequences_and_one_unknown_keeps_the_others_place() -> None:
    both = make_fields(_specimen(father="x" * 23, mother="y" * 20))[12]
    assert both[5 + 27 :].hex().upper().startswith("30160C14")
    father_unknown = make_fields(_specimen(father="", mother="y"))[12]
    assert father_unknown.hex().upper() == "300C02010D" + "30020C00" + "30030C0179"
    assert make_fields(_specimen(father="", mother=""))[12].hex().upper() == "300302010D"


def test_dg13_wraps_its_fields_in_ascending_order_and_may_exceed_short_lengths() -> None:
    dg13 = make_dg13(_specimen(residence="Số 1, " + "Thôn rất dài, " * 12))
    fields = parse(find(dg13, 0x6D, 0x30)).children()
    assert [child.children()[0].value[0] for child in fields] == list(range(1, 17))
    assert any(child.header == 3 for child in fields), "a field beyond 127 bytes has a length of two bytes"


def test_dg13_text_is_nfc_and_words_stand_for_no_expiry() -> None:
    fields = make_fields(_specimen(nationality="Việt Nam", expiry=""))
    assert fields[4].endswith("Việt Nam".encode())
    assert fields[11].endswith("Không thời hạn".encode())


# --- portrait and DG2 ---------------------------------------------------------------------------------------------


@each_persona
def test_portraits_decode_in_the_format_asked_for_and_are_of_a_real_size(persona: Persona) -> None:
    portrait = draw_portrait(persona.card)
    assert portrait == draw_portrait(persona.card), "the same face on every run"
    assert 12_000 <= len(portrait.image) <= 20_000
    picture = Image.open(io.BytesIO(portrait.image))
    assert picture.format == {"jpeg": "JPEG", "jpeg2000": "JPEG2000"}[persona.card.portrait]
    assert picture.size == (portrait.width, portrait.height)
    assert len(set(picture.convert("L").tobytes())) > 100, "something is drawn"


def test_every_person_has_a_face_of_their_own() -> None:
    faces = {draw_portrait(persona.card).image for persona in PERSONAS}
    faces |= {draw_portrait(persona.card, variant=1).image for persona in PERSONAS}
    assert len(faces) == 2 * len(PERSONAS)


def test_faces_can_be_told_apart_at_a_glance() -> None:
    """Small and grey, as one sees them beside each other, any two people differ in a good part of the picture."""
    people = [load_persona(name).card for name in ("y-krong", "dang-thi-mat", "vu-dinh-gia", *SAMPLE)]
    small = [
        Image.open(io.BytesIO(draw_portrait(card).image)).convert("L").resize((30, 40)).tobytes() for card in people
    ]
    for one, other in itertools.combinations(small, 2):
        changed = sum(abs(a - b) > 24 for a, b in zip(one, other, strict=True))
        assert changed > 0.04 * len(one)


@each_persona
def test_dg2_nests_the_templates_and_its_lengths_add_up(persona: Persona, cards: dict[str, IssuedCard]) -> None:
    template = find(cards[persona.name].files["DG2"], 0x75, 0x7F61, 0x7F60)
    record = find(template, 0x5F2E)
    assert record[:8] == b"FAC\x00010\x00"
    assert int.from_bytes(record[8:12], "big") == len(record)
    assert int.from_bytes(record[14:18], "big") == len(record) - 14
    image = record[46:]
    assert image.startswith(b"\xff\xd8" if persona.card.portrait == "jpeg" else b"\x00\x00\x00\x0cjP")
    assert record[35] == (0 if persona.card.portrait == "jpeg" else 1)


# --- certificates and SOD -----------------------------------------------------------------------------------------


def _openssl(*arguments: str, stdin: bytes) -> str:
    done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True)
    return (done.stdout + done.stderr).decode(errors="replace")


def test_openssl_shows_the_csca_with_explicit_parameters_and_a_name_that_says_test(issuer: Issuer) -> None:
    text = _openssl("x509", "-inform", "DER", "-noout", "-text", stdin=issuer.country.certificate)
    assert "Field Type: prime-field" in text
    assert "Cofactor:  1" in text
    assert 'CN = "TEST CSCA' in text
    assert "CA:TRUE, pathlen:0" in text
    assert "Not After : Dec  1 00:00:00 2055 GMT" in text


@each_persona
def test_openssl_verifies_the_sod_by_the_certificate_inside(
    persona: Persona, cards: dict[str, IssuedCard], tmp_path: Path
) -> None:
    signed = parse(cards[persona.name].files["EF.SOD"]).value
    content = tmp_path / "lds"
    said = _openssl("cms", "-verify", "-noverify", "-inform", "DER", "-out", str(content), stdin=signed)
    assert "Verification successful" in said
    # What a real card's object has: version 0, and the outer length in the form 81 xx for six groups.
    assert content.read_bytes().startswith(bytes.fromhex("3081FD020100300B0609608648016503040201"))


@each_persona
def test_the_sod_lists_exactly_the_six_groups_by_their_digests(persona: Persona, cards: dict[str, IssuedCard]) -> None:
    card = cards[persona.name]
    lds = _signed_data(card)["encap_content_info"]["content"].native
    entries = [child.children() for child in parse(lds).children()[2].children()]
    found = {number.value[0]: digest.value for number, digest in entries}
    assert found == {number: hashlib.sha256(card.data_groups[number]).digest() for number in (1, 2, 3, 13, 14, 15)}


def _signed_data(card: IssuedCard) -> cms.SignedData:
    return cms.ContentInfo.load(parse(card.files["EF.SOD"]).value)["content"]


@each_persona
def test_the_document_signer_follows_the_profile(
    persona: Persona, cards: dict[str, IssuedCard], issuer: Issuer
) -> None:
    signed_data = _signed_data(cards[persona.name])
    signer = signed_data["certificates"][0].chosen
    assert isinstance(signer, x509.Certificate)
    country = x509.Certificate.load(issuer.country.certificate)
    assert signer.issuer == country.subject
    assert signer.authority_key_identifier == country.key_identifier
    named_curve = signer.public_key["algorithm"]["parameters"].chosen
    assert named_curve.dotted == "1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1 by name"
    assert signer.key_usage_value.native == {"digital_signature"}
    extensions = {extension["extn_id"].dotted for extension in signer["tbs_certificate"]["extensions"]}
    assert {"2.5.29.16", "2.5.29.17", "2.5.29.18", "2.5.29.31", "2.5.29.35", "2.23.136.1.1.6.2"} <= extensions
    key = issuer.country.key
    to_cryptography_public_key(key.curve, key.point).verify(
        signer.signature, signer["tbs_certificate"].dump(), ec.ECDSA(hashes.SHA512())
    )


@each_persona
def test_the_signing_time_lies_in_the_key_usage_period(persona: Persona, cards: dict[str, IssuedCard]) -> None:
    signed_data = _signed_data(cards[persona.name])
    attributes = {a["type"].native: a["values"][0].native for a in signed_data["signer_infos"][0]["signed_attrs"]}
    assert set(attributes) == {"content_type", "message_digest", "signing_time"}
    assert attributes["signing_time"] == signing_time(persona.card)
    signer = signed_data["certificates"][0].chosen
    usage = next(e for e in signer["tbs_certificate"]["extensions"] if e["extn_id"].dotted == "2.5.29.16")
    begin, end = (child.value.decode() for child in parse(usage["extn_value"].contents).children())
    assert begin <= signing_time(persona.card).strftime("%Y%m%d%H%M%SZ") <= end


# --- the other files ----------------------------------------------------------------------------------------------


@each_persona
def test_card_access_stands_in_dg14_word_for_word(persona: Persona, cards: dict[str, IssuedCard]) -> None:
    files = cards[persona.name].files
    info = parse(files["EF.CardAccess"]).value
    assert info == bytes.fromhex("3012060A04007F0007020204020202010202010D"), "as in ICAO 9303-11 appendix G.1"
    assert info in files["DG14"]


@each_persona
def test_com_lists_the_groups_that_a_real_card_lists(persona: Persona, cards: dict[str, IssuedCard]) -> None:
    assert find(cards[persona.name].files["EF.COM"], 0x60, 0x5C) == bytes.fromhex("6175636D6E6F")


def test_active_authentication_is_announced_where_the_key_is_elliptic(cards: dict[str, IssuedCard]) -> None:
    announcement = bytes.fromhex("0606678108010105")
    assert announcement in cards["nguyen-van-mau"].files["DG14"]
    assert announcement not in cards["tran-minh-thu"].files["DG14"]
    for name in ("nguyen-van-mau", "tran-minh-thu"):
        key = parse(cards[name].files["DG15"]).value
        assert "Public-Key: (" in _openssl("pkey", "-pubin", "-inform", "DER", "-noout", "-text", stdin=key)


def test_the_chip_authentication_key_carries_explicit_parameters(cards: dict[str, IssuedCard]) -> None:
    # ICAO 9303-11 §9.2: the public key info is given with explicit domain parameters.
    for card in cards.values():
        infos = parse(find(card.files["DG14"], 0x6E)).children()
        key = next(i for i in infos if i.children()[0].value == bytes.fromhex("04007F000702020102"))
        spki = key.children()[1]
        raw = key.value[spki.start : spki.end]
        assert "Field Type: prime-field" in _openssl("pkey", "-pubin", "-inform", "DER", "-noout", "-text", stdin=raw)


def test_one_seed_gives_the_same_card_and_no_seed_another() -> None:
    persona = load_persona("nguyen-van-mau")
    profile = profile_by_name("vietnam-2021")
    again = [Issuer(seeded_rng("same")).issue(persona, profile).files for _ in range(2)]
    assert again[0] == again[1]
    assert CardFactory().anchors != CardFactory().anchors
