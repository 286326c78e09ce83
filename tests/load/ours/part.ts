import { rightsOf } from "../../../ops/tasks/rights.ts";
import type { Part } from "../../../shared/config/config.ts";
import { claimPort } from "../../faults/system/ports.ts";
import { answers, startProcess } from "../machine/process.ts";
import type { Running, Variables } from "../scenario.ts";

/** Starts a part with the rights and the command of `deno task edge` and `deno task worker:…`. */
export async function startPart(part: Part, variables: Variables, logs: string): Promise<Running> {
  const port = claimPort();
  const operations = part === "edge" ? claimPort() : port;
  const own = {
    ...variables,
    PORT: String(port),
    ...(part === "edge" && { OPERATIONS_PORT: String(operations) }),
  };
  const rights = rightsOf(part, own, Deno.readTextFileSync);
  const script = part === "edge" ? "edge/main.ts" : `workers/${part}/main.ts`;
  const process = await startProcess({
    name: `${part}-${port}`,
    logs,
    command: Deno.execPath(),
    args: ["run", "--no-prompt", "--no-check", "--quiet", ...rights, script],
    env: { LOG_FORMAT: "json", ...own },
    ready: (signal) => answers(`http://127.0.0.1:${operations}/healthz`, signal),
  });
  return { ...process, url: `http://127.0.0.1:${port}`, operations: `http://127.0.0.1:${operations}` };
}
