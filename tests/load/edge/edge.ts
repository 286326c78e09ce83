import { join } from "node:path";
import { run } from "../../../ops/deploy/run.ts";
import { startIdentity } from "../ours/identity.ts";
import { between } from "../machine/meter.ts";
import { Samples } from "../samples.ts";
import type { Context, Scenario } from "../scenario.ts";
import { askFor } from "./ask.ts";
import { coldStart } from "./cold_start.ts";
import { type Contender, contendersFor } from "./contenders.ts";
import { startOrigin } from "./origin.ts";

/**
 * `GET /protected` through the edge alone, before an origin that does next to nothing, against HAProxy on one thread and
 * Fastify, which verify the same tokens by the same key and count the same limit. Each user has a token; 64 connections.
 */
export const edge: Scenario = {
  name: "edge",
  async run(context) {
    const { folder, quick, say } = context;
    if ((await run("nginx", ["-v"])).kind !== "ended") {
      say("Not measured: the edge, whose origin nginx is not there: apt-get install nginx-light");
      return [];
    }
    const samples = new Samples();
    const identity = await startIdentity(USERS, folder);
    const origin = await startOrigin(folder);
    const tokens = join(folder, "tokens");
    await Deno.writeTextFile(tokens, identity.tokens.join("\n") + "\n", { mode: 0o600 });
    try {
      const contenders = await contendersFor(context, { identity: identity.url, origin: origin.url });
      const turn = { samples, tokens, seconds: quick ? 4 : 10 };
      for (let round = 0; round < context.rounds; round++) {
        for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
          await takeTurn(contender, turn, context);
        }
      }
      await coldStart(context, samples);
      return samples.rows();
    } finally {
      await origin.end();
      await identity.end();
    }
  },
};

/** Every turn has new processes, so that no other contender's are about while one is measured. */
async function takeTurn(contender: Contender, { samples, tokens, seconds }: Turn, context: Context) {
  const { say, signal, meter } = context;
  const running = await contender.start();
  try {
    const load = (seconds: number) =>
      askFor({ urls: running.urls, tokens, seconds, connections: 64, signal });
    await load(WARM_SECONDS);
    const reading = meter(running.processes);
    const before = await reading.cpuSeconds();
    const { succeeded, ...measured } = await load(seconds);
    const cpuMs = 1000 * between(before, await reading.cpuSeconds()) / Math.max(1, succeeded);
    const memoryMb = Object.values(await reading.memoryMb()).reduce((sum, mb) => sum + mb, 0);
    samples.add(ROW, contender.name, { ...measured, cpuMs, memoryMb }, contender.note);
    say(
      `${contender.name}: ${Math.round(measured.perSecond)}/s, ${(1000 * cpuMs).toFixed(0)} µs of CPU each`,
    );
  } finally {
    await running.end();
  }
}

interface Turn {
  readonly samples: Samples;
  readonly tokens: string;
  readonly seconds: number;
}

const ROW = "edge, 64 connections";
const USERS = 300;
const WARM_SECONDS = 3;
