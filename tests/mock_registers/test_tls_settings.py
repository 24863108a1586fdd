"""What the sandbox tells a desk of its TLS: the lists in a file that a desk reads."""

from __future__ import annotations

from pathlib import Path

from auth.wire.revocation import FileLists
from mock_registers.authority import TestAuthority
from mock_registers.tls import tls_settings


def test_several_lists_are_written_so_that_a_desk_reads_each_of_them(tmp_path: Path) -> None:
    lists = tuple(TestAuthority(f"Mot Cua TEST authority {number}").revocation_list() for number in range(2))
    told = tls_settings(lists, None, tmp_path)["tls_crls"]
    assert isinstance(told, list)
    (file,) = told
    assert FileLists((Path(file),)).lists() == lists
