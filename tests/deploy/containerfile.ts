/** The stages of a Containerfile by name, each with what it inherits. Refuses what it does not understand. */
export function readContainerfile(text: string): ReadonlyMap<string, Stage> {
  const stages = new Map<string, Stage>();
  let stage: Stage = EMPTY;
  let name = "";
  for (const [instruction, rest] of instructions(text)) {
    if (instruction === "FROM") {
      const [from = "", , as = ""] = rest.split(/\s+/);
      stage = stages.get(from) ?? { ...EMPTY, from };
      name = as;
    } else {
      stage = { ...stage, ...change(instruction, rest, stage) };
    }
    stages.set(name, stage);
  }
  return stages;
}

export interface Stage {
  /** The image that the first stage of the line is made from. */
  readonly from: string;
  /** What `ARG` has where the build is told nothing. */
  readonly args: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workdir: string;
  /** `COPY` from the context: what is copied, and where to. */
  readonly copies: readonly (readonly [sources: readonly string[], target: string])[];
  /** Commands of the build. */
  readonly runs: readonly Command[];
  readonly entrypoint: Command;
  readonly cmd: Command;
  readonly health: Command;
  readonly labels: string;
  readonly ports: readonly number[];
}

type Command = readonly string[];

const EMPTY: Stage = {
  from: "",
  args: {},
  env: {},
  user: "",
  workdir: "/",
  copies: [],
  runs: [],
  entrypoint: [],
  cmd: [],
  health: [],
  labels: "",
  ports: [],
};

function* instructions(text: string): Iterable<readonly [instruction: string, rest: string]> {
  const lines = text.replace(/^#.*\n/gm, "").replace(/\\\n/g, " ").split("\n");
  for (const line of lines) {
    const [, instruction, rest] = /^\s*([A-Z]+)\s+(.*?)\s*$/.exec(line) ?? [];
    if (instruction !== undefined && rest !== undefined) yield [instruction, rest];
    else if (line.trim() !== "") throw new Error(`Read the line "${line}" of the Containerfile failed`);
  }
}

function change(instruction: string, rest: string, stage: Stage): Partial<Stage> {
  switch (instruction) {
    case "ARG":
      return { args: { ...stage.args, ...pairs(rest) } };
    case "ENV":
      return {
        env: { ...stage.env, ...pairs(rest.replace(/\$(\w+)/g, (_, name) => stage.args[name] ?? "")) },
      };
    case "USER":
      return { user: rest };
    case "WORKDIR":
      return { workdir: rest };
    case "COPY":
      return copy(rest, stage);
    case "RUN":
      return { runs: [...stage.runs, command(rest)] };
    case "ENTRYPOINT":
      return { entrypoint: command(rest), cmd: [] };
    case "CMD":
      return { cmd: command(rest) };
    case "HEALTHCHECK":
      return { health: command(rest.slice(rest.indexOf("CMD") + 3)) };
    case "LABEL":
      return { labels: rest };
    case "EXPOSE":
      return { ports: rest.split(/\s+/).map(Number) };
    case "STOPSIGNAL":
      return {};
    default:
      throw new Error(`Understand the instruction "${instruction}" of the Containerfile failed`);
  }
}

function pairs(rest: string): Readonly<Record<string, string>> {
  return Object.fromEntries(rest.split(/\s+/).map((pair) => pair.split("=")));
}

function copy(rest: string, stage: Stage): Partial<Stage> {
  const words = rest.split(/\s+/);
  if (words[0]?.startsWith("--from=")) return {};
  return { copies: [...stage.copies, [words.slice(0, -1), words.at(-1) ?? ""]] };
}

/** A list, as there is no shell that could read a sentence. */
function command(json: string): Command {
  const words: unknown = JSON.parse(json);
  if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
  throw new Error(`Read the command "${json}" of the Containerfile failed: it is not a list of texts`);
}
