import { join, resolve } from "node:path";
import { stderr, stdout } from "node:process";
import { run } from "../../ops/deploy/run.ts";
import { exists } from "../deploy/run/exists.ts";
import { FLOOR } from "./floor.ts";
import { startIdentity } from "./ours/identity.ts";
import { prepareOurs } from "./ours/system.ts";
import { writeProvinces } from "./registration/provinces.ts";
import { startServers } from "./servers/servers.ts";

/**
 * `deno task bench:k6`: puts a system of its own, on real servers, under the scenario registration.js by k6. Exit code
 * of k6: 0 when its thresholds hold, 99 when one does not.
 */
async function main(): Promise<number> {
  const k6 = await findK6();
  const folder = await Deno.makeTempDir({ prefix: "k6-" });
  await using started = new AsyncDisposableStack();
  started.defer(() => Deno.remove(folder, { recursive: true }));
  const servers = await startServers(folder);
  started.defer(() => servers.end());
  const identity = await startIdentity(OFFICERS, folder);
  started.defer(() => identity.end());
  const ours = await prepareOurs({ servers, identity, folder });
  started.defer(() => ours.end());
  const { edge, end } = await ours.start();
  started.defer(end);

  const tokens = join(folder, "tokens");
  await Deno.writeTextFile(tokens, identity.tokens.join("\n"), { mode: 0o600 });
  const given = Object.entries({
    ...{ EDGE: edge.url, TOKENS: tokens, PROVINCES: await writeProvinces(folder), VUS: OFFICERS },
    ...{ REGISTRATIONS: FLOOR.registrations, P95_MS: FLOOR.p95Ms, ERROR_PERCENT: FLOOR.errorPercent },
  }).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const { code } = await new Deno.Command(k6, {
    args: ["run", "--quiet", "--no-usage-report", ...given, SCENARIO],
    stdin: "null",
  }).spawn().status;
  stdout.write(
    code === 0 ? "All thresholds hold\n" : `k6 ended with ${code}: 99 means that a threshold was missed\n`,
  );
  return code;
}

/** Built at its version by Go, once; `go` checks what it downloads by its checksum database. */
async function findK6(): Promise<string> {
  const folder = resolve(Deno.env.get("STACK_DIR") || ".stack", `tools/k6@${VERSION}`);
  const program = join(folder, "k6");
  if (await exists(program)) return program;
  stderr.write(`Building k6 ${VERSION}, once\n`);
  const ran = await run("nice", ["env", `GOBIN=${folder}`, "go", "install", `go.k6.io/k6@${VERSION}`], {
    withinMs: 15 * 60_000,
  });
  if (ran.kind === "ended" && ran.code === 0) return program;
  const reason = ran.kind === "ended" ? ran.stderr.trim().split("\n").at(-1) : ran.kind;
  throw new Error(`Build k6 failed, which needs Go (Debian: golang-go): ${reason}`);
}

const VERSION = "v1.8.1";
const SCENARIO = join(import.meta.dirname ?? "", "registration.js");
/** As many as k6 has users at once. */
const OFFICERS = 100;

if (import.meta.main) Deno.exit(await main());
