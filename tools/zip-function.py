#!/usr/bin/env python3
"""Packs a program as AWS Lambda wants it: a zip with one executable file `bootstrap`.

    tools/zip-function.py PROGRAM ZIP

The same program gives the same bytes, whenever and by whomever it is packed, so that deploying it
again changes nothing.
"""

import pathlib
import sys
import zipfile

program, target = map(pathlib.Path, sys.argv[1:])
entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
entry.create_system = 3  # Unix, so that the permissions count
entry.external_attr = 0o100755 << 16
entry.compress_type = zipfile.ZIP_DEFLATED
target.parent.mkdir(parents=True, exist_ok=True)
unfinished = target.with_suffix(".new")
with zipfile.ZipFile(unfinished, "w") as archive:
    archive.writestr(entry, program.read_bytes(), compresslevel=9)
unfinished.rename(target)
