/**
 * How much is logged: a level for all, and others for parts by their category without "kependudukan". Written
 * "info,kafka=debug,edge.request=warning". `undefined` when the text is none.
 */
export function parseLogLevels(text: string): LogLevels | undefined {
  let all: Level | undefined;
  const parts = new Map<string, Level>();
  for (const word of text.split(",").map((word) => word.trim())) {
    const [, part, name] = /^(?:([a-z][a-z_.-]{0,40})=)?([a-z]+)$/.exec(word) ?? [];
    const level = LEVELS.find((level) => level === name);
    if (level === undefined || (part === undefined && all !== undefined)) return undefined;
    if (part === undefined) all = level;
    else parts.set(part, level);
  }
  return all && { all, parts };
}

/** Says everything that one of the two says, so that turning the log up hides no error. */
export function louderOf(one: LogLevels, other: LogLevels): LogLevels {
  const names = [...one.parts.keys(), ...other.parts.keys()];
  const louder = (a: Level, b: Level) => LEVELS.indexOf(a) < LEVELS.indexOf(b) ? a : b;
  return {
    all: louder(one.all, other.all),
    parts: new Map(names.map((name) => [name, louder(levelOf(one, name), levelOf(other, name))])),
  };
}

export function describeLogLevels({ all, parts }: LogLevels): string {
  return [all, ...[...parts].map(([name, level]) => `${name}=${level}`)].join(",");
}

/** A part has the level of the nearest part above it: "edge.request" that of "edge". */
function levelOf({ all, parts }: LogLevels, name: string): Level {
  for (let prefix = name; prefix !== ""; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf(".")))) {
    const level = parts.get(prefix);
    if (level !== undefined) return level;
  }
  return all;
}

export interface LogLevels {
  readonly all: Level;
  readonly parts: ReadonlyMap<string, Level>;
}

export type Level = typeof LEVELS[number];

/** The loudest first. */
export const LEVELS = ["debug", "info", "warning", "error"] as const;
