/** The last lines of a log, indented for a terminal; a sentence when there are none. */
export async function lastLines(file: string, count = 15): Promise<string> {
  const text = await Deno.readTextFile(file);
  const lines = text.split("\n").filter((line) => line.trim() !== "").slice(-count);
  const shown = lines.map((line) => `    ${line.slice(0, WIDTH)}`);
  return shown.length > 0 ? shown.join("\n") : `    (nothing was written to "${file}")`;
}

const WIDTH = 240;
