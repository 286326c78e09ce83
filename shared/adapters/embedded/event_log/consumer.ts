import type { Consumer } from "../../../ports/event_log.ts";
import { keepSession } from "../../postgres/session.ts";
import { type MemberOptions, takePart } from "./member.ts";
import type { Secret } from "../../../security/secret.ts";

/** A member of a group, on a connection of its own which it makes anew whenever it is lost. */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { url, idleMs, ...member } = options;
  const stop = new AbortController();
  let paused = false;
  let running: Promise<void> | undefined;
  return {
    start() {
      const session = { url, idleMs, name: `${member.group} ${member.topic}`, stop: stop.signal };
      running ??= keepSession(session, (session) => takePart(session, { ...member, paused: () => paused }));
      return Promise.resolve();
    },
    async stop() {
      stop.abort();
      await running;
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
    },
  };
}

export interface ConsumerOptions extends Omit<MemberOptions, "paused"> {
  readonly url: Secret | string;
  readonly idleMs: number;
}
