"""What a worker knows about its objects: their digests, acknowledged or in doubt."""

import hashlib

from wire import InDoubt

KEYS = 20
# Larger bodies are files of their own.
BLOB_BYTES = 16 * 1024
# Below and above that, and one that takes a while.
SIZES = [0, 10, 4096, BLOB_BYTES, BLOB_BYTES + 1, 100_000, 1_500_000]


def digest(body):
    return hashlib.md5(body).hexdigest()


def start_upload(wire, path, bodies):
    """Uploads parts; returns the upload's path and what completes it."""
    upload = wire.s3_xml("POST", path + "?uploads").findtext("UploadId")
    path = f"{path}?uploadId={upload}"
    parts = ""
    for number, body in enumerate(bodies, 1):
        _, headers, _ = wire.s3("PUT", f"{path}&partNumber={number}", body)
        parts += f"<Part><PartNumber>{number}</PartNumber><ETag>{headers['ETag']}</ETag></Part>"
    return path, f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()


def complete(wire, path, parts):
    return wire.s3("POST", path, parts)


def abort_uploads(wire, bucket):
    """Those that a kill has left open."""
    root = wire.s3_xml("GET", f"/{bucket}?uploads")
    for upload in root.iter("Upload"):
        wire.s3("DELETE",
                f"/{bucket}/{upload.findtext('Key')}?uploadId={upload.findtext('UploadId')}")


class Objects:
    """The objects of one worker in one bucket: key to digest, or None."""

    def __init__(self, worker):
        self.bucket = f"bucket-{worker}"
        self.known = {}
        self.doubtful = {}
        self.files = {}  # of a digest, whose content is random
        self.created = False

    def step(self, wire, generator):
        """One random write; the model follows what the server acknowledged."""
        if not self.created:
            wire.s3("PUT", f"/{self.bucket}")
            self.created = True
            return
        write = generator.choice([self._put] * 4 + [self._delete, self._copy, self._multipart])
        write(wire, generator)

    def _write(self, key, state, operation):
        try:
            operation()
        except InDoubt:
            self.doubtful.setdefault(key, []).append(state)
            raise
        self.known[key] = state

    def _random_body(self, generator):
        size = generator.choice(SIZES)
        body = generator.randbytes(min(size, 1000)) * (size // 1000 + 1) if size else b""
        self.files[digest(body)] = int(len(body) > BLOB_BYTES)
        return body

    def _path(self, key):
        return f"/{self.bucket}/{key}"

    def _random_key(self, generator):
        return f"folder/k{generator.randrange(KEYS)}"

    def _put(self, wire, generator):
        key, body = self._random_key(generator), self._random_body(generator)
        self._write(key, digest(body), lambda: wire.s3("PUT", self._path(key), body))

    def _delete(self, wire, generator):
        key = self._random_key(generator)
        self._write(key, None, lambda: wire.s3("DELETE", self._path(key)))

    def _copy(self, wire, generator):
        sources = sorted(key for key, state in self.known.items() if state)
        if not sources:
            return
        source, target = generator.choice(sources), self._random_key(generator) + "-copy"
        if source == target:
            return
        self._write(target, self.known[source], lambda: wire.s3(
            "PUT", self._path(target), headers={"X-Amz-Copy-Source": self._path(source)}))

    def _multipart(self, wire, generator):
        key, body = self._random_key(generator), self._random_body(generator)
        path, parts = start_upload(wire, self._path(key), [body])
        if generator.random() < 0.2:
            wire.s3("DELETE", path)
            return
        self._write(key, digest(body), lambda: complete(wire, path, parts))

    def check(self, wire):
        """Reads every object back; yields what differs, and learns what is."""
        if not self.created:
            return
        abort_uploads(wire, self.bucket)
        listed = self._list(wire)
        for key in {*self.known, *self.doubtful, *listed}:
            status, _, body = wire.s3("GET", self._path(key), accept=(404,))
            actual = digest(body) if status == 200 else None
            possible = [self.known.get(key), *self.doubtful.get(key, [])]
            if actual not in possible:
                yield f"{self.bucket}: {key} is {actual} ({len(body)} bytes), not one of {possible}"
            if (key in listed) != (actual is not None) or listed.get(key, len(body)) != len(body):
                yield f"{self.bucket}: the listing and GetObject do not agree about {key}"
            self.known[key] = actual
        self.doubtful = {}

    def _list(self, wire):
        root = wire.s3_xml("GET", f"/{self.bucket}?list-type=2")
        return {found.findtext("Key"): int(found.findtext("Size"))
                for found in root.iter("Contents")}

    def count_files(self):
        """How many files the checked objects have; a copy shares that of its source."""
        return sum(self.files.get(state, 0) for state in {*self.known.values()})
