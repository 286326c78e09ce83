import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { z } from "zod";
import { PUBLISHED } from "../../ops/deploy/edge.ts";
import { VARIABLE_NAMES } from "../../shared/config/environment.ts";
import { eventually, freePort } from "../e2e/process.ts";
import { edgeConformance } from "./edge_conformance.ts";
import { type EdgeWorld, openEdgeWorld } from "./edge_world.ts";

const LIMIT = 8;

describe("the bundle of the edge", () => {
  let folder = "";
  let bundle = "";
  let world: EdgeWorld;
  const urls = new Map<string, string>();
  const lateAnswers = new Map<string, Promise<Response>>();
  const hosts: Host[] = [];

  before(async () => {
    folder = await Deno.makeTempDir();
    bundle = await buildAsPublished(folder);
    // A module by its content, not by the package.json of whoever hosts it.
    await Deno.writeTextFile(join(folder, "package.json"), '{"type":"module"}');
    world = await openEdgeWorld({ RATE_LIMIT_PER_MINUTE: String(LIMIT), LOGIN_LIMIT_PER_MINUTE: "100" });
    for (const [name, start] of Object.entries(RUNTIMES)) {
      const port = await freePort();
      const host = start({ bundle, port, variables: world.variables });
      hosts.push(host);
      urls.set(name, `http://127.0.0.1:${port}`);
    }
    for (const [name, url] of urls) {
      await eventually(`the edge on ${name} answers`, () => answers(url), 20_000);
    }
    const late = { authorization: `Bearer ${await world.sign("late", "admin")}` };
    for (const [name, url] of urls) {
      lateAnswers.set(name, fetch(`${url}/stats/32`, { headers: late, signal: AbortSignal.timeout(15_000) }));
    }
  });
  after(async () => {
    for (const host of hosts) await host.stop();
    await world?.close();
    await Deno.remove(folder, { recursive: true });
  });

  it("stays small, for it is read at every cold start", async () => {
    // `import { z } from "zod"` in one of its files brings 350 kB of zod that nothing calls.
    const { size } = await Deno.stat(join(dirname(bundle), "edge.js"));
    assert.ok(size < 500_000, `${size} bytes`);
  });

  it("is an entry, the page, and one module that imports nothing and asks for nothing but Web standards", async () => {
    const names = Array.from(Deno.readDirSync(dirname(bundle)), ({ name }) => name);
    assert.deepEqual(names.sort(), ["edge.js", "main.js", "portal.js"]);
    const text = await Deno.readTextFile(join(dirname(bundle), "edge.js"));
    for (
      const foreign of [
        /(?<!\.)\bimport\s*[({*"']/, // "user.import" is an audited action
        /\bimport \w/,
        /\brequire\(/,
        /["']node:/,
        /prom-client/,
        /\bBuffer\./,
      ]
    ) {
      assert.doesNotMatch(text, foreign);
    }
    // LogTape prints values by `Deno.inspect` where there is one.
    assert.deepEqual(new Set(text.match(/\bDeno\.\w+/g)), new Set(["Deno.inspect"]));
  });

  for (const name of Object.keys(RUNTIMES)) {
    describe(`on ${name}`, () => {
      edgeConformance(name, {
        edge: () => urls.get(name) ?? "",
        world: () => world,
        limit: LIMIT,
        late: () => lateAnswers.get(name) ?? assert.fail("nothing was asked"),
      });
    });
  }

  it("counts the requests of a user over all instances, whatever they run on", async () => {
    const token = await world.sign("everywhere", "petugas");
    const statuses: number[] = [];
    for (let i = 0; i < LIMIT + 3; i++) {
      statuses.push(await ask([...urls.values()][i % urls.size] ?? "", token));
    }
    assert.deepEqual(statuses, [...Array<number>(LIMIT).fill(200), 429, 429, 429]);
  });

  it("counts on by itself while the shared store is away", async () => {
    await world.stopUpstash();
    for (const [name, url] of urls) {
      const token = await world.sign(`alone-${name}`, "petugas");
      const statuses: number[] = [];
      for (let i = 0; i < LIMIT + 2; i++) statuses.push(await ask(url, token));
      assert.deepEqual(statuses, [...Array<number>(LIMIT).fill(200), 429, 429], name);
    }
  });

  for (const [name, start] of Object.entries(RUNTIMES)) {
    it(`does not run on ${name} with limits that each instance would count alone`, async () => {
      const { UPSTASH_REDIS_REST_URL: _, ...variables } = world.variables;
      const alone = start({ bundle, port: await freePort(), variables });
      assert.notEqual((await alone.ended).code, 0);
      assert.match(alone.printed(), /REDIS_URL must be set/);
      const redis = start({
        bundle,
        port: await freePort(),
        variables: { ...variables, REDIS_URL: "rediss://:sandi-redis-percobaan@r:1" },
      });
      assert.notEqual((await redis.ended).code, 0);
      assert.match(redis.printed(), /UPSTASH_REDIS_REST_URL must be set/);
    });
  }
});

describe("the tests of the edge", () => {
  it("pass on Node as they do on Deno", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const tests = await Array.fromAsync(portableTests("edge"));
      assert.ok(tests.includes("edge/app_test.ts"));
      for (const test of tests) {
        const file = join(folder, `${test.replaceAll("/", "_")}.mjs`);
        await run(Deno.execPath(), ["bundle", "--quiet", "--output", file, test]);
        const report = await run("node", ["--test", "--test-reporter=tap", file]);
        const [, passed] = /^# pass (\d+)$/m.exec(report) ?? [];
        assert.ok(Number(passed) > 0, test);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

/** Of what `deno task deploy` sends to Deno Deploy alone, by the command and to the entry that deno.json names. */
async function buildAsPublished(folder: string): Promise<string> {
  await run("sh", ["-c", `tar -cf - ${PUBLISHED.join(" ")} | tar -xf - -C '${folder}'`]);
  const { deploy } = Deploy.parse(JSON.parse(await Deno.readTextFile("deno.json")));
  const [command, ...args] = deploy.build.split(" ");
  assert.equal(command, "deno");
  await run(Deno.execPath(), args, folder);
  return join(folder, deploy.runtime.entrypoint);
}

const Deploy = z.object({
  deploy: z.object({ build: z.string(), runtime: z.object({ entrypoint: z.string() }) }),
});

/** With no more rights than it needs, where the runtime knows rights. */
const RUNTIMES: Readonly<Record<string, (hosting: Hosting) => Host>> = {
  "Deno": ({ bundle, port, variables }) =>
    host(
      Deno.execPath(),
      ["serve", ...rights(variables), "--host=127.0.0.1", `--port=${port}`, bundle],
      variables,
    ),
  // https://github.com/denoland/deno/pull/29852
  "Deno as Deno Deploy runs it": ({ bundle, port, variables }) =>
    host(Deno.execPath(), ["run", "--allow-all", bundle], {
      ...variables,
      DENO_AUTO_SERVE: "1",
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
    }),
  "Node": ({ bundle, port, variables }) =>
    host("node", ["tests/deploy/testdata/node_host.mjs", bundle, String(port)], variables),
};

function rights(variables: Readonly<Record<string, string>>): readonly string[] {
  const addresses = Object.values(variables).filter((value) => value.startsWith("http")).map((url) =>
    new URL(url).host
  );
  return [
    "--no-prompt",
    `--allow-env=${VARIABLE_NAMES}`,
    "--ignore-env",
    `--allow-net=${[...new Set(addresses)]}`,
  ];
}

function host(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Host {
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let printed = "";
  const keep = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) printed += text;
  };
  const ended = Promise.all([child.status, keep(child.stdout), keep(child.stderr)]).then(([status]) =>
    status
  );
  return {
    ended,
    printed: () => printed,
    stop() {
      child.kill("SIGKILL");
      return ended;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(`${url}/docs`)).body?.cancel();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

async function ask(url: string, token: string): Promise<number> {
  const answer = await fetch(`${url}/protected`, { headers: { authorization: `Bearer ${token}` } });
  await answer.body?.cancel();
  return answer.status;
}

/** Those that do not play a server of their own by what only Deno has. */
async function* portableTests(folder: string): AsyncIterable<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* portableTests(path);
    else if (name.endsWith("_test.ts") && !(await Deno.readTextFile(path)).includes("Deno.")) yield path;
  }
}

async function run(command: string, args: readonly string[], cwd = "."): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd }).output();
  const text = new TextDecoder().decode(stdout);
  if (code !== 0) throw new Error(`Run "${command}" failed: ${text}${new TextDecoder().decode(stderr)}`);
  return text;
}

interface Hosting {
  readonly bundle: string;
  readonly port: number;
  readonly variables: Readonly<Record<string, string>>;
}

interface Host {
  readonly ended: Promise<Deno.CommandStatus>;
  printed(): string;
  stop(): Promise<Deno.CommandStatus>;
}
