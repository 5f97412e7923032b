// The server under test: $MATINEE_ENDPOINT, or a `matinee up` of our own that ends with the tests.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import readline from "node:readline";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

export function findBinary() {
  const candidates = process.env.MATINEE_BINARY
    ? [path.resolve(process.env.MATINEE_BINARY)]
    : ["release", "dev"].map((preset) => path.join(ROOT, "build", preset, "src/matinee"));
  const found = candidates.find((candidate) => existsSync(candidate));
  if (!found) throw new Error(`no matinee program at ${candidates.join(" or ")}`);
  return found;
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Starts a server for the tests of one file; settings() is what a client's constructor takes. */
export function useServer() {
  let server;
  let directory;
  let url = process.env.MATINEE_ENDPOINT;

  before(async () => {
    if (url) return;
    directory = await mkdtemp(path.join(tmpdir(), "matinee-js-"));
    const port = await freePort();
    const data = path.join(directory, "data");
    server = spawn(findBinary(), ["up", "--port", String(port), "--data", data], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(readline.createInterface(server.stdout), "line");
    if (!line.includes(String(port))) throw new Error(`unexpected ready line: ${line}`);
    url = `http://127.0.0.1:${port}`;
  });

  after(async () => {
    if (!server) return;
    server.kill("SIGTERM");
    const [code] = await once(server, "exit");
    await rm(directory, { recursive: true });
    if (code !== 0) throw new Error(`the server ended with ${code} after SIGTERM`);
  });

  return {
    url: () => url,
    settings: (more = {}) => ({
      endpoint: url,
      region: "us-east-1",
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
      maxAttempts: 1,
      ...more,
    }),
  };
}

let counter = 0;

/** A name that nothing else has. */
export function uniqueName() {
  counter += 1;
  return `js-${process.pid}-${Date.now()}-${counter}`;
}
