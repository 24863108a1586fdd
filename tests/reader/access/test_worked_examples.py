"""ICAO 9303-11 appendices D and G.1 replayed command by command."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from reader.access import (
    MrzKey,
    SecureMessaging,
    SessionKeys,
    establish_bac,
    establish_pace,
    mrz_information,
    rank_offers,
)
from reader.access.keys import bac_seed, pace_key
from reader.crypto import CipherSuite
from reader.iso7816 import CommandAPDU
from reader.lds import parse_security_infos


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize(
    ("number", "birth", "expiry", "information"),
    [
        ("D23145890734", "340712", "950712", b"D23145890734934071279507122"),
        ("L898902C", "690806", "940623", b"L898902C<369080619406236"),
        ("L898902C<", "690806", "940623", b"L898902C<369080619406236"),
    ],
)
def test_d2_builds_the_mrz_information(number: str, birth: str, expiry: str, information: bytes) -> None:
    assert mrz_information(MrzKey(number, birth, expiry)) == information


def test_d2_takes_the_seed_from_its_hash() -> None:
    assert bac_seed(MrzKey("L898902C", "690806", "940623")) == octets("239AB9CB282DAF66231DC5A4DF6BFBAE")


def test_d3_opens_by_bac_and_d4_reads_ef_com(cards: SimpleNamespace) -> None:
    link = cards.ScriptedLink(
        [
            ("0084000008", "46 08 F9 19 88 70 22 12 90 00"),
            (
                "008200002872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A728",
                "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D7449 9000",
            ),
            ("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "990290008E08FA855A5D4C50A8ED9000"),
            ("0CB000000D9701048E08ED6705417E96BA5500", "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000"),
            (
                "0CB000040D9701128E082EA28A70F3C7B53500",
                "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000",
            ),
        ]
    )
    draws = iter([octets("781723860C06C226"), octets("0B795240CB7049B01C19B33E32804F0B")])
    keys = establish_bac(link, MrzKey("L898902C", "690806", "940623"), lambda count: next(draws))
    assert keys.enc == octets("979EC13B1CBFE9DCD01AB0FED307EAE5")
    assert keys.mac == octets("F1CB1F1FB5ADF208806B89DC579DC1F8")
    assert keys.counter == 0x887022120C06C226

    messaging = SecureMessaging(link, keys)
    assert messaging.transmit(CommandAPDU(0x00, 0xA4, 0x02, 0x0C, octets("011E"))).sw == 0x9000
    assert messaging.transmit(CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=4)).data == octets("60145F01")
    rest = messaging.transmit(CommandAPDU(0x00, 0xB0, 0x00, 0x04, ne=18))
    assert rest.data == octets("04303130365F36063034303030305C026175")
    assert not link.exchanges


def test_g1_agrees_on_keys_by_pace(cards: SimpleNamespace) -> None:
    link = cards.ScriptedLink(
        [
            ("0022C1A40F800A04007F00070202040202830101", "9000"),
            ("10860000027C0000", "7C12801095A3A016522EE98D01E76CB6B98B42C39000"),
            (
                "10860000457C438141047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
                "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D00",
                "7C43824104824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
                "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C549000",
            ),
            (
                "10860000457C438341042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
                "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB3646200",
                "7C438441049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
                "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F0949000",
            ),
            ("008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000"),
        ]
    )
    scalars = iter(
        [
            octets("7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99"),
            octets("A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"),
        ]
    )
    infos = parse_security_infos(octets("31143012060A04007F000702020402020201020201 0D".replace(" ", "")))
    (offer,) = rank_offers(infos.pace)
    # The example gives number 640812 and so on with their check digits, T22000129 3, 640812 5, 101031 8.
    result = establish_pace(link, MrzKey("T22000129", "640812", "101031"), offer, rng=lambda count: next(scalars))
    assert result.keys.enc == octets("F5F0E35C0D7161EE6724EE513A0D9A7F")
    assert result.keys.mac == octets("FE251C7858B356B24514B3BD5F4297D1")
    assert (result.keys.suite, result.keys.counter) == (CipherSuite.AES_128, 0)
    assert not result.wanted_reference
    assert not link.exchanges


def test_appendix_i_derives_the_password_key_from_the_mrz() -> None:
    key = MrzKey("C11T002JM", "960812", "231031")
    assert mrz_information(key) == b"C11T002JM496081222310314"
    assert pace_key(key, CipherSuite.AES_128) == octets("4E6F6FBF7BE748B932C7B74161BBA9DF")


def test_session_keys_show_nothing() -> None:
    keys = SessionKeys(CipherSuite.AES_128, b"E" * 16, b"M" * 16)
    assert repr(keys) == "SessionKeys(AES_128)"
