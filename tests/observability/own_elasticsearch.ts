import { join, resolve } from "node:path";
import { z } from "zod";
import { down } from "../../ops/stack/down.ts";
import { elasticsearch } from "../../ops/stack/servers/elasticsearch.ts";
import { openStack } from "../../ops/stack/stack.ts";
import { status } from "../../ops/stack/status.ts";
import { up } from "../../ops/stack/up.ts";
import { stackVariables } from "../../shared/config/stack_file.ts";
import { eventually, freePort } from "../e2e/process.ts";

/**
 * Elasticsearch and the rsyslog before it, as `deno task stack up --with elasticsearch` runs them, in a folder and on
 * ports of the test's own: it may kill them. The programs are those of the stack, fetched when they are not there yet.
 */
export async function startOwnElasticsearch(): Promise<OwnElasticsearch> {
  const dir = await Deno.makeTempDir({ prefix: "own-elasticsearch-" });
  const programs = resolve(Deno.env.get("STACK_DIR") || ".stack", "programs");
  await Deno.mkdir(programs, { recursive: true });
  await Deno.symlink(programs, join(dir, "programs"));
  const ports = { elasticsearch: { http: await freePort(), transport: await freePort() } };
  const stack = openStack({
    dir,
    servers: [{ ...elasticsearch, onlyWhenNamed: false }],
    ports,
    print: () => {},
  });
  await up(stack);
  const variables = await stackVariables({ STACK_DIR: dir });
  const url = variables["ELASTICSEARCH_URL"] ?? "";
  const ask = async (path: string, init: RequestInit = {}) => {
    let text = "";
    // 503: the shard of an index that was made just now is not there yet.
    await eventually(`Elasticsearch answers to "${path}"`, async () => {
      const answer = await fetch(`${url}/${path}`, {
        ...init,
        headers: { "content-type": "application/json" },
      });
      text = await answer.text();
      if (!answer.ok && answer.status !== 503) {
        throw new Error(`Elasticsearch answered ${answer.status} to "${path}": ${text}`);
      }
      return answer.ok;
    }, 30_000);
    return JSON.parse(text);
  };
  return {
    lines: variables["ELASTICSEARCH_LINES"] ?? "",
    refused: join(stack.data("elasticsearch"), "refused.log"),
    ask,
    async documents(query) {
      await ask(`${STREAMS}/_refresh`, { method: "POST" });
      const body = JSON.stringify({ query, size: 10_000, track_total_hits: true });
      const { hits } = Documents.parse(
        await ask(`${STREAMS}/_search?allow_partial_search_results=false`, { method: "POST", body }),
      );
      if (hits.total.value !== hits.hits.length) {
        throw new Error("There are more documents than one answer holds");
      }
      return hits.hits;
    },
    async kill(process) {
      const found = (await status(stack)).find((one) => one.process === process);
      if (!found || found.state === "down") throw new Error(`Process "${process}" does not run`);
      // Elasticsearch is two processes of one group.
      Deno.kill(-found.pid, "SIGKILL");
      await eventually(
        `${process} is gone`,
        async () => (await status(stack)).every((one) => one.process !== process || one.state === "down"),
      );
    },
    start: () => up(stack),
    async stop() {
      await down(stack, { graceMs: 1_000 });
      await Deno.remove(dir, { recursive: true });
    },
  };
}

export interface OwnElasticsearch {
  /** The folder whose files `*.jsonl` are shipped. */
  readonly lines: string;
  /** The file of lines that Elasticsearch refused. */
  readonly refused: string;
  /** Rejects when the answer is an error. */
  ask(path: string, init?: RequestInit): Promise<unknown>;
  /** What the query finds in all data streams, by now. */
  documents(query: Readonly<Record<string, unknown>>): Promise<readonly Document[]>;
  kill(process: "elasticsearch" | "rsyslog"): Promise<void>;
  /** Starts what was killed, and resolves when Elasticsearch answers. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export type Document = z.infer<typeof Document>;
const Document = z.object({
  _id: z.string(),
  _index: z.string(),
  _source: z.record(z.string(), z.unknown()),
});

const Documents = z.object({
  hits: z.object({ total: z.object({ value: z.number() }), hits: z.array(Document) }),
});

/** Also when none is there yet. */
const STREAMS = "logs-kependudukan.*";
