import { z } from "zod";
import type { KubernetesObject } from "./manifest.ts";
import type { RunOptions } from "./run.ts";
import { Refused, type World } from "./world.ts";

/** One Kubernetes cluster, by kubectl. Each method throws `Refused` with a sentence when kubectl does not do it. */
export class Cluster {
  readonly #world: Pick<World, "run">;
  readonly #signal: AbortSignal;

  constructor(readonly context: string, world: Pick<World, "run">, signal: AbortSignal) {
    this.#world = world;
    this.#signal = signal;
  }

  /** The API versions that it serves, such as `apps/v1`: operators add theirs. */
  async served(): Promise<ReadonlySet<string>> {
    const answer = await this.#kubectl("Ask the cluster what it serves", [QUICK, "api-versions"]);
    return new Set(linesOf(answer));
  }

  async namespaces(): Promise<ReadonlySet<string>> {
    const answer = await this.#kubectl("List the namespaces", [QUICK, "get", "namespaces", "--output=name"]);
    return new Set(linesOf(answer).map((line) => line.replace("namespace/", "")));
  }

  async secretNames(namespace: string): Promise<ReadonlySet<string>> {
    // The table that people see is made by the server: unlike `--output`, it brings no value of a secret here.
    const args = [QUICK, "get", "secrets", "--namespace", namespace, "--no-headers"];
    const answer = await this.#kubectl(`List the secrets of "${namespace}"`, args);
    return new Set(linesOf(answer).map((line) => line.split(/\s+/)[0] ?? ""));
  }

  /** What `apply` would do, object by object; what would stay as it is is left out. */
  async differences(manifest: string): Promise<readonly Difference[]> {
    const args = [QUICK, "diff", ...SERVER_SIDE, "--filename=-"];
    const answer = await this.#kubectl("Compare deploy.yml with the cluster", args, {
      stdin: manifest,
      withinMs: 5 * 60_000,
      env: { KUBECTL_EXTERNAL_DIFF: "", LC_ALL: "C" }, // the output is read below
    }, [0, 1]);
    return readDifferences(answer);
  }

  async apply(manifest: string): Promise<void> {
    const args = [QUICK, "apply", ...SERVER_SIDE, "--filename=-"];
    await this.#kubectl("Apply deploy.yml", args, { stdin: manifest, withinMs: 5 * 60_000 });
  }

  /** Resolves when the object does what it is there for: new pods serve and old ones are gone, a server is up. */
  async ready(
    { apiVersion, kind, metadata: { name, namespace = "default" } }: KubernetesObject,
    how: Readiness,
    { withinMs, onLine, signal }: Required<Pick<RunOptions, "withinMs" | "onLine" | "signal">>,
  ): Promise<void> {
    const group = apiVersion.split("/").slice(0, -1).map((group) => `.${group}`).join("");
    const object = `${kind.toLowerCase()}${group}/${name}`;
    const wait = how === "rollout" ? ["rollout", "status", object] : ["wait", `--for=${how}`, object];
    const look = `kubectl --context ${this.context} --namespace ${namespace} describe ${object}`;
    await this.#kubectl(
      `Wait for ${kind} ${namespace}/${name} (look with: ${look})`,
      [...wait, "--namespace", namespace, `--timeout=${Math.ceil(withinMs / 1000)}s`],
      { withinMs: withinMs + 10_000, onLine, signal },
    );
  }

  /** The last release that passed all of its deployment. */
  async release(): Promise<Release | undefined> {
    const args = [QUICK, "get", "configmap", RECORD.name, "--namespace", RECORD.namespace];
    const answer = await this.#kubectl("Read the last release", [
      ...args,
      "--ignore-not-found",
      "--output=json",
    ]);
    if (answer.trim() === "") return undefined;
    const record = Record.safeParse(JSON.parse(answer));
    if (record.success) return record.data.data;
    throw new Refused(
      `Repair ConfigMap "${RECORD.namespace}/${RECORD.name}": it does not hold the last release`,
    );
  }

  async keepRelease(release: Release): Promise<void> {
    const record = { apiVersion: "v1", kind: "ConfigMap", metadata: RECORD, data: release };
    const args = [QUICK, "apply", ...SERVER_SIDE, "--filename=-"];
    await this.#kubectl("Keep the release for a way back", args, { stdin: JSON.stringify(record) });
  }

  async #kubectl(
    doing: string,
    args: readonly string[],
    options: RunOptions = {},
    fine = [0],
  ): Promise<string> {
    const ran = await this.#world.run("kubectl", ["--context", this.context, ...args], {
      signal: this.#signal,
      ...options,
    });
    if (ran.kind === "missing") throw new Refused("Install kubectl: there is none on the PATH");
    if (ran.kind === "late") throw new Refused(`${doing} did not end in time`);
    if (fine.includes(ran.code)) return ran.stdout;
    throw new Refused(
      `${doing} failed: ${linesOf(ran.stderr).at(-1) ?? `kubectl ended with code ${ran.code}`}`,
    );
  }
}

export interface Difference {
  /** As kubectl names it: `Deployment services/auth`. */
  readonly object: string;
  readonly kind: "create" | "change";
  readonly added: number;
  readonly removed: number;
}

/** `rollout`, or what `kubectl wait --for` takes. */
export type Readiness = "rollout" | `condition=${string}` | `jsonpath=${string}`;

export type Release = z.output<typeof Record>["data"];

const QUICK = "--request-timeout=30s";

// deploy.yml is the only source of the fields that it names, so it wins them back from whoever edited by hand.
const SERVER_SIDE = ["--server-side", "--force-conflicts", "--field-manager=kependudukan-deploy"];

const RECORD = { name: "kependudukan-release", namespace: "services" };
const Record = z.object({ data: z.object({ commit: z.string(), tag: z.string(), manifest: z.string() }) });

/** Reads `diff -u -N` of files named `group.version.Kind.namespace.name`. */
function readDifferences(text: string): readonly Difference[] {
  return text.split(/^diff /m).slice(1).map((part) => {
    const file = /^.*\/LIVE-\d+\/(?:\S+?\.)?v\d\w*\.([A-Z]\w*)\.([a-z0-9-]*)\.(\S+) /.exec(part);
    const [, kind = "object", namespace = "", name = "?"] = file ?? [];
    const hunks = part.slice(Math.max(0, part.indexOf("\n@@")));
    return {
      object: `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`,
      kind: hunks.startsWith("\n@@ -0,0 ") ? "create" : "change",
      added: hunks.match(/^\+/gm)?.length ?? 0,
      removed: hunks.match(/^-/gm)?.length ?? 0,
    };
  });
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}
