import { join } from "node:path";
import { run } from "../../../ops/deploy/run.ts";
import { startIdentity } from "../ours/identity.ts";
import { between } from "../machine/meter.ts";
import { writeProvinces } from "../registration/provinces.ts";
import { type Load, putUnderLoad } from "../registration/wrk.ts";
import type { Context, Scenario } from "../scenario.ts";
import { askFor } from "./ask.ts";
import { coldStart } from "./cold_start.ts";
import { type Contender, contendersFor, type Started } from "./contenders.ts";
import { startOrigin } from "./origin.ts";

/**
 * `GET /protected` and `POST /penduduk` through the edge alone, before an origin that does next to nothing, against
 * HAProxy on one thread and Fastify, which verify the same tokens by the same key and count the same limit. Each user has
 * a token; 64 connections.
 */
export const edge: Scenario = {
  name: "edge",
  quick: { rounds: 1, each: 36, once: 10 },
  full: { rounds: 2, each: 66, once: 26 },
  async run(context) {
    const { folder, quick } = context;
    if ((await run("nginx", ["-v"])).kind !== "ended") {
      throw new Error("The edge's origin, nginx, is not there: apt-get install nginx-light");
    }
    const identity = await startIdentity(USERS, folder);
    const origin = await startOrigin(folder);
    const tokens = join(folder, "tokens");
    await Deno.writeTextFile(tokens, identity.tokens.join("\n") + "\n", { mode: 0o600 });
    try {
      const contenders = await contendersFor(context, { identity: identity.url, origin: origin.url });
      const turn = {
        ...{ tokens, provinces: await writeProvinces(folder) },
        ...quick ? { seconds: 3, warmSeconds: 4 } : { seconds: 6, warmSeconds: 5 },
      };
      for (let round = 0; round < context.rounds; round++) {
        for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
          await takeTurn(contender, turn, context);
        }
      }
      await coldStart(context);
    } finally {
      await origin.end();
      await identity.end();
    }
  },
};

/** Every turn has new processes, so that no other contender's are about while one is measured. */
async function takeTurn(contender: Contender, turn: Turn, context: Context): Promise<void> {
  const { tokens, provinces, seconds, warmSeconds } = turn;
  const running = await contender.start();
  const { signal } = context;
  const common = { tokens, connections: CONNECTIONS, signal };
  const get = (seconds: number) => askFor({ ...common, urls: [running.url], seconds });
  const post = (seconds: number) =>
    putUnderLoad({ ...common, url: running.url, seconds, provinces, first: 0 });
  try {
    await get(warmSeconds);
    await measure(`edge, ${CONNECTIONS} connections`, { contender, running, context }, () => get(seconds));
    await post(Math.ceil(warmSeconds / 2));
    await measure(
      `edge, POST, ${CONNECTIONS} connections`,
      { contender, running, context },
      () => post(seconds),
    );
  } finally {
    await running.end();
  }
}

async function measure(name: string, subject: Subject, load: () => Promise<Load>): Promise<void> {
  const { contender, running, context: { meter, samples, say } } = subject;
  const reading = meter(running.processes);
  const before = await reading.cpuSeconds();
  const { succeeded, ...measured } = await load();
  const cpuMs = 1000 * between(before, await reading.cpuSeconds()) / Math.max(1, succeeded);
  const memoryMb = Object.values(await reading.memoryMb()).reduce((sum, mb) => sum + mb, 0);
  samples.add(name, contender.name, { ...measured, cpuMs, memoryMb }, contender.note);
  say(
    `${name}, ${contender.name}: ${Math.round(measured.perSecond)}/s, ${
      (1000 * cpuMs).toFixed(0)
    } µs of CPU each`,
  );
}

interface Subject {
  readonly contender: Contender;
  readonly running: Started;
  readonly context: Context;
}

interface Turn {
  readonly tokens: string;
  readonly provinces: string;
  readonly seconds: number;
  readonly warmSeconds: number;
}

const CONNECTIONS = 64;
const USERS = 300;
