import { join, resolve } from "node:path";
import { fetchPrometheus } from "../../ops/stack/servers/prometheus.ts";

/** Debian's prometheus and promtool, fetched once into the stack's folder. */
export async function prometheusPrograms(): Promise<
  { readonly programs: string; readonly promtool: string }
> {
  const programs = resolve(Deno.env.get("STACK_DIR") || ".stack", "programs/prometheus");
  await Deno.mkdir(programs, { recursive: true });
  await fetchPrometheus({ programs, say: () => {}, run });
  return { programs, promtool: join(programs, "usr/bin/promtool") };
}

async function run(command: string, args: readonly string[], { cwd }: { cwd?: string } = {}): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args], ...(cwd && { cwd }) })
    .output();
  if (!success) throw new Error(`Cannot run "${command}": ${new TextDecoder().decode(stderr)}`);
}
