"""Words that an issuer signed and no screen, file or database should take as they come (e-authentication C8, C9)."""

from __future__ import annotations

from mock_cards import der
from mock_cards.forgeries.forgery import ATTENTION, PROCEED, STOP, Forgery, Make, members, signed_anew
from mock_cards.issuing import IssuedCard, Issuer
from mock_cards.issuing.dg13 import make_dg13
from reader.iso7816 import encode, parse

__all__ = ["WORDS"]

_RESIDENCE = 9
_KIBIBYTE = 1024
_INJECTIONS = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "'; DROP TABLE person; --",
    "{{7*7}} ${jndi:ldap://x} %s%n",
    "]]> &#x26; &lol;",
    "../../etc/passwd C:\\CON",
)


def _living_at(residence: str) -> Make:
    """Have the issuer sign a residence, letter by letter as given."""

    def make(card: IssuedCard, issuer: Issuer) -> IssuedCard:
        return _with_field(card, issuer, _RESIDENCE, encode(0x0C, residence.encode("utf-8")))

    return make


def _with_field(card: IssuedCard, issuer: Issuer, number: int, value: bytes) -> IssuedCard:
    """Put an encoded value into one field of DG13 and sign anew."""
    fields = list(members(parse(parse(make_dg13(card.persona.card)).value).value))
    fields[number - 1] = der.sequence(der.integer(number), value)
    return signed_anew(card, issuer, DG13=encode(0x6D, der.sequence(der.set_unsorted(*fields))))


def _not_utf8(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    # A word of TCVN3, in which many offices kept their records: no UTF-8.
    return _with_field(card, issuer, _RESIDENCE, encode(0x0C, b"Ph\xad\xeang T\xf5 M\xab"))


def _very_long(card: IssuedCard, issuer: Issuer) -> IssuedCard:
    return _with_field(card, issuer, _RESIDENCE, encode(0x0C, b"A" * (64 * _KIBIBYTE)))


def _words(name: str, about: str, make: Make, *fails: str, decision: str = ATTENTION) -> Forgery:
    return Forgery(name, about, frozenset(fails), decision, make)


WORDS: tuple[Forgery, ...] = (
    _words("text-bidi", "the residence turns the line around (C8)", _living_at("12 \u202etrái\u202c Phố Mẫu")),
    _words(
        "text-invisible", "letters stand in the residence that nobody sees (C8)", _living_at("12\u200b Phố\u2060 Mẫu")
    ),
    _words(
        "text-control",
        "line feeds and an escape sequence stand in the residence (C8, C9)",
        _living_at("12\r\n\x1b[2JPhố Mẫu\x00"),
    ),
    _words("text-combining", "forty accents stand on one letter (C8)", _living_at("Phố M" + "a" + "\u0301" * 40 + "u")),
    _words(
        "text-decomposed",
        "letters and their accents are written apart, which does no harm (C8)",
        _living_at("Pho\u0302\u0301 Ma\u0302\u0303u"),
        decision=PROCEED,
    ),
    _words("text-not-utf8", "the residence is in an encoding of long ago (C8)", _not_utf8),
    _words(
        "text-very-long",
        "the residence has 64 kilobytes: DG13 is larger than it may be (C8)",
        _very_long,
        "lds.structure",
        decision=STOP,
    ),
    *(
        _words(f"text-injection-{number}", f"the residence reads {text} (C9)", _living_at(text), decision=PROCEED)
        for number, text in enumerate(_INJECTIONS, start=1)
    ),
)
