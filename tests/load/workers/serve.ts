import { join } from "node:path";
import { askFor, together } from "../edge/ask.ts";
import { between } from "../machine/meter.ts";
import { writeProvinces } from "../registration/provinces.ts";
import { type Load, putUnderLoad } from "../registration/wrk.ts";
import type { Processes, Running } from "../scenario.ts";
import { ofEach, type World } from "./world.ts";

/** So many edges, each before a registration and an auth of its own, share 100 connections. Nobody follows meanwhile. */
export async function serve(processes: number, world: World): Promise<void> {
  const { context: { folder, signal }, identity } = world;
  const tokens = join(folder, "tokens");
  await Deno.writeTextFile(tokens, identity.tokens.join("\n"), { mode: 0o600 });
  const provinces = await writeProvinces(folder);
  await using started = new AsyncDisposableStack();
  const ways = await Promise.all(Array.from({ length: processes }, () => startWay(started, world)));
  const urls = ways.map(({ edge }) => edge.url);
  const connections = CONNECTIONS / processes;
  const post = async (seconds: number) =>
    (await Promise.all(
      urls.map((url) =>
        putUnderLoad({ url, connections, seconds, tokens, provinces, first: first += PEOPLE, signal })
      ),
    )).reduce(together);
  const get = (seconds: number) => askFor({ urls, connections: CONNECTIONS, seconds, tokens, signal });
  const used = (part: keyof Way) =>
    Object.fromEntries(
      ways.flatMap((way, i) =>
        [["edge", way.edge.pid], [part, way[part].pid]].map(([name, pid]) => [`${name}-${i}`, Number(pid)])
      ),
    );
  await post(WARM_SECONDS);
  await measure("workers, registering by edge and registration", used("registration"), () => post(SECONDS));
  await get(WARM_SECONDS);
  await measure("workers, GET /protected by edge and auth", used("auth"), () => get(SECONDS));

  async function measure(name: string, parts: Processes, load: () => Promise<Load>): Promise<void> {
    const { context: { samples, meter, say }, ours } = world;
    const reading = meter(ours.processes(parts));
    const before = await reading.cpuSeconds();
    const { succeeded, ...measured } = await load();
    const cpuMs = 1000 * between(before, await reading.cpuSeconds()) / Math.max(1, succeeded);
    const memory = await meter(parts).memoryMb();
    const memoryMb = Object.values(memory).reduce((sum, mb) => sum + mb, 0);
    samples.add(name, ofEach(processes), { ...measured, cpuMs, memoryMb });
    say(`${name}, ${ofEach(processes)}: ${Math.round(measured.perSecond)}/s, ${Math.round(memoryMb)} MB`);
  }
}

async function startWay(started: AsyncDisposableStack, { context, ours }: World): Promise<Way> {
  const start = async (part: keyof Way, more: Readonly<Record<string, string>>) => {
    const running = await context.startPart(part, { ...ours.variables, AUDIT_SINKS: "stdout", ...more });
    started.defer(() => running.end());
    return running;
  };
  const [registration, auth] = await Promise.all([
    start("registration", { AUDIT_SINKS: "table,stdout" }),
    start("auth", {}),
  ]);
  const edge = await start("edge", {
    REGISTRATION_URL: registration.url,
    // Nobody asks for the other two.
    ...{ AUTH_URL: auth.url, STATISTICS_URL: auth.url, NOTIFICATION_URL: auth.url },
  });
  return { edge, registration, auth };
}

type Way = Readonly<Record<"edge" | "registration" | "auth", Running>>;

let first = 0;
/** More than any load registers. */
const PEOPLE = 1_000_000;
const CONNECTIONS = 100;
const WARM_SECONDS = 3;
const SECONDS = 4;
