import { join } from "node:path";
import { run } from "../../../ops/deploy/run.ts";
import type { Context, Scenario } from "../scenario.ts";

/**
 * What the servers can do at most, asked by their own tools: PostgreSQL for one plain row a transaction, Kafka for
 * records of an event's size that it acknowledges.
 */
export const raw: Scenario = {
  name: "raw",
  quick: { rounds: 1, each: 8, once: 0 },
  full: { rounds: 3, each: 13, once: 0 },
  async run(context) {
    const { samples } = context;
    const database = await context.servers.newDatabase();
    for (const statement of TABLE) await context.servers.query(statement, database);
    for (let round = 0; round < context.rounds; round++) {
      samples.add("PostgreSQL, insert", "raw", await pgbench(context, database), "pgbench, 20 clients");
      samples.add("Kafka, 700 bytes", "raw", await producer(context), "ProducerPerformance, acks=all");
    }
  },
};

async function pgbench({ folder, quick, signal }: Context, database: string) {
  const script = join(folder, "insert.sql");
  await Deno.writeTextFile(script, INSERT);
  const program = await findPgbench();
  const time = quick ? 4 : 8;
  const options = ["-n", "-M", "prepared", "-c", "20", "-j", "2", "-T", String(time), "-f", script, database];
  return readPgbench(await output(program, options, signal));
}

/** Reads what pgbench prints at its end. */
export function readPgbench(printed: string) {
  const perSecond = /^tps = ([\d.]+)/m.exec(printed)?.[1];
  if (perSecond === undefined) throw new Error("pgbench printed no rate");
  return { perSecond: Number(perSecond) };
}

async function producer({ servers, quick, signal }: Context) {
  const { KAFKA_HOME = "", KAFKA_BROKERS = "" } = servers.variables;
  const java = (program: string, ...args: readonly string[]) =>
    output("java", ["-Xmx256m", "-cp", join(KAFKA_HOME, "jars/*"), program, ...args], signal);
  const topic = ["--topic", "raw-limit"];
  await java(
    "org.apache.kafka.tools.TopicCommand",
    ...["--bootstrap-server", KAFKA_BROKERS, "--create", "--if-not-exists", ...topic, "--partitions", "10"],
  );
  return readProducer(
    await java(
      "org.apache.kafka.tools.ProducerPerformance",
      ...[
        ...topic,
        "--num-records",
        quick ? "50000" : "200000",
        "--record-size",
        "700",
        "--throughput",
        "-1",
      ],
      ...["--producer-props", `bootstrap.servers=${KAFKA_BROKERS}`, "acks=all"],
    ),
  );
}

/** Reads the last line of ProducerPerformance. */
export function readProducer(printed: string) {
  const last = printed.trim().split("\n").at(-1) ?? "";
  const number = (pattern: RegExp) => {
    const found = pattern.exec(last)?.[1];
    if (found === undefined) throw new Error("ProducerPerformance printed no rate");
    return Number(found);
  };
  return {
    perSecond: number(/([\d.]+) records\/sec/),
    p50Ms: number(/([\d.]+) ms 50th/),
    p95Ms: number(/([\d.]+) ms 95th/),
    p99Ms: number(/([\d.]+) ms 99th/),
  };
}

async function output(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const ran = await run(program, args, { withinMs: 120_000, signal });
  if (ran.kind === "ended" && ran.code === 0) return ran.stdout;
  throw new Error(`Run "${program}" failed: ${ran.kind === "ended" ? ran.stderr.trim() : ran.kind}`);
}

/** Debian keeps it beside the server of each version. */
async function findPgbench(): Promise<string> {
  const versions = "/usr/lib/postgresql";
  for await (const { name } of Deno.readDir(versions)) return join(versions, name, "bin/pgbench");
  throw new Error('Cannot find pgbench: run "apt-get install postgresql-contrib"');
}

/** The baseline's table, as its run.sh has it for this. */
const TABLE = [
  "create table raw_penduduk (nik varchar(16), nama text, alamat text, provinsi text)",
  "create index on raw_penduduk (nik)",
  "create index on raw_penduduk (provinsi)",
];

const INSERT = String.raw`\set k random(1000000000000000, 9999999999999999)
\set p random(1, 38)
INSERT INTO raw_penduduk (nik, nama, alamat, provinsi) VALUES (:k::bigint::text, 'Warga Uji ' || :p, 'Jl. Merdeka No. 10 RT 01 RW 02, Kelurahan Contoh', 'Provinsi ' || :p);
`;
