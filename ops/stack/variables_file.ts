import { openPlace } from "./place.ts";
import { readRecords } from "./records.ts";
import { type Stack, StackError } from "./stack.ts";

/** Writes `export` lines for all servers that run; they hold passwords, so that only the owner may read them. */
export async function writeVariables(stack: Stack): Promise<void> {
  const variables = await runningVariables(stack);
  const lines = Object.entries(variables).map(([name, value]) => {
    if (/['\n]/.test(value)) {
      throw new StackError(`Variable ${name} must hold neither a quote nor a line break`);
    }
    return `export ${name}='${value}'\n`;
  });
  const file = stack.variables;
  await Deno.writeTextFile(`${file}.new`, lines.join(""), { mode: 0o600 });
  await Deno.rename(`${file}.new`, file);
}

async function runningVariables(stack: Stack): Promise<Record<string, string>> {
  const records = (await readRecords(stack)).filter(({ alive }) => alive);
  const variables: Record<string, string> = {};
  for (const server of stack.servers) {
    const record = records.find((record) => record.server === server.name);
    if (record) Object.assign(variables, server.variables(openPlace(stack, server, record)));
  }
  return variables;
}
