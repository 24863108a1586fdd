"""ICAO 9303-11 appendices G.2, H.1, H.2 and I.1 replayed command by command, their randomness handed in."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType, SimpleNamespace

import pytest

from reader.access import (
    MrzKey,
    PaceResult,
    establish_pace,
    mapping_key_of,
    rank_offers,
    verify_chip_mapping,
)
from reader.access.integrated_mapping import map_to_curve, map_to_subgroup, pseudo_random
from reader.crypto import MODP_GROUPS, CipherSuite, Point, curve_by_name
from reader.lds import parse_security_infos

MRZ_OF_G = MrzKey("T22000129", "640812", "101031")
MRZ_OF_I = MrzKey("C11T002JM", "960812", "231031")
BP256 = curve_by_name("brainpoolP256r1")
MODP_1024 = MODP_GROUPS[0]

H2_PRIVATE_KEY = int(
    "4BD0E54740F9A028E6A515BFDAF967848C4F5F5FFF65AA0915947FFD1A0DF2FA6981271BC905F3551457B7E03AC3B806"
    "6DE4AA406C1171FB43DD939C4BA16175103BA3DEE16419AA248118F90CC36A3D6F4C373652E0C3CCE7F0F1D0C5425B36"
    "00F0F0D6A67F004C8BBA33F2B4733C7252445C1DFC4F1107203F71D2EFB28161",
    16,
)


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


def replay(
    cards: SimpleNamespace, exchanges: Iterable[tuple[str, str]], info: str, password: MrzKey, draws: Iterable[bytes]
) -> PaceResult:
    link, drawn = cards.ScriptedLink(exchanges), iter(draws)
    (offer,) = rank_offers(parse_security_infos(octets("3114" + info)).pace)
    result = establish_pace(link, password, offer, rng=lambda count: next(drawn))
    assert not link.exchanges
    assert next(drawn, None) is None
    return result


def test_g2_agrees_on_keys_by_diffie_hellman(cards: SimpleNamespace, pace_transcripts: ModuleType) -> None:
    draws = [
        octets("5265030F751F4AD18B08AC565FC7AC952E41618D"),
        octets("89CCD99B0E8D3B1F11E1296DCA68EC53411CF2CA"),
    ]
    result = replay(cards, pace_transcripts.G2, "3012060A04007F00070202040102020102020100", MRZ_OF_G, draws)
    assert result.keys.enc == octets("2F7F46ADCC9E7E521B45D192FAFA9126")
    assert result.keys.mac == octets("805A1D27D45A5116F73C54469462B7D8")


def test_h1_maps_two_nonces_to_a_point() -> None:
    s, t = octets("2923BE84E16CD6AE529049F1F1BBE9EB"), octets("5DD4CBFC96F5453B130D890A1CDBAE32")
    number = pseudo_random(CipherSuite.AES_128, s, t, BP256.p)
    assert number == 0xA2F8FF2DF50E52C6599F386ADCB595D229F6A167ADE2BE5F2C3296ADD5B7430E
    assert map_to_curve(BP256, number) == Point(
        0x8E82D31559ED0FDE92A4D0498ADD3C23BABA94FB77691E31E90AEA77FB17D427,
        0x4C1AE14BD0C3DBAC0C871B7F3608169364437CA30AC243A089D3F266C1E60FAD,
    )


@pytest.fixture
def password_key_of_appendix_h(monkeypatch: pytest.MonkeyPatch) -> None:
    """Appendix H gives a password key without the MRZ it came from: it is not that of appendix G."""
    monkeypatch.setattr("reader.access.pace.pace_key", lambda *_: octets("591468CDA83D65219CCCB8560233600F"))


@pytest.mark.usefixtures("password_key_of_appendix_h")
def test_h1_agrees_on_keys_by_integrated_mapping_on_a_curve(
    cards: SimpleNamespace, pace_transcripts: ModuleType
) -> None:
    draws = [
        octets("5DD4CBFC96F5453B130D890A1CDBAE32"),
        octets("A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"),
    ]
    result = replay(cards, pace_transcripts.H1, "3012060A04007F0007020204040202010202010D", MRZ_OF_G, draws)
    assert result.keys.enc == octets("0D3FEB33251A6370893D62AE8DAAF51B")
    assert result.keys.mac == octets("B01E89E3D9E8719E586B50B4A7506E0B")


def test_h2_maps_two_nonces_into_the_subgroup() -> None:
    s, t = octets("FA5B7E3E49753A0DB9178B7B9BD898C8"), octets("B3A6DB3C870C3E99245E0D1C06B747DE")
    number = pseudo_random(CipherSuite.AES_128, s, t, MODP_1024.p)
    assert f"{number:0256X}".startswith("A0C7C50C002061A51CC87D254EF38068607417B6EE1B36473CFB800D2D2E5FA2")
    assert f"{number:0256X}".endswith("570417B790FF7F747E57F432B04E1236819E0DFEF5B6E77CA4999925328182D2")
    generator = f"{map_to_subgroup(MODP_1024, number):0256X}"
    assert generator.startswith("1D7D767F11E333BCD6DBAEF40E799E7A926B96973550656FF3C830726D118D61")
    assert generator.endswith("34223AE8FC59B664BFEDFA2BFE7516CA5510A6BBB633D517EC25D4E0BBAA16C2")


@pytest.mark.usefixtures("password_key_of_appendix_h")
def test_h2_agrees_on_keys_by_integrated_mapping_and_diffie_hellman(
    cards: SimpleNamespace, pace_transcripts: ModuleType
) -> None:
    # The example's private key is longer than the subgroup's order; reduced by it, it is the same key.
    private_key = (H2_PRIVATE_KEY % MODP_1024.q).to_bytes(20, "big")
    draws = [octets("B3A6DB3C870C3E99245E0D1C06B747DE"), private_key]
    result = replay(cards, pace_transcripts.H2, "3012060A04007F00070202040302020102020100", MRZ_OF_G, draws)
    assert result.keys.enc == octets("01AFC10CF87BE36D8179E87370171F07")
    assert result.keys.mac == octets("23F0FBD05FD6C7B8B88F4C8309669061")


def test_i1_proves_the_chip_by_chip_authentication_mapping(
    cards: SimpleNamespace, pace_transcripts: ModuleType
) -> None:
    draws = [
        octets("5D8BB87BD74D985A4B7D4325B9F7B976FE835122773400798914AA22738135CC"),
        octets("76ECFDAA9841C323A3F5FC5E88B88DB3EFF7E35EBF57A7E6946CB630006C2120"),
    ]
    result = replay(cards, pace_transcripts.I1, "3012060A04007F0007020204060202010202010D", MRZ_OF_I, draws)
    assert result.keys.enc == octets("0A9DA4DB03BDDE39FC5202BC44B2E89E")
    assert result.keys.mac == octets("4B1C06491ED5140CA2B537D344C6C0B1")
    mapping = result.chip_mapping
    assert mapping is not None
    assert mapping.data == 0x85DC3FA93D0952BFA82F5FD189EE75BD82F11D1F0B8ED4BF5319AC9B53C426B3
    card_security = parse_security_infos(
        octets(
            "3164306206090400 7F000702020102305230 0C060704007F0007 01020201 0D034200".replace(" ", "")
            + "0418727094 94399E7470A6431BE25E83EEE24FEA568C2ED28DB48E05DB3A610D".replace(" ", "")
            + "C884D256A40E35EFCB59BF6753D3A489D28C7A4D973C2DA138A6E7A4A08F68E16F02010D"
        )
    )
    assert verify_chip_mapping(mapping, mapping_key_of(card_security, mapping))
