// The AWS SDK for JavaScript moves large and unusual content: uploads in parts with the checksums
// that it makes by default, streams in both directions, and forms that a browser would post.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";

import * as s3 from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

import { uniqueName, useServer } from "./endpoint.js";

const server = useServer();

function connect() {
  return new s3.S3Client(server.settings({ forcePathStyle: true }));
}

async function createBucket(client) {
  const Bucket = uniqueName();
  await client.send(new s3.CreateBucketCommand({ Bucket }));
  return Bucket;
}

async function get(client, Bucket, Key) {
  const answer = await client.send(new s3.GetObjectCommand({ Bucket, Key }));
  return Buffer.from(await answer.Body.transformToByteArray());
}

async function temporaryFile(t, content) {
  const directory = await mkdtemp(path.join(tmpdir(), "matinee-js-file-"));
  t.after(() => rm(directory, { recursive: true }));
  const file = path.join(directory, "content");
  await writeFile(file, content);
  return file;
}

test("a file is uploaded in parts at once and keeps its settings", async (t) => {
  const client = connect();
  const Bucket = await createBucket(client);
  const content = randomBytes(17_000_000);
  const file = await temporaryFile(t, content);
  const progress = [];
  const upload = new Upload({
    client,
    params: {
      Bucket, Key: "ü/big", Body: createReadStream(file), ContentType: "text/x-film",
      Metadata: { film: "m" }, Tagging: "genre=test",
    },
    queueSize: 4,
    partSize: 5 << 20,
  });
  upload.on("httpUploadProgress", ({ loaded }) => progress.push(loaded));
  const done = await upload.done();
  assert.match(done.ETag, /-4"$/);
  assert.equal(Math.max(...progress), content.length);
  const head = await client.send(new s3.HeadObjectCommand({
    Bucket, Key: "ü/big", ChecksumMode: "ENABLED",
  }));
  assert.equal(head.ContentType, "text/x-film");
  assert.deepEqual(head.Metadata, { film: "m" });
  assert.match(head.ChecksumCRC32, /-4$/);
  assert.deepEqual(await get(client, Bucket, "ü/big"), content);
});

for (const ChecksumAlgorithm of ["CRC32C", "SHA256"]) {
  test(`parts with ${ChecksumAlgorithm} are verified when the object is read`, async () => {
    const client = connect();
    const Bucket = await createBucket(client);
    const Body = randomBytes(6_000_000);
    await new Upload({ client, params: { Bucket, Key: "k", Body, ChecksumAlgorithm } }).done();
    const got = await client.send(new s3.GetObjectCommand({
      Bucket, Key: "k", ChecksumMode: "ENABLED",
    }));
    assert.ok(got[`Checksum${ChecksumAlgorithm}`].endsWith("-2"));
    assert.deepEqual(Buffer.from(await got.Body.transformToByteArray()), Body);
  });
}

test("an upload that is aborted leaves no object", async () => {
  const client = connect();
  const Bucket = await createBucket(client);
  const source = new PassThrough();
  const upload = new Upload({ client, params: { Bucket, Key: "k", Body: source } });
  upload.on("httpUploadProgress", () => upload.abort());
  source.write(randomBytes(6_000_000));
  await assert.rejects(upload.done(), { name: "AbortError" });
  await assert.rejects(get(client, Bucket, "k"), s3.NoSuchKey);
});

test("a download is streamed and checked on the way", async () => {
  const client = connect();
  const Bucket = await createBucket(client);
  const Body = randomBytes(20_000_000);
  await client.send(new s3.PutObjectCommand({ Bucket, Key: "k", Body }));
  const { Body: stream } = await client.send(new s3.GetObjectCommand({ Bucket, Key: "k" }));
  const hash = createHash("sha256");
  await pipeline(stream, hash);
  assert.equal(hash.digest("hex"), createHash("sha256").update(Body).digest("hex"));
});

test("one upload streams from another object's download", async () => {
  const client = connect();
  const Bucket = await createBucket(client);
  const content = randomBytes(9_000_000);
  await client.send(new s3.PutObjectCommand({ Bucket, Key: "a", Body: content }));
  const { Body } = await client.send(new s3.GetObjectCommand({ Bucket, Key: "a" }));
  await new Upload({ client, params: { Bucket, Key: "b", Body } }).done();
  assert.deepEqual(await get(client, Bucket, "b"), content);
});

/** Posts the form with the file as a browser does. */
async function post({ url, fields }, content, type = "text/plain") {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new Blob([content], { type }), "grüße.txt");
  return fetch(url, { method: "POST", body: form });
}

