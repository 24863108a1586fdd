"""Portraits are decoded in a limited child; whatever is hostile is refused and nothing of the file is passed on."""

from __future__ import annotations

import io
import struct
import sys
import threading
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

import reader.lds.portrait_decoder
from reader.errors import DataError
from reader.lds import decode_portrait, parse_dg2
from reader.lds.face import jpeg_begun_in
from reader.lds.image_header import read_image_header
from reader.lds.portrait_decoder import PortraitDecoder


def drawn(size: tuple[int, int] = (120, 160), mode: str = "RGB") -> Image.Image:
    image = Image.new("RGB", size, (200, 210, 220))
    draw = ImageDraw.Draw(image)
    draw.ellipse((size[0] // 4, size[1] // 4, 3 * size[0] // 4, 3 * size[1] // 4), fill=(150, 90, 60))
    return image.convert(mode)


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


@pytest.fixture(scope="module")
def jpeg() -> bytes:
    return written(drawn(), "JPEG", quality=90)


@pytest.fixture(scope="module")
def jp2() -> bytes:
    return written(drawn(), "JPEG2000")


def opened(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        image.load()
        return image


def siz(width: int, height: int, tile: tuple[int, int] | None = None, components: int = 3) -> bytes:
    """Return a JPEG 2000 codestream that is all header."""
    across, down = tile or (width, height)
    body = struct.pack(">H8IH", 0, width, height, 0, 0, across, down, 0, 0, components) + b"\x07\x01\x01" * components
    return bytes.fromhex("FF4FFF51") + struct.pack(">H", len(body) + 2) + body + bytes(100)


@pytest.mark.parametrize("kind", ["jpeg", "jp2"])
def test_a_portrait_comes_back_as_the_pixels_it_holds(kind: str, request: pytest.FixtureRequest) -> None:
    portrait = decode_portrait(request.getfixturevalue(kind))
    assert (portrait.width, portrait.height) == (120, 160)
    assert portrait.source == {"jpeg": "jpeg", "jp2": "jpeg2000"}[kind]
    image = opened(portrait.png)
    assert (image.size, image.mode) == ((120, 160), "RGB")
    for place, colour in (((5, 5), (200, 210, 220)), ((60, 80), (150, 90, 60))):
        pixel = image.getpixel(place)
        assert isinstance(pixel, tuple)
        assert all(abs(one - other) <= 6 for one, other in zip(pixel, colour, strict=True))


def test_the_bsi_reference_portrait_is_decoded_as_file_and_as_bare_codestream(shared: Path) -> None:
    image = parse_dg2((shared / "data/bsi2008/Datagroup2.bin").read_bytes()).faces[0].image
    whole = decode_portrait(image)
    assert (whole.width, whole.height, whole.source) == (413, 531, "jpeg2000")
    assert decode_portrait(image[image.index(bytes.fromhex("FF4FFF51")) :]) == whole


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_four_colour_portraits_become_rgb(mode: str) -> None:
    assert opened(decode_portrait(written(drawn(mode=mode), "JPEG")).png).mode == "RGB"


def test_a_one_component_jpeg_2000_is_shown() -> None:
    assert opened(decode_portrait(written(drawn(mode="L"), "JPEG2000")).png).size == (120, 160)


def test_a_large_portrait_is_made_smaller_in_its_proportions() -> None:
    portrait = decode_portrait(written(drawn((1500, 2000)), "JPEG"))
    assert (portrait.width, portrait.height) == (768, 1024)


def test_nothing_of_the_file_but_its_pixels_is_passed_on(jpeg: bytes) -> None:
    exif = Image.Exif()
    exif[0x010E] = "hidden-exif-text"
    image = written(drawn(), "JPEG", exif=exif, icc_profile=b"hidden-profile" * 20, comment=b"hidden-comment")
    portrait = decode_portrait(image + b"PK\x03\x04hidden-archive<html><script>%PDF-1.7")
    assert b"hidden" not in portrait.png
    chunks = []
    offset = 8
    while offset < len(portrait.png):
        length = int.from_bytes(portrait.png[offset : offset + 4], "big")
        chunks.append(portrait.png[offset + 4 : offset + 8])
        offset += 12 + length
    assert chunks == [b"IHDR", b"IDAT", b"IEND"]
    assert opened(portrait.png).info == {}


@pytest.mark.parametrize(
    "image",
    [
        b"",
        b"\xff\xd8\xff",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>",
        b"PK\x03\x04" + bytes(60),
        b"%PDF-1.7\n",
        b"GIF89a" + bytes(20),
        written(drawn(), "PNG"),
        written(drawn(), "TIFF"),
        bytes.fromhex("FFD8FFE00002FFD9"),
        bytes.fromhex("FFD8FFC0000B080000000001 011100".replace(" ", "")),  # no pixels
        siz(0, 100),
        siz(100, 0),
        siz(100, 100, (0, 0)),
        siz(60_000, 60_000),
        siz(100, 100, (1, 1)),  # ten thousand tiles
        siz(100, 100, components=5),
        siz(100, 100, components=0),
        bytes.fromhex("0000000C6A5020200D0A870A") + b"\x00\x00\x00\x08free" * 1000,
        bytes.fromhex("0000000C6A5020200D0A870A") + b"\x00\x00\x00\x00free",
        b"\xff\xd8\xff\xe0" + b"\x00\x02\xff\xe0" * 100_000,
        bytes(2 * 1024 * 1024),
    ],
)
def test_what_is_no_portrait_is_refused_without_starting_a_child(image: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/at/all")
    with pytest.raises(DataError) as caught:
        decode_portrait(image)
    assert "started" not in caught.value.what


def test_a_truncated_portrait_is_refused(jpeg: bytes, jp2: bytes) -> None:
    # 160 kB of noise, so that cutting it in half cuts pixels and not padding.
    noise = written(Image.effect_noise((200, 200), 90).convert("RGB"), "JPEG2000")
    for image in (jpeg[: len(jpeg) // 2], noise[:200], siz(200, 200)):
        with pytest.raises(DataError):
            decode_portrait(image)


def test_a_header_that_understates_the_image_does_not_help(jp2: bytes) -> None:
    # A codestream of 60,000 x 60,000 behind a JP2 header that says 120 x 160.
    begin = jp2.index(bytes.fromhex("FF4FFF51")) + 8
    image = jp2[:begin] + struct.pack(">II", 60_000, 60_000) + jp2[begin + 8 :]
    with pytest.raises(DataError):
        decode_portrait(image)


def test_a_header_that_overstates_the_image_is_refused(jp2: bytes) -> None:
    # The JP2 header says 60,000 x 60,000 although the codestream behind it is small.
    begin = jp2.index(b"ihdr") + 4
    with pytest.raises(DataError, match="more pixels"):
        decode_portrait(jp2[:begin] + struct.pack(">II", 60_000, 60_000) + jp2[begin + 8 :])


def test_a_child_that_does_not_end_is_ended(jpeg: bytes) -> None:
    with pytest.raises(DataError, match="too long"):
        decode_portrait(jpeg, deadline_s=0.001)


def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    path = tmp_path / "child.py"
    path.write_text("import struct, sys\nsys.stdin.buffer.read()\n" + source, encoding="utf-8")
    monkeypatch.setattr(reader.lds.portrait_decoder, "_CHILD", path)


@pytest.mark.parametrize(
    "source",
    [
        "sys.exit(3)",
        "sys.exit(2)",
        "sys.stdout.buffer.write(struct.pack('>II', 1, 1)); sys.exit(1)",
        "",
        "sys.stdout.buffer.write(b'abc')",
        "sys.stdout.buffer.write(struct.pack('>II', 2, 2) + bytes(11))",
        "sys.stdout.buffer.write(struct.pack('>II', 0, 0))",
        "sys.stdout.buffer.write(struct.pack('>II', 2000, 1) + bytes(6000))",
        "sys.stdout.buffer.write(struct.pack('>II', 1, 1) + bytes(10_000_000))",
    ],
)
def test_a_child_that_was_taken_over_cannot_hand_on_anything_but_pixels(
    jpeg: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    child(tmp_path, monkeypatch, source)
    with pytest.raises(DataError):
        decode_portrait(jpeg)


def test_a_child_that_never_reads_is_ended_at_the_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jpeg: bytes
) -> None:
    path = tmp_path / "child.py"
    path.write_text("import time\ntime.sleep(60)\n", encoding="utf-8")
    monkeypatch.setattr(reader.lds.portrait_decoder, "_CHILD", path)
    with pytest.raises(DataError, match="too long"):
        decode_portrait(jpeg + bytes(900_000), deadline_s=0.3)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource limits of this kind")
def test_the_child_has_given_up_files_and_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jpeg: bytes, project_root: Path
) -> None:
    room = str(project_root / "reader" / "lds")
    child(
        tmp_path,
        monkeypatch,
        f"""
sys.path.insert(0, {room!r})
import portrait_child
portrait_child.give_up_rights(1)
refused = 0
for act in (lambda: open("/etc/hostname"), lambda: open({str(tmp_path / "new")!r}, "w"), lambda: bytes(2**30)):
    try:
        act()
    except (OSError, MemoryError):
        refused += 1
sys.stdout.buffer.write(struct.pack(">II", refused, 1) + bytes(3 * refused))
""",
    )
    assert decode_portrait(jpeg).width == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource limits of this kind")
def test_the_child_reaches_no_network_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jpeg: bytes, project_root: Path
) -> None:
    child(
        tmp_path,
        monkeypatch,
        f"""
sys.path.insert(0, {str(project_root / "reader" / "lds")!r})
import os, resource, socket, portrait_child
portrait_child.give_up_rights(1)
refused = 0
for act in (lambda: socket.socket(), lambda: os.pipe(), lambda: os.dup(1)):
    try:
        act()
    except OSError:
        refused += 1
refused += resource.getrlimit(resource.RLIMIT_CPU)[0] == 1
refused += resource.getrlimit(resource.RLIMIT_NPROC)[0] == 0
sys.stdout.buffer.write(struct.pack(">II", refused, 1) + bytes(3 * refused))
""",
    )
    assert decode_portrait(jpeg).width == 5


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells of children on Linux only")
def test_no_child_is_left_behind_however_it_ended(jpeg: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decode_portrait(jpeg)
    with pytest.raises(DataError):
        decode_portrait(jpeg, deadline_s=0.001)
    PortraitDecoder().close()
    with PortraitDecoder() as never_asked:
        never_asked.close()
    child(tmp_path, monkeypatch, "sys.exit(3)")
    with pytest.raises(DataError):
        decode_portrait(jpeg)
    children = Path("/proc/self/task").glob("*/children")
    left = [pid for path in children for pid in path.read_text("ascii").split()]
    assert [pid for pid in left if b"portrait_child" in Path(f"/proc/{pid}/cmdline").read_bytes()] == []


@pytest.mark.parametrize("progressive", [False, True])
def test_the_beginning_of_a_jpeg_is_drawn_as_far_as_it_goes(progressive: bool) -> None:
    noise = Image.effect_noise((240, 320), 60).convert("RGB")
    whole = written(noise, "JPEG", quality=80, progressive=progressive)
    with PortraitDecoder() as decoder:
        part = decoder.decode_part(whole[: len(whole) // 2])
    assert (part.width, part.height) == (240, 320)
    rows = [opened(part.png).crop((0, row, 240, row + 1)).getcolors(240) for row in (10, 310)]
    assert rows[0] is not None
    assert len(rows[0]) > 20, "the upper rows are there"
    if not progressive:
        assert rows[1] is not None
        assert len(rows[1]) <= 2, "the lower ones are grey"


def test_the_beginning_of_a_jpeg_2000_and_of_a_header_draw_nothing(jp2: bytes, jpeg: bytes) -> None:
    for beginning in (jp2[: len(jp2) // 2], jpeg[:30]):
        with PortraitDecoder() as decoder, pytest.raises(DataError):
            decoder.decode_part(beginning)


def test_a_decoder_that_is_closed_while_it_waits_says_so(jpeg: bytes, tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "child.py"
    path.write_text("import time\ntime.sleep(60)\n", encoding="utf-8")
    monkeypatch.setattr(reader.lds.portrait_decoder, "_CHILD", path)
    decoder = PortraitDecoder(deadline_s=30)
    closing = threading.Timer(0.1, decoder.close)
    closing.start()
    with pytest.raises(DataError):
        decoder.decode(jpeg)
    closing.join()


def test_a_jpeg_is_found_in_the_beginning_of_a_dg2(jpeg: bytes) -> None:
    assert jpeg_begun_in(bytes(200) + jpeg[:500]) == jpeg[:500]
    assert jpeg_begun_in(bytes(200)) is None
    assert jpeg_begun_in(bytes(20_000) + jpeg) is None


def test_an_interpreter_that_cannot_start_is_an_error_of_ours(jpeg: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/at/all")
    with pytest.raises(DataError, match="started"):
        decode_portrait(jpeg)


def test_the_written_png_holds_exactly_the_pixels() -> None:
    pixels = bytes(range(24))
    image = opened(reader.lds.portrait_decoder._png(4, 2, pixels))
    assert image.tobytes() == pixels
    assert zlib.crc32(b"IEND") == 0xAE426082


@given(st.binary(max_size=300))
def test_any_header_is_read_or_refused(tail: bytes) -> None:
    for start in (b"\xff\xd8\xff", bytes.fromhex("FF4FFF51"), bytes.fromhex("0000000C6A5020200D0A870A")):
        try:
            header = read_image_header(start + tail)
        except DataError:
            continue
        assert header.width > 0
        assert header.height > 0


@settings(max_examples=12)
@given(place=st.integers(20, 3000), byte=st.integers(0, 255))
def test_a_damaged_portrait_is_shown_or_refused(place: int, byte: int) -> None:
    image = bytearray(written(drawn(), "JPEG2000" if byte % 2 else "JPEG"))
    image[place % len(image)] = byte
    try:
        decode_portrait(bytes(image))
    except DataError:
        return
