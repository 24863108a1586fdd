"""Build and check the translations: ``python -m gui.translations.build [--check | --update]``.

lupdate and lrelease come with PySide6. ``--update`` takes new texts of the source into the ``.ts`` file, for people to
translate; ``--check`` fails where the source and the ``.ts`` file differ, where something is not translated, or where a
placeholder of one language is missing in the other.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from importlib.util import find_spec
from pathlib import Path

__all__ = ["build", "check", "update"]

_HERE = Path(__file__).resolve().parent
_GUI = _HERE.parent
_TS = _HERE / "motcua_vi.ts"
_QM = _HERE / "motcua_vi.qm"
_PLACEHOLDER = re.compile(r"\{[a-z_]*\}|%n")
_Texts = dict[tuple[str, str, str], tuple[str, bool]]


def build() -> Path:
    """Compile the ``.ts`` file and return the ``.qm`` file.

    The old file is replaced, never written over: a running program has it mapped into memory, and a file that shrinks
    under its mapping ends that program with a bus error.
    """
    with tempfile.TemporaryDirectory(dir=_HERE, prefix=".building-") as folder:
        fresh = Path(folder) / _QM.name
        _run("lrelease", "-silent", str(_TS), "-qm", str(fresh))
        fresh.replace(_QM)
    return _QM


def update() -> None:
    """Take the texts of the source into the ``.ts`` file; texts that are gone leave it."""
    _extract(_TS)


def check() -> list[str]:
    """Return what is wrong with the translations, nothing where all is well."""
    there = _read(_TS)
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / _TS.name
        _extract(fresh)
        wanted = _read(fresh)
    faults = [f"not in {_TS.name}: {_name(key)}" for key in sorted(set(wanted) - set(there))]
    faults += [f"no longer in the source: {_name(key)}" for key in sorted(set(there) - set(wanted))]
    for key, (translation, unfinished) in there.items():
        if unfinished or not translation:
            faults.append(f"not translated: {_name(key)}")
        elif sorted(_PLACEHOLDER.findall(key[1])) != sorted(_PLACEHOLDER.findall(translation)):
            faults.append(f"other placeholders: {_name(key)}")
    return faults


def _extract(target: Path) -> None:
    sources = [str(path) for path in sorted(_GUI.rglob("*.py"))]
    _run("lupdate", "-silent", "-locations", "none", "-no-obsolete", *sources, "-ts", str(target))


def _run(tool: str, *arguments: str) -> None:
    package = find_spec("PySide6")
    if package is None or package.origin is None:
        raise SystemExit("PySide6 is not installed")
    program = next(Path(package.origin).parent.glob(f"{tool}*"))
    subprocess.run([str(program), *arguments], check=True)  # noqa: S603  # a tool of PySide6 and paths of ours


def _read(file: Path) -> _Texts:
    texts: _Texts = {}
    root = ET.parse(file).getroot()  # noqa: S314  # a file of this repository
    for context in root.iter("context"):
        name = context.findtext("name", "")
        for message in context.iter("message"):
            translation = message.find("translation")
            words = "" if translation is None else "".join(translation.itertext())
            unfinished = translation is None or translation.get("type") is not None
            key = (name, message.findtext("source", ""), message.findtext("comment", ""))
            texts[key] = (words, unfinished)
    return texts


def _name(key: tuple[str, str, str]) -> str:
    return f"{key[0]}: {key[1]!r}"


def main(arguments: list[str]) -> int:
    """Build, check or update; return the exit code."""
    if arguments == ["--update"]:
        update()
    elif arguments == ["--check"]:
        faults = check()
        sys.stderr.write("".join(f"{fault}\n" for fault in faults))
        return 1 if faults else 0
    elif not arguments:
        build()
    else:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
