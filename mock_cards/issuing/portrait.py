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
    long_hair: bool
    child: bool
    old: bool


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
    old, child = age >= 60, age < 14
    dark = dice.randint(18, 44)
    grey = dice.randint(170, 205)
    return _Features(
        skin=dice.choice(_SKIN),
        hair=(grey, grey, grey + 4) if old else (dark, dark - 6, dark - 8),
        clothes=dice.choice(_CLOTHES),
        face_width=dice.uniform(116, 128) * (0.94 if child else 1.0),
        face_height=dice.uniform(152, 166) * (0.86 if child else 1.0),
        eye_distance=dice.uniform(50, 56),
        brow_tilt=dice.uniform(-3, 3),
        smile=dice.uniform(4, 9),
        long_hair=card.sex == "F",
        child=child,
        old=old,
    )


class _Painter:
    """Paint one face, from the back to the front."""

    def __init__(self, canvas: Image.Image, features: _Features) -> None:
        self._draw = ImageDraw.Draw(canvas)
        self._f = features
        self._x = WIDTH / 2
        self._y = 176.0 if not features.child else 192.0

    def paint(self) -> None:
        if self._f.long_hair:
            self._long_hair()
        self._shoulders()
        self._head()
        self._hair()
        self._eyes()
        self._nose_and_mouth()
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

    def _long_hair(self) -> None:
        f, x, y = self._f, self._x, self._y
        self._ellipse(x, y + 24, f.face_width / 2 + 26, f.face_height / 2 + 44, f.hair)
        self._draw.rectangle(
            self._scaled(x - f.face_width / 2 - 24, y, x + f.face_width / 2 + 24, y + 128), fill=f.hair
        )

    def _shoulders(self) -> None:
        f, x, y = self._f, self._x, self._y
        bottom = y + f.face_height / 2
        self._draw.rectangle(self._scaled(x - 28, bottom - 30, x + 28, bottom + 52), fill=self._shade(f.skin, 0.9))
        wide = 96 if f.child else 122
        self._draw.ellipse(self._scaled(x - wide, bottom + 30, x + wide, bottom + 290), fill=f.clothes)
        self._draw.polygon(self._scaled(x - 30, bottom + 30, x, bottom + 74, x + 30, bottom + 30), fill=f.skin)
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
        f, x, y = self._f, self._x, self._y
        top, half = y - f.face_height / 2, f.face_width / 2
        crown = self._scaled(x - half - 9, top - 24, x + half + 9, top + 168)
        self._draw.chord(crown, 186, 354, fill=f.hair)
        parting = -18 if f.long_hair else 16
        for side in (-1, 1):
            # Two arcs of forehead that meet under the parting leave the fringe.
            reach = half - 8 - side * parting
            middle = x + parting + side * reach / 2
            self._draw.ellipse(
                self._scaled(middle - reach / 2 - 3, top + 18, middle + reach / 2 + 3, top + 120), fill=f.skin
            )
        self._draw.rectangle(self._scaled(x - half + 10, top + 66, x + half - 10, y), fill=f.skin)

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
            self._arc(x, y - 14 + side * f.brow_tilt / 2, 17, 9, (205, 335), (brow, 2.2 if f.long_hair else 3.4))

    def _nose_and_mouth(self) -> None:
        f, x, y = self._f, self._x, self._y
        shade = self._shade(f.skin, 0.82)
        self._arc(x, y + 20, 9, 7, (20, 160), (shade, 2.2))
        self._arc(x - 4, y + 6, 6, 20, (100, 170), (self._shade(f.skin, 0.9), 1.6))
        lips = (176, 84, 84) if f.long_hair else (166, 98, 88)
        self._arc(x, y + 40, 21, 6 + f.smile, (15, 165), (lips, 3.4))

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
