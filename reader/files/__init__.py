"""The files of an eMRTD: where they lie and how they are read.

A link comes in, plain or protected, and a ``FileId``; a ``FileRead`` goes out: the bytes exactly as the card gave
them, or why there are none. What the bytes mean is the business of ``reader.lds``. This room calls ``reader.iso7816``
and ``reader.errors`` only.
"""

from reader.files.layout import EMRTD_AID, Application, FileId
from reader.files.reading import FileRead, Progress, ReadLimits, ReadOutcome, read_file, select_application
from reader.files.sizes import ChunkSizes, SizePolicy

__all__ = [
    "EMRTD_AID",
    "Application",
    "ChunkSizes",
    "FileId",
    "FileRead",
    "Progress",
    "ReadLimits",
    "ReadOutcome",
    "SizePolicy",
    "read_file",
    "select_application",
]
