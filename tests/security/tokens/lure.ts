import { STRANGER_JWK } from "./forge.ts";

/** Where hostile tokens say that their keys are: it would answer, and counts who asks. */
export function openLure(): Lure {
  let asked = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    asked++;
    return Response.json({ keys: [STRANGER_JWK] });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked: () => asked,
    close: () => server.shutdown(),
  };
}

export interface Lure {
  readonly url: string;
  asked(): number;
  close(): Promise<void>;
}
