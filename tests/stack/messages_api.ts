import { createMessagesApi } from "../../ops/stack/messages_api/api.ts";
import type { Orders } from "../../ops/stack/messages_api/conduct.ts";
import type { Count } from "../../ops/stack/messages_api/mailbox.ts";
import type { TwilioOptions } from "../../shared/adapters/twilio/sender.ts";

/** A Messages API of one's own: what it is ordered to do disturbs nobody else. */
export function serveMessagesApi(): ServedMessagesApi {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    createMessagesApi({ sid: ACCOUNT.accountSid, token: ACCOUNT.authToken }).fetch,
  );
  return {
    ...atUrl(`http://127.0.0.1:${server.addr.port}`),
    stop: () => server.shutdown(),
  };
}

/** The controls of a Messages API that runs. */
export function atUrl(url: string): MessagesApi {
  const read = async (path: string) => await (await fetch(url + path)).json();
  const api: MessagesApi = {
    url,
    account: { ...ACCOUNT, apiUrl: url },
    async order(orders) {
      const response = await fetch(`${url}/control`, { method: "POST", body: JSON.stringify(orders) });
      if (!response.ok) throw new Error(`Give orders failed: ${await response.text()}`);
      await response.body?.cancel();
    },
    count: () => read("/count"),
    messages: () => read("/messages"),
    async until(holds) {
      const deadline = performance.now() + 10_000;
      for (;;) {
        const count = await api.count();
        if (holds(count)) return;
        if (performance.now() > deadline) throw new Error(`Wait too long, at ${JSON.stringify(count)}`);
      }
    },
  };
  return api;
}

const ACCOUNT = {
  accountSid: "AC0000000000000000000000000000beef",
  authToken: "rahasia",
  from: "DUKCAPIL",
} as const;

export interface MessagesApi {
  readonly url: string;
  readonly account: TwilioOptions & { readonly apiUrl: string; readonly authToken: string };
  order(orders: Partial<Orders>): Promise<void>;
  count(): Promise<FullCount>;
  messages(): Promise<readonly AcceptedMessage[]>;
  /** Asks for the count until it is as expected. */
  until(holds: (count: FullCount) => boolean): Promise<void>;
}

export interface ServedMessagesApi extends MessagesApi {
  stop(): Promise<void>;
}

type FullCount = Count & { readonly reports: { readonly taken: number; readonly lost: number } };

interface AcceptedMessage {
  readonly sid: string;
  readonly to: string;
  readonly body: string;
  readonly statusCallback?: string;
}
