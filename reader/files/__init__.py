"""The files of an eMRTD: where they lie and how they are read.

A link comes in, plain or protected, and a ``FileId``; a ``FileRead`` goes out: the bytes exactly as the card gave
them, or why there are none. What the bytes mean is the business of ``reader.lds``. This room calls ``reader.iso7816``
and ``reader.errors`` only.
"""

from reader.files.atr import Capabilities, ExtendedLength, capabilities_of
from reader.files.atr_info import AtrInfo, Buffers, negotiate, parse_atr_info
from reader.files.cache import ReadCache
from reader.files.file_read import FileRead, ReadLimits, ReadOutcome
from reader.files.layout import EMRTD_AID, Application, FileId
from reader.files.reading import Progress, read_file, select_application
from reader.files.redaction import SecretsByName
from reader.files.sizes import ChunkSizes, SizePolicy, extended_chunk

__all__ = [
    "EMRTD_AID",
    "Application",
    "AtrInfo",
    "Buffers",
    "Capabilities",
    "ChunkSizes",
    "ExtendedLength",
    "FileId",
    "FileRead",
    "Progress",
    "ReadCache",
    "ReadLimits",
    "ReadOutcome",
    "SecretsByName",
    "SizePolicy",
    "capabilities_of",
    "extended_chunk",
    "negotiate",
    "parse_atr_info",
    "read_file",
    "select_application",
]
