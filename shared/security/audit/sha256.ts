import { createHash } from "node:crypto";

/** The chain's hash on Deno and Node; the edge on other runtimes brings its own. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
