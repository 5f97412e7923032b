"""Functions in Go and Rust, built from their lock files with the toolchains that are here."""

import os
import re
import shutil
import subprocess

import matinee_server
import pytest
from functions_kit import package

CLIENTS = matinee_server.ROOT / "tests" / "clients"
BUILT = matinee_server.ROOT / "build" / "clients"
# Where toolchains have their caches; read before the tests get a home of their own.
HOME = os.path.expanduser("~")


def _version(command, pattern):
    """The number behind the 1 of a toolchain's version; 0 where there is none."""
    if not shutil.which(command[0]):
        return 0
    said = subprocess.run(command, capture_output=True, text=True, check=False,
                          env={**os.environ, "HOME": HOME, "GOTOOLCHAIN": "local"}).stdout
    found = re.search(pattern, said)
    return int(found[1]) if found else 0


def _run(command, place, environment=None):
    finished = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False,
                              env={**os.environ, "HOME": HOME, **(environment or {})})
    assert finished.returncode == 0, finished.stderr


def _bootstrap(program):
    return package({"bootstrap": (program.read_bytes(), 0o755)})


def go_function():
    """The package of go_function/: a static program for provided.al2023."""
    if _version(["go", "env", "GOVERSION"], r"go1\.(\d+)") < 24:
        pytest.skip("Go 1.24 is not installed")
    program = BUILT / "go_function" / "bootstrap"
    _run(["go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags=-s -w",
          "-o", str(program), "."], CLIENTS / "go_function",
         {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local",
          "GOFLAGS": "-mod=readonly"})
    return _bootstrap(program)


def rust_function():
    """The package of rust_function/."""
    if _version(["cargo", "--version"], r"cargo 1\.(\d+)") < 94:
        pytest.skip("Rust 1.94 is not installed")
    _run(["cargo", "build", "--locked", "--quiet"], CLIENTS / "rust_function")
    return _bootstrap(BUILT / "rust_function" / "debug" / "bootstrap")
