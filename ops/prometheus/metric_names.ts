/** The metrics that an expression of PromQL reads, without the suffixes of a histogram. */
export function metricsIn(expr: string): ReadonlySet<string> {
  const bare = expr
    .replace(/"[^"]*"/g, "")
    .replace(/\{[^}]*\}/g, "")
    .replace(/\[[^\]]*\]/g, "")
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, "");
  const names = Array.from(bare.matchAll(/(?<![\w.])[a-z_][\w:]*(?!\w*\s*\()/gi), ([name]) => name)
    .filter((name) => !WORDS.has(name));
  return new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")));
}

const WORDS = new Set(["and", "or", "unless", "bool", "offset", "inf", "nan"]);
