#!/usr/bin/env python3
"""The test of the crash test: a server that replies before its log is written must be caught. The
program is the real one; a library that is loaded into it makes its log late (late_log.cpp).
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
COMPILERS = ["clang++-19", "clang++", "g++"]
KILLS = 20


def build(directory):
    compiler = next((name for name in COMPILERS if shutil.which(name)), None)
    if compiler is None:
        sys.exit("no C++ compiler: " + ", ".join(COMPILERS))
    library = directory / "late_log.so"
    subprocess.run([compiler, "-std=c++20", "-O1", "-shared", "-fPIC", "-pthread",
                    str(HERE / "late_log.cpp"), "-o", str(library)], check=True)
    return library


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", help="the program; by default the release or dev build")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="matinee-broken-") as name:
        directory = pathlib.Path(name)
        command = [sys.executable, str(HERE / "crash.py"), "--kills", str(KILLS),
                   "--preload", str(build(directory))]
        if arguments.binary:
            command += ["--binary", arguments.binary]
        # The crash test keeps the data of a failure, here below what is removed at the end.
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False,
                             env={**os.environ, "TMPDIR": str(directory)})
    if run.returncode == 0 or "replay with --seed" not in run.stdout:
        print(run.stdout)
        print("the crash test did not notice a server that replies before it logs")
        return 1
    print("a server that replies before it logs is caught: "
          + next(line for line in run.stdout.splitlines() if line.startswith("after kill")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
