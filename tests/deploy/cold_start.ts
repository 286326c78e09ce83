import { join } from "node:path";
import { openEdgeWorld } from "./edge_world.ts";

/**
 * `deno run --allow-all tests/deploy/cold_start.ts [rounds]`: from the start of a process to the edge's first answer, for
 * the sources and for the bundle. The answer is a 401, which needs nobody but the edge; the start contacts Upstash's
 * REST, here on this machine. Nothing else should run meanwhile.
 */
async function measure(rounds: number): Promise<void> {
  const folder = await Deno.makeTempDir();
  const world = await openEdgeWorld({});
  try {
    const bundle = join(folder, "main.js");
    const empty = join(folder, "empty.mjs");
    await Deno.writeTextFile(empty, "export default { fetch: () => new Response(null, { status: 401 }) };");
    await time([DENO, "task", "edge:bundle", folder], {});
    await Deno.writeTextFile(join(folder, "package.json"), '{"type":"module"}');
    const first = join(folder, "first.mjs");
    await Deno.writeTextFile(first, FIRST_ANSWER);
    const run = [DENO, "run", "--allow-all", "--no-check", "--config=deno.json", first];
    const starts = {
      "Deno, an empty module": [...run, empty],
      "Deno, sources": [...run, join(Deno.cwd(), "edge/deploy.ts")],
      "Deno, bundle": [...run, bundle],
      "Node, an empty module": ["node", first, empty],
      "Node, bundle": ["node", first, bundle],
    };
    const taken = new Map<string, number[]>();
    for (let round = -WARM_UP; round < rounds; round++) {
      // One of each in turn, so that what else the machine does meets all of them alike.
      for (const [name, command] of Object.entries(starts)) {
        const ms = await time(command, world.variables);
        if (round >= 0) taken.set(name, [...taken.get(name) ?? [], ms]);
      }
    }
    for (const [name, ms] of taken) {
      Deno.stdout.writeSync(encoder.encode(`${name.padEnd(24)} ${summary(ms)}\n`));
    }
  } finally {
    await world.close();
    await Deno.remove(folder, { recursive: true });
  }
}

function summary(taken: readonly number[]): string {
  const [least, median, most] = [0, 0.5, 1].map((share) => {
    const at = Math.round(share * (taken.length - 1));
    return Math.round(taken.toSorted((a, b) => a - b)[at] ?? 0);
  });
  return `${least} ms at least, ${median} ms median, ${most} ms at most`;
}

async function time(
  [command = "", ...args]: readonly string[],
  env: Record<string, string>,
): Promise<number> {
  const begun = performance.now();
  const { success, stderr } = await new Deno.Command(command, { args, env, stdout: "null", stderr: "piped" })
    .output();
  if (success) return performance.now() - begun;
  throw new Error(`Run "${command} ${args.join(" ")}" failed: ${new TextDecoder().decode(stderr)}`);
}

const FIRST_ANSWER = `
import process from "node:process";
const { default: edge } = await import(process.argv[2]);
const { status } = await edge.fetch(new Request("http://edge.invalid/stats"));
process.exit(status === 401 ? 0 : 1);
`;
const DENO = Deno.execPath();
const WARM_UP = 2;
const encoder = new TextEncoder();

if (import.meta.main) await measure(Number(Deno.args[0] ?? 20));
