import { join } from "node:path";
import { appointDemoOfficers } from "../../../ops/tasks/dev/demo_officers.ts";
import { type Part as PartName, PARTS, toConfig } from "../../../shared/config/config.ts";
import { openPlatform, type Platform } from "../../../shared/runtime/platform.ts";
import { generateKeys } from "../../../shared/security/key_ring.ts";
import type { Dependency } from "./dependency.ts";
import type { Managed } from "./managed.ts";
import { Part } from "./part.ts";
import { mountSmallDisk, type SmallDisk } from "./small_disk.ts";
import { type Clocks, openClocks } from "./clocks.ts";
import { type Ground, startDependencies } from "./dependencies.ts";

/**
 * The system under test: every part and every external system a process of its own, each behind a line that can be
 * broken. SMS go to the local Messages API, which is the judge of what was sent and is never killed. What was started
 * ends when the start fails or is interrupted.
 */
export async function startSystem({ on, folder, interrupted, only }: SystemOptions): Promise<System> {
  await using started = new AsyncDisposableStack();
  const logs = join(folder, "logs");
  await Deno.mkdir(logs, { recursive: true });
  const disk = await mountSmallDisk(folder, "postgres");
  if (disk) started.defer(() => disk.unmount());
  const clocks = await openClocks(join(folder, "clocks"));
  const dependencies = await startDependencies(on, { folder, logs, started, interrupted });

  const variables: Record<string, string> = {};
  const parts = new Map<PartName, Part>(
    PARTS.map((name) => [
      name,
      new Part(name, { folder: logs, variables, only: only?.(name), clocks, interrupted }),
    ]),
  );
  const part = (name: PartName): Part => {
    const found = parts.get(name);
    if (!found) throw new Error(`There is no part "${name}"`);
    return found;
  };
  for (const each of parts.values()) {
    await each.listen();
    started.defer(() => each.end());
  }
  const own = {
    ...LIMITS,
    ...await keysIn(folder),
    TWILIO_STATUS_CALLBACK: `${part("edge").url}/sms/status`,
  };
  Object.assign(variables, own, all(dependencies, "variables"), origins(part));

  const onlooker = openPlatform(toConfig({ ...own, ...all(dependencies, "direct") }));
  started.defer(() => onlooker.close());
  await appointDemoOfficers(await onlooker.officers());
  await Promise.all([...parts.values()].map((each) => each.scale(1)));
  const running = started.move();
  return {
    on,
    folder,
    logs,
    part,
    parts: [...parts.values()],
    dependencies,
    dependency(name) {
      const found = dependencies.find((dependency) => dependency.name === name);
      if (!found) throw new Error(`There is no dependency "${name}" on "${on}"`);
      return found;
    },
    processes: () => [
      ...[...parts.values()].flatMap((each) => each.instances),
      ...dependencies.flatMap(({ processes }) => processes),
    ],
    onlooker,
    disk,
    clocks,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

export interface System extends AsyncDisposable {
  readonly on: Ground;
  readonly folder: string;
  readonly logs: string;
  readonly parts: readonly Part[];
  readonly dependencies: readonly Dependency[];
  part(name: PartName): Part;
  dependency(name: string): Dependency;
  /** All that run now. */
  processes(): readonly Managed[];
  /** Reads the stores past the lines that are broken. */
  readonly onlooker: Platform;
  /** Under PostgreSQL; undefined where nobody may mount one. */
  readonly disk: SmallDisk | undefined;
  /** Of the parts; undefined where there is no libfaketime. */
  readonly clocks: Clocks | undefined;
}

export interface SystemOptions {
  readonly on: Ground;
  /** Empty; for data and logs. */
  readonly folder: string;
  readonly interrupted: AbortSignal;
  /** Variables of one part alone. */
  readonly only?: (part: PartName) => Readonly<Record<string, string>>;
}

function all(dependencies: readonly Dependency[], which: "variables" | "direct"): Record<string, string> {
  return Object.assign({}, ...dependencies.map((dependency) => dependency[which]));
}

function origins(part: (name: PartName) => Part): Record<string, string> {
  const names = ["auth", "registration", "statistics", "notification"] as const;
  return Object.fromEntries(names.map((name) => [`${name.toUpperCase()}_URL`, part(name).url]));
}

async function keysIn(folder: string): Promise<{ readonly KEYS_FILE: string }> {
  const file = join(folder, "keys.json");
  await Deno.writeTextFile(file, generateKeys(new Date()), { mode: 0o600 });
  return { KEYS_FILE: file };
}

/** Not what is under test here. */
const LIMITS = { CONFLICT_LIMIT_PER_MINUTE: "100000", RATE_LIMIT_PER_MINUTE: "100000" };
