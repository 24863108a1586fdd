"""Every colour of the program, by meaning, in three schemes; and which pairs of them are used together."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DARK", "HIGH_CONTRAST", "LIGHT", "MARK_PAIRS", "TEXT_PAIRS", "Tokens"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Hold one scheme's colours as ``#RRGGBB``.

    ``paper`` lies under everything, ``card`` under content, ``well`` under what is pressed or still empty. ``edge``
    borders what can be operated, ``line`` only divides. Each meaning has a strong colour for words and marks and a
    ``_soft`` one to lie under them.
    """

    paper: str
    card: str
    well: str
    ink: str
    quiet: str
    line: str
    edge: str
    accent: str
    on_accent: str
    accent_soft: str
    good: str
    good_soft: str
    attention: str
    attention_soft: str
    stop: str
    stop_soft: str
    unknown: str
    unknown_soft: str
    test: str
    test_soft: str


LIGHT = Tokens(
    paper="#F3F5F8",
    card="#FFFFFF",
    well="#E9EDF1",
    ink="#16202A",
    quiet="#52606D",
    line="#D9DFE5",
    edge="#77848F",
    accent="#1D5FA6",
    on_accent="#FFFFFF",
    accent_soft="#E5EFF9",
    good="#17693A",
    good_soft="#E3F3E9",
    attention="#855300",
    attention_soft="#FFF2D4",
    stop="#B0241B",
    stop_soft="#FCE9E7",
    unknown="#505A68",
    unknown_soft="#ECEFF3",
    test="#653592",
    test_soft="#F0E8F8",
)

DARK = Tokens(
    paper="#11161B",
    card="#1A2128",
    well="#262F38",
    ink="#E9EEF3",
    quiet="#A9B5C0",
    line="#313C46",
    edge="#7A8794",
    accent="#84B8F2",
    on_accent="#0A1A2B",
    accent_soft="#1C3145",
    good="#83D3A0",
    good_soft="#16301F",
    attention="#F1C66F",
    attention_soft="#352A10",
    stop="#FFA198",
    stop_soft="#3D1C1A",
    unknown="#B9C1CC",
    unknown_soft="#272F38",
    test="#CDADF2",
    test_soft="#2D223A",
)

HIGH_CONTRAST = Tokens(
    paper="#000000",
    card="#000000",
    well="#1F1F1F",
    ink="#FFFFFF",
    quiet="#F2F2F2",
    line="#BFBFBF",
    edge="#FFFFFF",
    accent="#FFE94D",
    on_accent="#000000",
    accent_soft="#2B2700",
    good="#6CFF9C",
    good_soft="#00240D",
    attention="#FFD24D",
    attention_soft="#2B2000",
    stop="#FF9A90",
    stop_soft="#330500",
    unknown="#E0E6EE",
    unknown_soft="#1C1C1C",
    test="#E3C8FF",
    test_soft="#1E0A33",
)

# (words, what lies under them): at least 4.5:1, WCAG 2.2 SC 1.4.3.
TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *((words, ground) for words in ("ink", "quiet") for ground in ("paper", "card", "well")),
    *(("ink", f"{meaning}_soft") for meaning in ("accent", "good", "attention", "stop", "unknown", "test")),
    *(("quiet", f"{meaning}_soft") for meaning in ("accent", "good", "attention", "stop", "unknown")),
    *((meaning, f"{meaning}_soft") for meaning in ("accent", "good", "attention", "stop", "unknown", "test")),
    *((meaning, "card") for meaning in ("accent", "good", "attention", "stop", "unknown")),
    ("attention", "paper"),
    ("stop", "paper"),
    ("on_accent", "accent"),
)

# (mark or border of something operable, what lies under it): at least 3:1, WCAG 2.2 SC 1.4.11.
MARK_PAIRS: tuple[tuple[str, str], ...] = (
    *(("edge", ground) for ground in ("paper", "card", "test_soft")),
    *(("accent", ground) for ground in ("paper", "card", "well", "accent_soft", "test_soft")),
    *((meaning, ground) for meaning in ("good", "attention", "stop", "unknown") for ground in ("paper", "card")),
    *((meaning, "accent_soft") for meaning in ("good", "attention", "stop", "unknown")),
)
