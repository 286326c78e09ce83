import { hash } from "node:crypto";

/** The chain's hash on Deno and Node; the edge on other runtimes brings its own. */
export function sha256(text: string): string {
  return hash("sha256", text, "hex");
}
