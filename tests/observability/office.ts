import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { type Client, signIn } from "../e2e/client.ts";

/** Signs one person of each role in. */
export async function openOffice(edge: string): Promise<Office> {
  let requests = 0;

  async function expect(status: number, request: () => Promise<Response>): Promise<Answer> {
    for (let tries = 1;; tries++) {
      const answer = await request();
      const text = await answer.text();
      requests++;
      // On a machine that does much else Keycloak's first answers take too long; a client comes again.
      if (answer.status !== 503 || tries === MOST_TRIES) {
        assert.equal(answer.status, status, `Request ${requests}`);
        return { text, traceId: answer.headers.get("traceparent")?.split("-")[1] ?? "" };
      }
      await delay(1_000 * tries);
    }
  }

  async function enter(username: string): Promise<Client> {
    await expect(200, () => post(`${edge}/login`, { username, password: `${username}-rahasia` }));
    return await signIn(edge, username);
  }

  return {
    edge,
    petugas: await enter("petugas"),
    jabar: await enter("petugas-jabar"),
    warga: await enter("warga"),
    admin: await enter("admin"),
    auditor: await enter("auditor"),
    expect,
    requests: () => requests,
  };
}

/** Of somebody who is not signed in. */
export function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

export interface Office {
  readonly edge: string;
  readonly petugas: Client;
  /** Bound to Jawa Barat. */
  readonly jabar: Client;
  readonly warga: Client;
  readonly admin: Client;
  readonly auditor: Client;
  /** Asks, and again while the answer is 503; throws when it has not this status. */
  expect(status: number, request: () => Promise<Response>): Promise<Answer>;
  /** How many were made by `expect`. */
  requests(): number;
}

export interface Answer {
  readonly text: string;
  readonly traceId: string;
}

const MOST_TRIES = 8;
