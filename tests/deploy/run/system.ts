import { join } from "node:path";
import { eventually, freePort } from "../../e2e/process.ts";
import { startProgram } from "./program.ts";

/** `deno task dev` with its data below `folder`: what stands behind the public URL. */
export async function startSystem(folder: string): Promise<System> {
  const port = await freePort();
  const system = startProgram(Deno.execPath(), ["run", "--allow-all", "--no-check", "ops/tasks/dev.ts"], {
    log: join(folder, "dev.log"),
    env: { PORT: String(port), DATA_DIR: join(folder, "dev"), LOG_LEVEL: "warning" },
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await eventually("deno task dev answers", async () => {
      if (system.over) throw new Error("It has ended");
      return await answers(`${url}/readyz`);
    }, 60_000);
  } catch (cause) {
    const told = await system.lastWords();
    await system[Symbol.asyncDispose]();
    throw new Error(`Start deno task dev failed: ${told}`, { cause });
  }
  return { url, [Symbol.asyncDispose]: () => system[Symbol.asyncDispose]() };
}

export interface System extends AsyncDisposable {
  readonly url: string;
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}