test("a presigned form is enough for a browser to upload", async () => {
  const client = connect();
  const Bucket = await createBucket(client);
  const form = await createPresignedPost(client, {
    Bucket, Key: "uploads/${filename}", Expires: 60,
    Conditions: [["content-length-range", 1, 100], ["starts-with", "$Content-Type", "text/"]],
    Fields: { "Content-Type": "text/plain", "x-amz-meta-film": "m", success_action_status: "201" },
  });
  const answer = await post(form, "hello");
  assert.equal(answer.status, 201, await answer.clone().text());
  assert.match(await answer.text(), /<Key>uploads\/grüße\.txt<\/Key>/);
  assert.equal((await get(client, Bucket, "uploads/grüße.txt")).toString(), "hello");
  const head = await client.send(new s3.HeadObjectCommand({ Bucket, Key: "uploads/grüße.txt" }));
  assert.equal(head.ContentType, "text/plain");
  assert.deepEqual(head.Metadata, { film: "m" });
  const tooLarge = await post(form, "x".repeat(101));
  assert.equal(tooLarge.status, 400);
  assert.match(await tooLarge.text(), /<Code>EntityTooLarge<\/Code>/);
});

test("a form whose fields are not what was signed is refused", async () => {
  const client = connect();
  const Bucket = await createBucket(client);
  const form = await createPresignedPost(client, { Bucket, Key: "k", Expires: 60 });
  const answer = await post({ url: form.url, fields: { ...form.fields, key: "other" } }, "hello");
  assert.equal(answer.status, 403);
  assert.match(await answer.text(), /<Code>AccessDenied<\/Code>/);
});

test("parts are uploaded to presigned URLs", async () => {
  const client = connect();
  const Bucket = await createBucket(client);
  const target = { Bucket, Key: "k" };
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand(target));
  const Parts = [];
  for (const [PartNumber, size] of [[1, 5 << 20], [2, 10]]) {
    const command = new s3.UploadPartCommand({ ...target, UploadId, PartNumber });
    const url = await getSignedUrl(client, command, { expiresIn: 60 });
    const put = await fetch(url, { method: "PUT", body: Buffer.alloc(size, PartNumber) });
    assert.equal(put.status, 200);
    Parts.push({ PartNumber, ETag: put.headers.get("etag") });
  }
  await client.send(new s3.CompleteMultipartUploadCommand({
    ...target, UploadId, MultipartUpload: { Parts },
  }));
  assert.equal((await get(client, Bucket, "k")).length, (5 << 20) + 10);
});

test("writes on conditions do not overwrite", async () => {
  const client = connect();
  const Bucket = await createBucket(client);
  const put = (input) => client.send(new s3.PutObjectCommand({ Bucket, Key: "k", ...input }));
  const first = await put({ Body: "first", IfNoneMatch: "*" });
  const refused = { name: "PreconditionFailed" };
  await assert.rejects(put({ Body: "second", IfNoneMatch: "*" }), refused);
  await put({ Body: "third", IfMatch: first.ETag });
  await assert.rejects(put({ Body: "fourth", IfMatch: first.ETag }), refused);
  assert.equal((await get(client, Bucket, "k")).toString(), "third");
});

test("versions are kept, listed and read", async () => {
  const client = connect();
  const Bucket = await createBucket(client);
  await client.send(new s3.PutBucketVersioningCommand({
    Bucket, VersioningConfiguration: { Status: "Enabled" },
  }));
  const put = (Body) => client.send(new s3.PutObjectCommand({ Bucket, Key: "k", Body }));
  const { VersionId } = await put("first");
  await put("second");
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key: "k" }));
  const old = await client.send(new s3.GetObjectCommand({ Bucket, Key: "k", VersionId }));
  assert.equal(await old.Body.transformToString(), "first");
  const listed = await client.send(new s3.ListObjectVersionsCommand({ Bucket }));
  assert.equal(listed.Versions.length, 2);
  assert.equal(listed.DeleteMarkers[0].IsLatest, true);
});
