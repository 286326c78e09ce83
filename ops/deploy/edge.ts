import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import type { RunOptions } from "./run.ts";
import { Refused, type World } from "./world.ts";

/**
 * The edge on Deno Deploy, by `deno deploy` as docs.deno.com/runtime/reference/cli/deploy describes it for CI. Each
 * method throws `Refused` with a sentence when it is not done.
 */
export class DenoDeploy {
  readonly #world: EdgeWorld;
  readonly #signal: AbortSignal;

  constructor(readonly app: App, world: EdgeWorld, signal: AbortSignal) {
    this.#world = world;
    this.#signal = signal;
  }

  async signedIn(): Promise<void> {
    await this.#deploy("Sign in to Deno Deploy (set DENO_DEPLOY_TOKEN)", ["whoami", ...FLAGS]);
  }

  /** The revision that serves now; `undefined` before the first. */
  async current(): Promise<string | undefined> {
    const args = ["deployments", "list", ...FLAGS, ...this.#names()];
    const answer = await this.#deploy("List the revisions", args);
    const revisions = parse(Revisions, answer, "List the revisions").items;
    return revisions.find(({ status }) => SERVING.has(status))?.id;
  }

  /** Publishes one commit to production and waits until it serves. */
  async publish(commit: string): Promise<Published> {
    await using folder = await this.#world.temporaryFolder();
    // Never from the checkout: `deno deploy` writes its settings back into the deno.json that it finds.
    const source = `${folder.path}/edge.tar`;
    await this.#local("git", ["archive", "--format=tar", `--output=${source}`, commit, "--", ...PUBLISHED]);
    await this.#local("tar", ["-xf", source, "-C", folder.path]);
    await this.#local("rm", [source]);
    const args = [...FLAGS, ...this.#names(), "--prod", "."];
    const answer = await this.#deploy("Publish the edge", args, { cwd: folder.path, withinMs: PUBLISH_MS });
    const { revisionId, timelines } = parse(Publication, answer, "Publish the edge");
    const production = timelines.find(({ partition }) => /^production$/i.test(partition));
    const [domain] = production?.domains ?? [];
    return { revision: revisionId, url: domain?.replace(/^(?!https?:)/, "https://") };
  }

  /** Leaves a tag, so that this revision can be published again: Deno Deploy does not say what a revision was built of. */
  async remember(revision: string, commit: string): Promise<string> {
    const tag = tagOf(revision);
    await this.#local("git", ["tag", "--force", tag, commit]);
    return tag;
  }

  /** `deno deploy` has no way back to a revision: publishes the commit again that the revision was built of. */
  async goBackTo(revision: string): Promise<void> {
    const args = ["rev-parse", "--verify", "--quiet", `refs/tags/${tagOf(revision)}^{commit}`];
    const found = await this.#world.run("git", args, { signal: this.#signal });
    if (found.kind !== "ended" || found.code !== 0) {
      throw new Refused(`Find no tag "${tagOf(revision)}" that says of which commit the revision was built`);
    }
    const { revision: again } = await this.publish(found.stdout.trim());
    await this.remember(again, found.stdout.trim());
  }

  #names(): readonly string[] {
    return ["--org", this.app.org, "--app", this.app.app];
  }

  async #deploy(doing: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const ran = await this.#world.run("deno", ["deploy", ...args], { signal: this.#signal, ...options });
    if (ran.kind === "missing") throw new Refused("Install Deno 2.9 or later: there is no deno on the PATH");
    if (ran.kind === "late") throw new Refused(`${doing}: deno deploy did not end in time`);
    if (ran.code === 0) return ran.stdout;
    const told = reasonIn(ran.stderr);
    throw new Refused(`${doing}: deno deploy ended with code ${ran.code}${told === "" ? "" : `, ${told}`}`);
  }

  async #local(command: string, args: readonly string[]): Promise<void> {
    const ran = await this.#world.run(command, args, { signal: this.#signal });
    if (ran.kind === "ended" && ran.code === 0) return;
    const told = ran.kind === "ended" ? ran.stderr.trim() : ran.kind;
    throw new Refused(`${command} ${args[0] ?? ""} failed: ${told}`);
  }
}

/** The message of its JSON, or else the line that Deno calls the error, before which and after which it says more. */
function reasonIn(printed: string): string {
  const lines = stripVTControlCharacters(printed).trim().split("\n");
  const error = lines.find((line) => line.startsWith("error: "))?.slice("error: ".length);
  return /"message":\s*"([^"]*)"/.exec(printed)?.[1] ?? error ?? lines.at(-1) ?? "";
}

/** The application that the section `deploy` of deno.json names. */
export async function readApp({ read }: Pick<World, "read">): Promise<App> {
  const parsed = DenoJson.safeParse(JSON.parse(await read("deno.json") ?? "{}"));
  if (parsed.success) return parsed.data.deploy;
  throw new Refused('Name the application in deno.json: "deploy": { "org": "…", "app": "…" }');
}

export interface App {
  readonly org: string;
  readonly app: string;
}

export interface Published {
  readonly revision: string;
  /** Where production answers. */
  readonly url: string | undefined;
}

type EdgeWorld = Pick<World, "run" | "temporaryFolder">;

/** All that the edge needs, since dependencies point from `edge/` to `shared/` and no further, and what bundles it there. */
export const PUBLISHED = [
  ...["deno.json", "deno.lock", "edge", "shared"],
  ...["ops/portal", "ops/tasks/edge_bundle.ts"],
];
const FLAGS = ["--json", "--non-interactive"];
const PUBLISH_MS = 15 * 60_000;
const SERVING = new Set(["routed", "succeeded"]);

const tagOf = (revision: string) => `deployed/edge/${revision}`;

function parse<T>(schema: z.ZodType<T>, text: string, doing: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw new Refused(`${doing}: deno deploy answered something that is not its documented JSON`);
  }
}

const name = z.string().regex(/^[\w-]+$/);
const DenoJson = z.object({ deploy: z.object({ org: name, app: name }) });
const Revisions = z.object({ items: z.array(z.object({ id: name, status: z.string() })) });
const Publication = z.object({
  revisionId: name,
  timelines: z.array(z.object({ partition: z.string(), domains: z.array(z.string()) })),
});
