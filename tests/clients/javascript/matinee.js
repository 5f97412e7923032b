// One Matinee for the tests of a file, with which it ends; an empty cloud for each of them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import readline from "node:readline";
import { after, before, beforeEach } from "node:test";

/** settings() is what the constructor of any client of the SDK takes. */
export function useMatinee() {
  let server;
  let address;

  before(async () => {
    server = spawn(process.env.MATINEE_BINARY ?? "matinee",
      ["up", "--port", "0", "--durability", "memory", "--format", "json", "--exit-with-parent"],
      { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(readline.createInterface({ input: server.stdout }), "line");
    ({ address } = JSON.parse(line));
  });

  beforeEach(async () => {
    const reply = await fetch(`${address}/_matinee/reset`, { method: "POST" });
    if (!reply.ok) throw new Error(`The reset has failed: ${await reply.text()}`);
  });

  after(async () => {
    server.kill();
    await once(server, "exit");
  });

  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return { settings: () => ({ endpoint: address, region: "us-east-1", credentials }) };
}
