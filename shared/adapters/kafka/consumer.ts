import { getLogger } from "@logtape/logtape";
import type { Consumer } from "../../ports/event_log.ts";
import { backoffMs, sleep } from "../../resilience/backoff.ts";
import { codeOf } from "./diagnosis.ts";
import { type MemberOptions, takePart } from "./member.ts";

/**
 * A member of a group. Where kafkajs gives up (CRASH), a new member takes its place after a back-off, as often as it
 * takes; until that has joined, `failure` tells why there is none, and the log's `check` fails.
 */
export function createConsumer(options: ConsumerOptions): KafkaConsumer {
  const { group, drainMs } = options;
  const stop = new AbortController();
  let resumed: AbortController | undefined;
  let failure: string | undefined;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    let failures = 0;
    const joined = () => {
      failures = 0;
      failure = undefined;
    };
    while (!stop.signal.aborted) {
      try {
        await takePart({ ...options, whilePaused, joined, stop: stop.signal });
      } catch (error) {
        failure = codeOf(error);
        log.warn("Member of {group} failed: {failure}", { group, failure, failures });
        await sleep(backoffMs(failures++, { baseMs: 500, capMs: 30_000 }), stop.signal);
      }
    }
  }

  async function whilePaused(signal: AbortSignal): Promise<void> {
    while (resumed && !signal.aborted) await sleep(DAY_MS, AbortSignal.any([resumed.signal, signal]));
  }

  return {
    start() {
      running ??= run();
      return Promise.resolve();
    },
    async stop() {
      stop.abort();
      const ended = new AbortController();
      void running?.then(() => ended.abort());
      if (running) await sleep(drainMs + LEAVE_MS, ended.signal);
      if (running && !ended.signal.aborted) log.warn("Left {group} without an answer", { group });
    },
    pause() {
      resumed ??= new AbortController();
    },
    resume() {
      resumed?.abort();
      resumed = undefined;
    },
    failure: () => failure,
  };
}

export type ConsumerOptions = Omit<MemberOptions, "whilePaused" | "joined" | "stop">;

export interface KafkaConsumer extends Consumer {
  /** Why it is no member of its group although it should be. */
  failure(): string | undefined;
}

const LEAVE_MS = 5_000;
const DAY_MS = 24 * 3_600_000;

const log = getLogger(["kependudukan", "event-log"]);
