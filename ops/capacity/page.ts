import type { Pod } from "../terraform/pods.ts";
import measured from "./measured.json" with { type: "json" };
import {
  BIRTHS_A_DAY,
  BUSY_PERCENT,
  capacityOf,
  largestProvince,
  processesFor,
  RATES,
  RESIDENTS,
  smsPerSecond,
  smsPerSecondOfProvince,
  storageGb,
} from "./model.ts";

/** What of ops/capacity.md follows from the measured costs: whether the pods carry the country, and where that ends. */
export function capacityPage(pods: readonly Pod[]): string {
  const { machine, measuredOn, sources, bytes, tokenBytes, coldStartMs } = measured;
  const { nama, share } = largestProvince();
  const stored = storageGb(RESIDENTS, BIRTHS_A_DAY);
  return `## Whether that carries the country

Measured on ${measuredOn}, ${machine}. CPU: ${sources.cpuMs}. Bytes: ${sources.bytes}. SMS: ${sources.smsMs}. These numbers stand in ops/capacity/measured.json; all others follow from them by ops/capacity/model.ts.

${round(BIRTHS_A_DAY)} births a day are ${round(RATES.births)} registrations a second, 50 times as many ${
    round(RATES.peak)
  }. To register all ${RESIDENTS / 1e6} million residents anew within 30 days takes ${
    round(RATES.campaign)
  }. A part is full at ${BUSY_PERCENT} % of its CPU; a Deno process has one thread for our code. Kafka keeps three copies, at three times the measured cost.

${
    table(
      ["part", "CPU ms each", "pods", "carry, a second", ...RATE_NAMES.map(([, name]) => `pods for ${name}`)],
      PARTS.map(([part, name, threads]) => row(part, name, threads, pods)),
    )
  }

One registration costs ${
    round(Object.values(measured.cpuMs).reduce((sum, ms) => sum + ms, 0))
  } ms of CPU in all. The relay is one process at a time, whatever its pods. So the pods of the specification are there to survive failures and to take campaigns; births alone would fit on one node.

${
    table(["what is stored", "bytes each", "GB of all residents"], [
      ["PostgreSQL: residents with their indexes", bytes.resident, round(stored.postgres)],
      [
        "MongoDB: SMS for ever, counted events for 31 days",
        bytes.smsLedger + bytes.statisticsLedger,
        round(stored.mongodb),
      ],
      ["Kafka: events of 30 days, each copy", bytes.event, round(stored.kafka)],
    ])
  }

### Where it stops

- **SMS**: those to one officer go one after the other, ${
    round(measured.smsMs)
  } ms each, and every officer of a province is told of each registration in it. So a province is told of ${
    round(smsPerSecondOfProvince())
  } registrations a second, and with ${(100 * share).toFixed(0)} % of all in ${nama} the country of ${
    round(smsPerSecond())
  }: enough for the peak of births, not for a campaign. There the SMS fall behind and arrive late, in their order, none lost; more pods do not help, a summary instead of one SMS each would.
- **Partitions**: a group has at most 10 working members, one a partition. Statistics and notification therefore end at ten times what one process carries: ${
    round(capacityOf({ cpuMs: measured.cpuMs.statistics, processes: 10, cpu: 1, threads: 1 }))
  } and ${
    round(capacityOf({ cpuMs: measured.cpuMs.notification, processes: 10, cpu: 1, threads: 1 }))
  } a second.
- **The relay** alone moves ${
    round(capacityOf({ cpuMs: measured.cpuMs.relay, processes: 1, cpu: 1, threads: 1 }))
  } a second at the cost of small batches; from a full outbox it moves more (measured by deno task bench). Beyond that the outbox would have to be split by key.
- **PostgreSQL** writes on one server: ${
    round(capacityOf({ cpuMs: measured.cpuMs.postgres, processes: 1, cpu: 4, threads: 4 }))
  } a second on its 4 CPU, the audit included.
- **Hot provinces**: the counts of a province are one document. A process changes it once for all that its partitions deliver at once, whatever that is, so that it is batches and not registrations that queue there.
- **Connections**: 11 a registration pod; the runbook "scale" and a test hold the sum against max_connections.
- **Tokens**: ${round(tokenBytes.usual)} bytes as the realm makes them, ${
    round(tokenBytes.sixtyRoles)
  } with sixty roles; each request carries one, and the edge refuses those that are too long.
- **Cold start**: ${coldStartMs} ms for the edge, which on Deno Deploy is added to the first request after each pause.
`;
}

function row(part: Part, name: string, threads: number, pods: readonly Pod[]): Row {
  const own = pods.filter((pod) => pod.name === name);
  const cpu = own[0]?.cpu ?? 1;
  const cpuMs = measured.cpuMs[part] * (part === "kafka" ? COPIES : 1);
  // The others stand by, or hold copies.
  const processes = WRITES_ALONE.has(part) ? 1 : own.length;
  return [
    part,
    round(cpuMs),
    own.length,
    round(capacityOf({ cpuMs, processes, cpu, threads })),
    ...RATE_NAMES.map(([rate]) =>
      WRITES_ALONE.has(part) ? own.length : processesFor(RATES[rate], { cpuMs, cpu, threads })
    ),
  ];
}

function table(head: Row, rows: readonly Row[]): string {
  const line = (row: Row) => `| ${row.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => column === 0 ? "---" : "--:")), ...rows.map(line)].join(
    "\n",
  );
}

function round(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: value < 1_000 ? 2 : 3 });
}

/** Of each record, where one was measured: each costs its broker as much as the first. */
const COPIES = 3;

const PARTS: readonly (readonly [part: Part, pod: string, threads: number])[] = [
  ["edge", "Deployment edge", 1],
  ["registration", "Deployment registration", 1],
  ["postgres", "Cluster postgres", 4],
  ["relay", "Deployment relay", 1],
  ["kafka", "KafkaNodePool brokers", 4],
  ["statistics", "Deployment statistics", 1],
  ["notification", "Deployment notification", 1],
];
const WRITES_ALONE: ReadonlySet<Part> = new Set<Part>(["postgres", "relay"]);
const RATE_NAMES = [["peak", "the peak of births"], ["target", "1,000/s"]] as const;

type Part = keyof typeof measured.cpuMs;
type Row = readonly (string | number)[];
