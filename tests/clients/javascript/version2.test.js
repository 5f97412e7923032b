// Version 2 of the SDK cannot be told of another endpoint by its environment: it reaches Matinee as
// its proxy, under AWS's names.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { findBinary, uniqueName } from "./endpoint.js";

const PROGRAM = path.join(path.dirname(fileURLToPath(import.meta.url)), "version2_pipeline.cjs");
const run = promisify(execFile);
let directory;
let server;
let address;

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "matinee-js2-"));
  const where = ["--port", "0", "--data", directory, "--format", "json", "--exit-with-parent"];
  server = spawn(findBinary(), ["up", "--tls", ...where], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(readline.createInterface({ input: server.stdout }), "line");
  ({ address } = JSON.parse(line));
});

after(async () => {
  server.kill();
  await once(server, "exit");
  await rm(directory, { recursive: true });
});

test("version 2 of the SDK works unchanged behind the proxy", async () => {
  const { stdout: trusted } = await run(findBinary(), ["certificate", "--data", directory]);
  const name = uniqueName();
  const { stdout } = await run(process.execPath, [PROGRAM, name], {
    env: {
      ...process.env,
      https_proxy: address,
      NODE_EXTRA_CA_CERTS: trusted.trim(),
      AWS_ACCESS_KEY_ID: "459727908782",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: "1",
    },
  });
  const told = JSON.parse(stdout);
  assert.equal(told.queue, `https://sqs.eu-central-1.amazonaws.com/459727908782/${name}`);
  assert.equal(told.size, 300_000);
  assert.equal(told.n, "5");
});
