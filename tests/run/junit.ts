/** Counts the leaves of a report of `deno test --junit-path`. */
export function countLeaves(xml: string): Counts {
  const counts = { passed: 0, failed: 0, ignored: 0 };
  for (const { outcome } of leaves(xml)) counts[outcome]++;
  return counts;
}

/** The tests of a report: what has tests inside is one only when it failed by itself. */
export function leaves(xml: string): readonly Leaf[] {
  const cases = [...xml.matchAll(TESTCASE)].map(([, name = "", body = ""]) => ({ name, body }));
  const parents = new Set(cases.flatMap(({ name }) => ancestors(name)));
  return cases.flatMap(({ name, body }): Leaf[] => {
    const path = name.split(SEPARATOR);
    if (body.includes("<failure") || body.includes("<error")) {
      return parents.has(name) && FAILED_INSIDE.test(body) ? [] : [{ path, outcome: "failed" }];
    }
    if (parents.has(name)) return [];
    return [{ path, outcome: body.includes("<skipped") ? "ignored" : "passed" }];
  });
}

function ancestors(name: string): readonly string[] {
  const parts = name.split(SEPARATOR);
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join(SEPARATOR));
}

export interface Leaf {
  /** The groups around the test, from the outermost, and its own name. */
  readonly path: readonly string[];
  readonly outcome: keyof Counts;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

const TESTCASE = /<testcase name="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g;
const FAILED_INSIDE = /<failure message="\d+ test steps? failed"/;
const SEPARATOR = " &gt; ";
