import { join } from "node:path";
import { linesWithPersonalData } from "../../run/personal_data.ts";

/** Says in which logs personal data stands, without repeating it. Logs of a long run are too large to be held. */
export async function leaksIn(logs: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(logs)) {
    const lines = await countLeaks(join(logs, name));
    if (lines > 0) found.push(`Personal data in the log ${name}: ${lines} lines`);
  }
  return found;
}

async function countLeaks(path: string): Promise<number> {
  const file = await Deno.open(path);
  let rest = "";
  let found = 0;
  for await (const text of file.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    found += linesWithPersonalData(lines.join("\n")).length;
  }
  return found + linesWithPersonalData(rest).length;
}
