"""A PIN or a passphrase comes from where nobody else reads it, once, and is shown nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auth.device.errors import PassphraseRefused, SecretFileUnsafe
from auth.device.secrets import MAX_SECRET, secret_from_descriptor, secret_from_file, secret_from_prompt


def _file(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("content", "secret"), [(b"1234\n", b"1234"), (b"1234\r\nmore", b"1234"), (b" with blanks ", b" with blanks ")]
)
def test_a_file_gives_its_first_line(tmp_path: Path, content: bytes, secret: bytes) -> None:
    assert secret_from_file(_file(tmp_path / "pin", content)).reveal() == secret


@pytest.mark.skipif(os.name != "posix", reason="other systems keep rights in another way")
@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o620, 0o601])
def test_a_file_that_others_can_touch_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SecretFileUnsafe, match="others"):
        secret_from_file(_file(tmp_path / "pin", b"1234", mode)).reveal()


def test_a_missing_an_empty_and_an_endless_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SecretFileUnsafe, match="cannot be read"):
        secret_from_file(tmp_path / "missing").reveal()
    for content in (b"", b"\n1234", b"x" * (MAX_SECRET + 1)):
        with pytest.raises(PassphraseRefused):
            secret_from_file(_file(tmp_path / "pin", content)).reveal()


def test_a_descriptor_is_read_to_its_first_line_and_closed() -> None:
    read, write = os.pipe()
    os.write(write, b"from a pipe\nmore")
    os.close(write)
    secret = secret_from_descriptor(read)
    assert secret.reveal() == b"from a pipe"
    assert secret.reveal() == b"from a pipe"
    with pytest.raises(OSError):
        os.fstat(read)
    with pytest.raises(SecretFileUnsafe, match="descriptor"):
        secret_from_descriptor(read).reveal()


def test_a_person_is_asked_when_it_is_needed_and_once() -> None:
    asked = []
    secret = secret_from_prompt(lambda: asked.append(1) or "mật khẩu")
    assert asked == []
    assert (secret.reveal(), secret.reveal()) == ("mật khẩu".encode(),) * 2
    assert asked == [1]
    assert "khẩu" not in f"{secret!r}{secret}"
    secret.forget()
    with pytest.raises(PassphraseRefused):
        secret.reveal()
