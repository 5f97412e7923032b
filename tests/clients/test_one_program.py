"""What users copy from machine to machine: one file that needs glibc alone, is hardened and
stripped.
"""

import os
import re
import subprocess

import matinee_server
import pytest

READELF = "llvm-readelf-19"
GLIBC = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1",
         "ld-linux-x86-64.so.2"}
OLDEST_GLIBC = (2, 34)
MOST_BYTES = 37_000_000


@pytest.fixture(scope="module")
def released():
    """The program of `make build`. Other builds carry their symbols, or sanitizers."""
    path = os.path.realpath(matinee_server.find_binary())
    if os.sep + os.path.join("build", "release") + os.sep not in path:
        pytest.skip("this is about the release build")
    return path


def read(path, *options):
    return subprocess.run([READELF, *options, path], capture_output=True, text=True, check=True,
                          timeout=60).stdout


def test_needs_no_library_but_those_of_glibc(released):
    needed = set(re.findall(r"\(NEEDED\).*\[(.+?)\]", read(released, "--dynamic-table")))
    assert "libc.so.6" in needed
    assert needed <= GLIBC


def test_runs_with_the_glibc_of_2021_and_every_later_one(released):
    wanted = re.findall(r"@GLIBC_(\d+)\.(\d+)", read(released, "--dyn-syms"))
    assert wanted
    assert max((int(major), int(minor)) for major, minor in wanted) <= OLDEST_GLIBC


def test_is_hardened_by_the_linker(released):
    dynamic = read(released, "--dynamic-table")
    assert re.search(r"\(FLAGS_1\).*\bNOW\b.*\bPIE\b", dynamic)
    segments = read(released, "--program-headers")
    assert "GNU_RELRO" in segments
    assert re.search(r"GNU_STACK\s.*\sRW\s", segments)


def test_is_hardened_by_the_compiler(released):
    undefined = read(released, "--dyn-syms")
    assert "__stack_chk_fail" in undefined
    assert "_chk@" in undefined
    assert "IBT" in read(released, "--notes") or "__memcpy_chk" in undefined


def test_is_small_and_stripped_with_its_symbols_beside_it(released):
    assert os.path.getsize(released) < MOST_BYTES
    sections = read(released, "--section-headers")
    assert ".symtab" not in sections
    assert ".gnu_debuglink" in sections
    assert ".symtab" in read(released + ".debug", "--section-headers")
