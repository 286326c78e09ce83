import type { Machine } from "./machine/machine.ts";
import { type Result, sentence } from "./report.ts";
import { spread } from "./samples.ts";
import type { Row } from "./scenario.ts";
import { toProcesses, toRatios, toTable } from "./table.ts";
import { judge, type Judgement } from "./targets.ts";

/** BENCHMARKS.md: what was measured, on what, how, how far the rounds lie apart, and what was not reached. */
export function toBenchmarks({ rows, targets, failed }: Result, { machine, at }: Circumstances): string {
  const judgements = judge(rows, targets);
  return `# Benchmarks

Written by \`deno task bench\`, ${
    at.toISOString().slice(0, 10)
  }, commit ${machine.commit}. Do not edit: run it again.

${toTable(rows)}

Medians of the rounds. In each round every contender has its turn, in alternating order, with new processes that
are warmed up first. "CPU ms each" is that of all processes of the contender and of the servers it uses, until all
consequences are done, divided by the successful requests, events or messages. "wrong" counts effects that are missing,
doubled or out of order. The raw limit of a registration is what pgbench inserts, that of the relay what
ProducerPerformance sends.

## Ours against each other

Ours divided by the other: more is better for what is done in a second, less for P95 and CPU.

${toRatios(rows)}

## CPU of one registration

At 100 connections, until all its consequences are done.

${toProcesses(rows, "registration, 100 connections")}

## Targets

${judgements.filter(({ kind }) => kind === "reached").length} of ${targets.length} are reached.

${
    [...failed.map(({ name, reason }) => `- **failed**: ${name}: ${reason}`), ...sorted(judgements).map(line)]
      .join("\n")
  }

## Tolerance

Half of the range of the rounds' samples, over their median.

${rows.flatMap(tolerance).join("\n")}

## Machine

${machine.hardware}. ${
    machine.versions.join(", ")
  }. Load generator, contenders and servers share the cores, so that all rates are those of a
machine that is full.

## Configuration

- **Ours**: edge, auth, registration, relay, statistics and notification, a process each, with the rights and
  variables of production: tokens verified and introspected, exact limit in Redis (raised to 100,000 a minute for each
  of as many officers as there are connections), audit in table and output, columns encrypted, outbox. The identity
  provider is the embedded one in a process of its own. Statistics and SMS ledger are in PostgreSQL: the only server of
  MongoDB's protocol here that speaks MongoDB 8, SecantusDB, spends 4 ms of CPU on each registration, which would
  hide everything else.
- **Baseline**: its variant "tuned", with the MongoDB in memory that it ships, which our driver refuses. SMS that it
  has not sent ${DRAIN} s after the load are left undone, and not in its CPU.
- **Servers**: one PostgreSQL with its durable defaults, one Kafka broker (10 partitions, acks=all), shared by both,
  a database and topics each. SMS of both go to one local Messages API, which reports no deliveries.
- **End to end**: one officer in charge of each of the 38 provinces, people in them as they live: 18 % in Jawa Barat,
  whose officer gets 90 SMS a second, one after the other. So the Messages API answers at once here: one that takes
  100 ms tells an officer of no more than ten a second, whatever we do (ops/capacity.md).
- **Edge**: alone, before one nginx that gives every request the same answer; limiter in memory, tokens of 300 users
  verified by RS256. HAProxy verifies and counts in one thread; Fastify by its own plugins in one process.
- **Workers**: so many edges, each before a registration and an auth of its own, share the connections while nobody
  follows; then so many of one part catch up on what waits, measured from the first that is done to the last.
- **Load**: wrk with one thread, another person each request; for end to end a steady rate, each event's own times.
`;
}

export interface Circumstances {
  readonly machine: Machine;
  readonly at: Date;
}

/** What is not reached first. */
function sorted(judgements: readonly Judgement[]): readonly Judgement[] {
  return KINDS.flatMap((kind) => judgements.filter((judgement) => judgement.kind === kind));
}

function line(judgement: Judgement): string {
  const { kind } = judgement;
  return `- ${kind === "reached" ? kind : `**${kind}**`}: ${sentence(judgement)}`;
}

const KINDS = ["missed", "not measured", "reached"] as const satisfies readonly Judgement["kind"][];

function tolerance({ name, contender, measures: { perSecond, p95Ms } }: Row): readonly string[] {
  const measured = perSecond ?? p95Ms;
  if (measured === undefined) return [];
  const what = perSecond ? "per second" : "P95";
  return [
    `- ${name}, ${contender}: ${what} ± ${Math.round(100 * spread(measured))} % (${measured.length} samples)`,
  ];
}

const DRAIN = 4;
