"""What a worker knows about the versions of its objects, in a bucket that keeps them: for each key
its versions and delete markers in their order, acknowledged or in doubt.
"""

import itertools

from s3_model import BLOB_BYTES, abort_uploads, complete, digest, start_upload

KEYS = 5
SIZES = [0, 10, 5000, BLOB_BYTES, BLOB_BYTES + 1, 60_000]
PART = 5 * 1024 * 1024
MOST_VERSIONS = 12


class Version:
    """One version, or with no digest a delete marker."""

    def __init__(self, identity, state):
        self.identity = identity
        self.state = state

    def __repr__(self):
        return f"{self.identity} {self.state and self.state[:6]}"


def identity_of(headers):
    """The version that an answer names."""
    return {name.lower(): value for name, value in headers.items()}["x-amz-version-id"]


class VersionedObjects:
    """The versions of one worker's objects: key to versions, newest first."""

    def __init__(self, worker):
        self.bucket = f"versioned-{worker}"
        self.created = False
        self.known = {}
        self.files = {}  # of a digest, whose content is random
        self.doubt = None  # (key, versions as they would be); an unknown version has no identity

    def step(self, wire, generator):
        """One random write; the model follows what the server acknowledged."""
        if not self.created:
            self._create(wire)
            return
        key = f"k{generator.randrange(KEYS)}"
        versions = self.known.get(key, [])
        if len(versions) >= MOST_VERSIONS or (versions and generator.random() < 0.25):
            self._remove(wire, key, generator.choice(versions))
            return
        write = generator.choice([self._put] * 4 + [self._mark, self._copy, self._multipart])
        write(wire, key, generator)

    def _create(self, wire):
        wire.s3("PUT", f"/{self.bucket}", accept=(409,))
        wire.s3("PUT", f"/{self.bucket}?versioning",
                b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        self.created = True

    def _path(self, key, version=None):
        return f"/{self.bucket}/{key}" + (f"?versionId={version.identity}" if version else "")

    def _add(self, key, state, operation):
        """An operation that puts a new version on top."""
        before = self.known.get(key, [])
        self.doubt = (key, [Version(None, state), *before])
        _, headers, _ = operation()
        self.known[key] = [Version(identity_of(headers), state), *before]
        self.doubt = None

    def _put(self, wire, key, generator):
        body = random_body(generator)
        self._add(key, self._digest([body]), lambda: wire.s3("PUT", self._path(key), body))

    def _mark(self, wire, key, _):
        self._add(key, None, lambda: wire.s3("DELETE", self._path(key)))

    def _copy(self, wire, key, generator):
        sources = [(name, version) for name in sorted(self.known) for version in self.known[name]
                   if version.state]
        if not sources:
            return
        name, version = generator.choice(sources)
        self._add(key, version.state, lambda: wire.s3(
            "PUT", self._path(key), headers={"X-Amz-Copy-Source": self._path(name, version)}))

    def _multipart(self, wire, key, generator):
        bodies = [random_body(generator)]
        if generator.random() < 0.2:
            bodies.insert(0, generator.randbytes(1024) * (PART // 1024))
        path, parts = start_upload(wire, self._path(key), bodies)
        if generator.random() < 0.2:
            wire.s3("DELETE", path)
            return
        self._add(key, self._digest(bodies), lambda: complete(wire, path, parts))

    def _digest(self, bodies):
        of_all = digest(b"".join(bodies))
        self.files[of_all] = sum(len(body) > BLOB_BYTES for body in bodies)
        return of_all

    def _remove(self, wire, key, version):
        rest = [other for other in self.known[key] if other is not version]
        self.doubt = (key, rest)
        wire.s3("DELETE", self._path(key, version))
        self.known[key] = rest
        self.doubt = None

    def check(self, wire):
        """Lists and reads every version; yields what differs, and learns what is."""
        if not self.created:
            return
        abort_uploads(wire, self.bucket)
        listed = self._list(wire)
        for key in {*self.known, *listed, *([self.doubt[0]] if self.doubt else [])}:
            found = [self._read(wire, key, *of_key) for of_key in listed.get(key, [])]
            possible = [self.known.get(key, [])]
            if self.doubt and self.doubt[0] == key:
                possible.append(self.doubt[1])
            fitting = next((versions for versions in possible if is_same(found, versions)), None)
            if fitting is None:
                yield f"{self.bucket}: {key} has {found}, not one of {possible}"
            self.known[key] = fitting or []
            yield from self._check_latest(wire, key)
        self.doubt = None

    def _check_latest(self, wire, key):
        status, _, body = wire.s3("GET", self._path(key), accept=(404,))
        latest = self.known[key][0].state if self.known[key] else None
        if (digest(body) if status == 200 else None) != latest:
            yield f"{self.bucket}: {key} without a version is not its latest"

    def _read(self, wire, key, identity, is_marker, is_latest):
        version = Version(identity, None)
        if not is_marker:
            _, _, body = wire.s3("GET", self._path(key, version))
            version.state = digest(body)
        return version, is_latest

    def _list(self, wire):
        """Key to (version, whether it is a delete marker, whether it is the latest): the versions
        from newest to oldest, and among them in any place the markers in the same order."""
        listed = {}
        root = wire.s3_xml("GET", f"/{self.bucket}?versions")
        assert root.findtext("IsTruncated") == "false", "too many versions for this test"
        for found in root:
            if found.tag in ("Version", "DeleteMarker"):
                listed.setdefault(found.findtext("Key"), []).append(
                    (found.findtext("VersionId"), found.tag == "DeleteMarker",
                     found.findtext("IsLatest") == "true"))
        return listed

    def count_files(self):
        """How many files the checked versions have; a copy shares those of its source."""
        states = {version.state for versions in self.known.values() for version in versions}
        return sum(self.files.get(state, 0) for state in states)


def random_body(generator):
    size = generator.choice(SIZES)
    return (generator.randbytes(100) * (size // 100 + 1))[:size]


def is_same(found, expected):
    """Whether (version, is latest) are those that were expected. An expected one whose identity is
    not known then gets that of the one found."""
    def of_kind(versions, markers):
        return [version for version in versions if (version.state is None) == markers]

    there = [version for version, _ in found]
    pairs = [pair for markers in (False, True)
             for pair in itertools.zip_longest(of_kind(there, markers), of_kind(expected, markers))]
    if any(actual is None or known is None or actual.state != known.state or
           known.identity not in (None, actual.identity) for actual, known in pairs):
        return False
    for actual, known in pairs:
        known.identity = actual.identity
    return [version.identity for version, is_latest in found if is_latest] == [
        version.identity for version in expected[:1]]
