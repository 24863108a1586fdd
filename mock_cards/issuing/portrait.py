"""Portraits of people who do not exist, drawn: the same person always gets the same face."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from datetime import date

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from mock_cards.personas import CardData

__all__ = ["DrawnPortrait", "draw_portrait"]

WIDTH, HEIGHT = 300, 400
_SCALE = 3  # drawn larger and made small again, so that edges are smooth
_JPEG_QUALITY = 78
_JPEG2000_BYTES = 14_000

_Color = tuple[int, int, int]
_SKIN: tuple[_Color, ...] = ((244, 214, 186), (236, 201, 170), (226, 187, 152), (214, 172, 138))
_CLOTHES: tuple[_Color, ...] = ((43, 62, 92), (92, 54, 62), (58, 84, 70), (84, 78, 98), (60, 60, 66))
_BACKGROUND: _Color = (222, 232, 240)


@dataclass(frozen=True, slots=True, repr=False)
class DrawnPortrait:
    """Hold an encoded picture; ``format`` is "jpeg" or "jpeg2000"."""

    image: bytes
    width: int
    height: int
    format: str


@dataclass(frozen=True, slots=True)
class _Features:
    """Say what the face looks like; lengths are pixels of the finished picture."""

    skin: _Color
    hair: _Color
    clothes: _Color
    face_width: float
    face_height: float
    eye_distance: float
    brow_tilt: float
    smile: float
    female: bool
    child: bool
    old: bool
    style: str
    parting: float
    collar: str
    glasses: bool
    moustache: bool


def draw_portrait(card: CardData, *, variant: int = 0) -> DrawnPortrait:
    """Draw the holder of ``card`` in the format the card wants; another ``variant`` is another face."""
    dice = random.Random(f"{card.personal_number}/{variant}")
    features = _features(card, dice)
    canvas = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), _BACKGROUND)
    _Painter(canvas, features).paint()
    picture = canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    return _encode(_grain(picture, dice), card.portrait)


def _features(card: CardData, dice: random.Random) -> _Features:
    age = date.fromisoformat(card.issue_date).year - date.fromisoformat(card.date_of_birth).year
    old, child, female = age >= 60, age < 14, card.sex == "F"
    return _Features(
        skin=dice.choice(_SKIN),
        hair=_hair_colour(age, dice.randint(18, 44), dice.randint(170, 205), dice.random()),
        clothes=dice.choice(_CLOTHES),
        face_width=dice.uniform(114, 130) * (0.96 if female else 1.0),
        face_height=dice.uniform(148, 168) * (0.92 if child else 1.0),
        eye_distance=dice.uniform(48, 57),
        brow_tilt=dice.uniform(-3, 3),
        smile=dice.uniform(3, 10),
        female=female,
        child=child,
        old=old,
        style=dice.choice(_styles(age, female=female)),
        parting=dice.choice((-1, 1)) * dice.uniform(10, 26),
        collar=dice.choice(("shirt", "shirt", "high", "round")),
        glasses=not child and dice.random() < (0.45 if age >= 45 else 0.2),
        moustache=not female and age >= 40 and dice.random() < 0.3,
    )


def _hair_colour(age: int, dark: int, grey: int, share: float) -> _Color:
    """Return dark hair, hair that begins to turn grey between forty-five and sixty, or grey hair."""
    if age >= 60:
        return grey, grey, grey + 4
    if age >= 45 and share < 0.6:
        middle = (dark + grey) // 2 - 20
        return middle, middle, middle + 2
    return dark, dark - 6, dark - 8


def _styles(age: int, *, female: bool) -> tuple[str, ...]:
    """Return how hair is worn at an age."""
    if female:
        return (
            ("bob", "bun") if age >= 60 else ("tails", "bob", "fringe") if age < 14 else ("long", "bob", "bun", "tied")
        )
    if age >= 60:
        return ("bald", "side", "crew")
    return ("fringe", "crew") if age < 14 else ("parted", "side", "crew", "quiff")


class _Painter:
    """Paint one face, from the back to the front."""

    def __init__(self, canvas: Image.Image, features: _Features) -> None:
        self._draw = ImageDraw.Draw(canvas)
        self._f = features
        self._x = WIDTH / 2
        self._y = 176.0 if not features.child else 192.0

    def paint(self) -> None:
        self._behind()
        self._shoulders()
        self._head()
        self._hair()
        self._eyes()
        self._nose_and_mouth()
        if self._f.moustache:
            self._moustache()
        if self._f.glasses:
            self._glasses()
        if self._f.old:
            self._lines_of_age()

    def _ellipse(self, x: float, y: float, rx: float, ry: float, fill: _Color) -> None:
        self._draw.ellipse(self._scaled(x - rx, y - ry, x + rx, y + ry), fill=fill)

    def _arc(self, x: float, y: float, rx: float, ry: float, span: tuple[int, int], line: tuple[_Color, float]) -> None:
        color, width = line
        self._draw.arc(self._scaled(x - rx, y - ry, x + rx, y + ry), *span, fill=color, width=round(width * _SCALE))

    def _scaled(self, *numbers: float) -> list[float]:
        return [number * _SCALE for number in numbers]

    def _shade(self, color: _Color, factor: float) -> _Color:
        red, green, blue = (min(255, round(part * factor)) for part in color)
        return red, green, blue

    def _behind(self) -> None:
        """Paint the hair that lies behind head and shoulders."""
        f, x, y = self._f, self._x, self._y
        half, tall = f.face_width / 2, f.face_height / 2
        if f.style == "long":
            self._ellipse(x, y + 24, half + 26, tall + 44, f.hair)
            self._draw.rectangle(self._scaled(x - half - 24, y, x + half + 24, y + 128), fill=f.hair)
        elif f.style == "bob":
            self._ellipse(x, y + 8, half + 22, tall + 20, f.hair)
        elif f.style == "bun":
            self._ellipse(x, y - tall - 26, 30, 26, f.hair)
        elif f.style == "tied":
            side = 1 if f.parting > 0 else -1
            self._ellipse(x + side * (half + 6), y + 74, 17, 62, f.hair)
        elif f.style == "tails":
            for side in (-1, 1):
                self._ellipse(x + side * (half + 18), y + 34, 15, 44, f.hair)
        elif f.style == "bald":
            for side in (-1, 1):
                self._ellipse(x + side * (half - 4), y - 22, 16, 38, f.hair)

    def _shoulders(self) -> None:
        f, x, y = self._f, self._x, self._y
        bottom = y + f.face_height / 2
        self._draw.rectangle(self._scaled(x - 28, bottom - 30, x + 28, bottom + 52), fill=self._shade(f.skin, 0.9))
        wide = 96 if f.child else 122
        self._draw.ellipse(self._scaled(x - wide, bottom + 30, x + wide, bottom + 290), fill=f.clothes)
        if f.collar == "high":
            self._draw.rectangle(
                self._scaled(x - 33, bottom + 16, x + 33, bottom + 46), fill=self._shade(f.clothes, 1.25)
            )
        elif f.collar == "round":
            self._ellipse(x, bottom + 32, 38, 18, self._shade(f.skin, 0.95))
        else:
            self._shirt_collar(bottom)

    def _shirt_collar(self, bottom: float) -> None:
        x = self._x
        self._draw.polygon(self._scaled(x - 30, bottom + 30, x, bottom + 74, x + 30, bottom + 30), fill=self._f.skin)
        for side in (-1, 1):
            flap = (x + side * 28, bottom + 22, x, bottom + 68, x + side * 12, bottom + 92, x + side * 46, bottom + 40)
            self._draw.polygon(self._scaled(*flap), fill=(246, 246, 244))

    def _head(self) -> None:
        f, x, y = self._f, self._x, self._y
        for side in (-1, 1):
            self._ellipse(x + side * f.face_width / 2, y + 6, 11, 19, self._shade(f.skin, 0.93))
        self._ellipse(x, y, f.face_width / 2, f.face_height / 2, f.skin)
        for side in (-1, 1):
            blush = (min(255, f.skin[0] + 4), f.skin[1] - 12, f.skin[2] - 10)
            self._ellipse(x + side * 36, y + 30, 15, 10, blush)

    def _hair(self) -> None:
        """Paint the hair that frames the forehead: a cap, and as much of the forehead as the style leaves free."""
        f, x, y = self._f, self._x, self._y
        if f.style == "bald":
            return
        top, half = y - f.face_height / 2, f.face_width / 2
        rise = {"crew": 12, "quiff": 34}.get(f.style, 24)
        crown = self._scaled(x - half - 9, top - rise, x + half + 9, top + 168)
        self._draw.chord(crown, 186, 354, fill=f.hair)
        if f.style in ("fringe", "tails"):
            self._draw.chord(self._scaled(x - half + 5, top + 22, x + half - 5, top + 118), 180, 360, fill=f.skin)
            self._draw.rectangle(self._scaled(x - half + 5, top + 44, x + half - 5, top + 70), fill=f.skin)
            self._draw.rectangle(self._scaled(x - half + 6, top + 20, x + half - 6, top + 46), fill=f.hair)
        elif f.style in ("crew", "bun", "tied", "quiff"):
            self._ellipse(x + f.parting / 4, top + 74, half - 7, 62 if f.style == "crew" else 52, f.skin)
        elif f.style == "side":
            self._ellipse(x + f.parting * 0.8, top + 76, half - 12, 46, f.skin)
        else:
            self._parted_fringe(top, half)
        self._draw.rectangle(self._scaled(x - half + 10, top + 66, x + half - 10, y), fill=f.skin)

    def _parted_fringe(self, top: float, half: float) -> None:
        """Leave two arcs of forehead free that meet under the parting."""
        f, x = self._f, self._x
        for side in (-1, 1):
            reach = half - 8 - side * f.parting
            middle = x + f.parting + side * reach / 2
            self._draw.ellipse(
                self._scaled(middle - reach / 2 - 3, top + 18, middle + reach / 2 + 3, top + 120), fill=f.skin
            )

    def _eyes(self) -> None:
        f, y = self._f, self._y
        size = 1.15 if f.child else 1.0
        for side in (-1, 1):
            x = self._x + side * f.eye_distance / 2
            self._ellipse(x, y - 4, 13 * size, 6.5 * size, (250, 250, 248))
            self._ellipse(x, y - 4, 6 * size, 6.2 * size, (58, 40, 30))
            self._ellipse(x, y - 4, 3 * size, 3 * size, (16, 12, 10))
            self._ellipse(x + 2, y - 6, 1.4, 1.4, (255, 255, 255))
            self._arc(x, y - 3, 14 * size, 8 * size, (195, 345), ((40, 30, 26), 2))
            brow = self._shade(f.hair, 0.9)
            self._arc(x, y - 14 + side * f.brow_tilt / 2, 17, 9, (205, 335), (brow, 2.2 if f.female else 3.4))

    def _nose_and_mouth(self) -> None:
        f, x, y = self._f, self._x, self._y
        shade = self._shade(f.skin, 0.82)
        self._arc(x, y + 20, 9, 7, (20, 160), (shade, 2.2))
        self._arc(x - 4, y + 6, 6, 20, (100, 170), (self._shade(f.skin, 0.9), 1.6))
        lips = (176, 84, 84) if f.female else (166, 98, 88)
        self._arc(x, y + 40, 21, 6 + f.smile, (15, 165), (lips, 3.4))

    def _moustache(self) -> None:
        for side in (-1, 1):
            self._arc(self._x + side * 10, self._y + 36, 12, 7, (190, 350), (self._shade(self._f.hair, 1.1), 4.5))

    def _glasses(self) -> None:
        f, y, frame = self._f, self._y - 3, (52, 48, 50)
        for side in (-1, 1):
            x = self._x + side * f.eye_distance / 2
            lens = self._scaled(x - 20, y - 14, x + 20, y + 15)
            self._draw.rounded_rectangle(lens, 10 * _SCALE, outline=frame, width=round(2.4 * _SCALE))
            outer = self._x + side * (f.face_width / 2)
            self._draw.line(self._scaled(x + side * 20, y - 4, outer, y - 6), fill=frame, width=round(2 * _SCALE))
        gap = f.eye_distance / 2 - 20
        self._draw.line(self._scaled(self._x - gap, y - 2, self._x + gap, y - 2), fill=frame, width=round(2 * _SCALE))

    def _lines_of_age(self) -> None:
        f, x, y = self._f, self._x, self._y
        shade = self._shade(f.skin, 0.85)
        for height in (-44, -36):
            self._arc(x, y + height + 8, 30, 9, (215, 325), (shade, 1.2))
        for side in (-1, 1):
            self._arc(x + side * 31, y + 34, 10, 18, (270, 360) if side > 0 else (180, 270), (shade, 1.5))
            self._arc(x + side * f.eye_distance / 2, y + 5, 13, 5, (25, 155), (shade, 1.3))


def _grain(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Lay the grain of a photograph over the drawing, so that its files are as large as those of real portraits."""
    noise = Image.frombytes("L", picture.size, dice.randbytes(WIDTH * HEIGHT)).filter(ImageFilter.GaussianBlur(0.7))
    soft = noise.point([round(116 + value * 24 / 256) for value in range(256)]).convert("RGB")
    return ImageChops.add(picture, soft, scale=1.0, offset=-128)


def _encode(picture: Image.Image, kind: str) -> DrawnPortrait:
    out = io.BytesIO()
    if kind == "jpeg2000":
        ratio = WIDTH * HEIGHT * 3 / _JPEG2000_BYTES
        picture.save(out, "JPEG2000", quality_mode="rates", quality_layers=[ratio], irreversible=True)
    else:
        picture.save(out, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return DrawnPortrait(out.getvalue(), WIDTH, HEIGHT, kind)
