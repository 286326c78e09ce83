import type { Part } from "../../shared/config/config.ts";
import type { Meter } from "./machine/meter.ts";
import type { Samples } from "./samples.ts";

/** One subject of the bench: runs its contenders in turns, on the servers that it is given. */
export interface Scenario {
  /** As `--only` names it. */
  readonly name: string;
  /** Without it, the scenario is no part of that mode, and is run only when it is named. */
  readonly quick?: Rounds;
  readonly full: Rounds;
  run(context: Context): Promise<void>;
}

/** How often each contender has its turn, and what that takes on two cores. */
export interface Rounds {
  readonly rounds: number;
  /** Seconds of one round, of all its turns together. */
  readonly each: number;
  /** Seconds of what is done once, such as the start of what the rounds share. */
  readonly once: number;
}

export interface Context {
  /** Short turns: at most five minutes for all scenarios together. */
  readonly quick: boolean;
  /** How often each contender has its turn. */
  readonly rounds: number;
  /** Takes what is measured at once, so that what comes before a failure is not lost. */
  readonly samples: Samples;
  /** Of this scenario, for data and logs; empty. */
  readonly folder: string;
  /** Real servers, shared by all scenarios and idle when one begins. */
  readonly servers: Servers;
  /** Undefined where the folder of `--baseline` is not there: rows are then ours alone. */
  readonly baseline: BaselinePrograms | undefined;
  /** Starts a part as production does, in a process of its own, and resolves when it is ready. */
  startPart(part: Part, variables: Variables): Promise<Running>;
  /** CPU and memory of these processes, by name; each with all that it has started. */
  meter(processes: Processes): Meter;
  /** Tells the person what goes on. */
  say(sentence: string): void;
  readonly signal: AbortSignal;
}

/** What a contender was measured at. One sample a round; the table shows their median. */
export interface Row {
  /** What was measured, the same for all who are compared, for instance "registration, 100 connections". */
  readonly name: string;
  /** Who: "ours", "baseline", "raw", or a name of its own such as "HAProxy". */
  readonly contender: string;
  readonly measures: Measures;
  /** What `cpuMs` consists of, where that is of interest. */
  readonly cpuMsByProcess?: Readonly<Record<string, readonly number[]>>;
  /** What the numbers do not say, in a few words. */
  readonly note?: string;
}

export type Measures = Readonly<Partial<Record<Measure, readonly number[]>>>;

export type Measure =
  /** Requests, events or messages a second. */
  | "perSecond"
  | "p50Ms"
  | "p95Ms"
  | "p99Ms"
  /** Requests with another answer than the expected one, or none. */
  | "errorPercent"
  /** Connections refused or broken, and answers that never came. */
  | "socketErrors"
  /** CPU milliseconds for one request, event or message, of all processes of the contender and the servers it uses. */
  | "cpuMs"
  /** PostgreSQL's part of it. */
  | "postgresCpuMs"
  /** PostgreSQL's part of the whole machine, while under load. */
  | "postgresCpuPercent"
  /** Proportional set size (PSS) in MB of the contender's own processes. */
  | "memoryMb"
  /** Seconds from the end of the load until the last consequence. */
  | "drainSeconds"
  /** Events that waited when the load ended. */
  | "lag"
  /** Effects that are missing, doubled or out of order. */
  | "wrong";

export interface Servers {
  /** DATABASE_URL (superuser), KAFKA_BROKERS, MONGODB_URI, REDIS_URL, TWILIO_… as the parts read them. */
  readonly variables: Variables;
  /** For `meter`: postgres, kafka, mongodb, redis, messages-api. */
  readonly processes: Processes;
  /** Makes an empty database on the same server; answers its superuser's DATABASE_URL. */
  newDatabase(): Promise<string>;
  /** Runs a statement as superuser, in the database of `variables` or another. */
  query(sql: string, database?: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** The baseline, built from the folder of `--baseline` into a folder of the bench's own. */
export interface BaselinePrograms {
  /** Of Go. */
  readonly registration: string;
  readonly notification: string;
  /** Of Node; its folder has node_modules. */
  readonly statistics: string;
  /** Arguments of Java that start its MongoDB in memory; the port follows. */
  readonly mongodb: readonly string[];
}

export interface Running {
  readonly pid: number;
  /** Where it serves. */
  readonly url: string;
  /** Where it serves `/metrics` and `/healthz`. */
  readonly operations: string;
  end(): Promise<void>;
}

/** Process ids by name. */
export type Processes = Readonly<Record<string, number>>;
export type Variables = Readonly<Record<string, string>>;
