"""By what the files of a desk know the computer that they were last used on: a folder can be carried, copied or roam.

The system's own id tells its computer apart for as long as it is installed; of it there stands in a file a keyed hash
only, from which nobody learns the id and which no other program has (machine-id(5) asks for that).
"""

from __future__ import annotations

import hashlib
import hmac
import sys
from contextlib import suppress
from pathlib import Path

__all__ = ["machine_mark"]

_CONTEXT = b"motcua: the computer that a ledger was last used on"
_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_MOST = 128


def machine_mark(files: tuple[Path, ...] = _FILES) -> str:
    """Return the mark of this computer; "" where the system has no id, and then nobody can tell computers apart.

    Linux and Windows have one; of macOS none is read.
    """
    id = _windows_id() if sys.platform == "win32" else _linux_id(files)
    return hmac.new(_CONTEXT, id, hashlib.sha256).hexdigest()[:32] if id else ""


def _linux_id(files: tuple[Path, ...]) -> bytes:
    for file in files:
        with suppress(OSError), file.open("rb") as stream:
            id = stream.read(_MOST).strip()
            # An image that was not started yet says "uninitialized".
            if len(id) >= 32:
                return id
    return b""


def _windows_id() -> bytes:
    if sys.platform != "win32":
        return b""
    import winreg

    with (
        suppress(OSError),
        winreg.OpenKey(
            winreg.HKEY_LOCAL_MACHINE,
            r"SOFTWARE\Microsoft\Cryptography",
            access=winreg.KEY_READ | winreg.KEY_WOW64_64KEY,
        ) as key,
    ):
        return str(winreg.QueryValueEx(key, "MachineGuid")[0])[:_MOST].encode()
    return b""
