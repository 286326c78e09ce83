import { after, afterEach, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { PARTS } from "../../shared/config/config.ts";
import { ATTEMPTS } from "./testdata/intruder.ts";
import denoJson from "../../deno.json" with { type: "json" };

let folder = "";
let elsewhere: Deno.HttpServer<Deno.NetAddr>;
let socket: Deno.UnixListener;

before(async () => {
  folder = await Deno.makeTempDir();
  elsewhere = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, serveElsewhere);
  socket = Deno.listen({ transport: "unix", path: join(folder, "socket") });
  await lay();
});
after(async () => {
  socket.close();
  await elsewhere.shutdown();
  await Deno.remove(folder, { recursive: true });
});

/** Malicious code in the place of a part's own module, started by the very command of its task in deno.json. */
describe("Attacks by a taken-over process", () => {
  for (const part of PARTS) {
    describe(part, () => {
      let outcomes: ReadonlyMap<string, string>;
      before(async () => {
        outcomes = await intrude(commandOf(part));
      });
      for (const attempt of Object.keys(ATTEMPTS)) {
        it(`to ${attempt} is refused`, () => assert.equal(outcomes.get(attempt), "refused"));
      }
    });
  }
});

describe("the attempts of a taken-over process", () => {
  afterEach(lay);

  it("left nothing behind", async () => {
    assert.deepEqual(await laid(), [".env", "module.ts", "secret.json", "socket"]);
  });

  it("would all come through with every right", async () => {
    const outcomes = await intrude("deno run --no-lock --allow-all main.ts");
    assert.equal(outcomes.size, Object.keys(ATTEMPTS).length);
    assert.deepEqual([...outcomes].filter(([, outcome]) => outcome === "refused"), []);
    assert.ok((await laid()).includes("written"));
  });
});

function commandOf(part: string): string {
  const { tasks } = denoJson;
  const found = Object.entries(tasks).find(([name]) => name === part || name === `worker:${part}`);
  if (!found) throw new Error(`Find the task of "${part}" failed`);
  return found[1].command;
}

async function intrude(command: string): Promise<ReadonlyMap<string, string>> {
  const words = `${INTRUDER} http://127.0.0.1:${elsewhere.addr.port} ${folder}`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "--eval", command.replace(/\S*main\.ts$/, words)],
    env: {
      NO_COLOR: "1",
      NOT_OURS: "rahasia",
      KEYS_FILE: "/run/keys.json",
      DATABASE_URL: "postgres://127.0.0.1",
    },
    stdin: "null",
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  if (lines.length < 2) throw new Error(new TextDecoder().decode(stderr));
  return new Map(lines.map((line) => JSON.parse(line)));
}

async function lay(): Promise<void> {
  await Deno.writeTextFile(join(folder, "secret.json"), '"rahasia"');
  await Deno.writeTextFile(join(folder, "module.ts"), "export {};");
  await Deno.writeTextFile(join(folder, ".env"), "NOT_OURS=rahasia");
}

async function laid(): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

function serveElsewhere(request: Request): Response {
  if (request.headers.get("upgrade") === "websocket") return Deno.upgradeWebSocket(request).response;
  return new Response("export {};", { headers: { "content-type": "application/typescript" } });
}

const INTRUDER = "tests/security/testdata/intruder.ts";
