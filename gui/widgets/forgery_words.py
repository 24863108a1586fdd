"""What the emulator's forgeries are called in the TEST ribbon: those that are worth showing somebody.

The others have their public names and are asked for on the command line.
"""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

__all__ = ["forgery_words", "has_words"]

_CONTEXT = "Forgery"
_WORDS = {
    "csca-self-made": QT_TRANSLATE_NOOP("Forgery", "Signed by a self-made authority"),
    "ds-not-valid-at-signing": QT_TRANSLATE_NOOP("Forgery", "Signer’s certificate not yet valid"),
    "sod-signature-broken": QT_TRANSLATE_NOOP("Forgery", "Signature damaged"),
    "dg1-sex-changed": QT_TRANSLATE_NOOP("Forgery", "Sex changed"),
    "dg2-changed": QT_TRANSLATE_NOOP("Forgery", "Portrait replaced"),
    "dg13-religion-changed": QT_TRANSLATE_NOOP("Forgery", "Religion changed"),
    "clone-without-ca-key": QT_TRANSLATE_NOOP("Forgery", "Copy without the first chip key"),
    "clone-without-aa-key": QT_TRANSLATE_NOOP("Forgery", "Copy without the second chip key"),
    "dg15-suppressed": QT_TRANSLATE_NOOP("Forgery", "Chip key withheld"),
    "pace-stripped": QT_TRANSLATE_NOOP("Forgery", "Strong opening hidden"),
    "unsigned-data-group": QT_TRANSLATE_NOOP("Forgery", "Unsigned data added"),
    "sm-mac-flipped": QT_TRANSLATE_NOOP("Forgery", "Data altered on the way"),
}


def has_words(name: str) -> bool:
    """Tell whether a forgery has words of its own."""
    return name in _WORDS


def forgery_words(name: str) -> str:
    """Return what a forgery is called in the language in use; one that is not known here keeps its name."""
    words = _WORDS.get(name)
    return QCoreApplication.translate(_CONTEXT, str(words)) if words else name
