/** Counts the leaves of a report of `deno test --junit-path`: what has tests inside only counts when it failed by itself. */
export function countLeaves(xml: string): Counts {
  const cases = [...xml.matchAll(TESTCASE)].map(([, name = "", body = ""]) => ({ name, body }));
  const parents = new Set(cases.flatMap(({ name }) => ancestors(name)));
  const counts = { passed: 0, failed: 0, ignored: 0 };
  for (const { name, body } of cases) {
    if (body.includes("<failure") || body.includes("<error")) {
      if (!(parents.has(name) && FAILED_INSIDE.test(body))) counts.failed++;
    } else if (!parents.has(name)) {
      if (body.includes("<skipped")) counts.ignored++;
      else counts.passed++;
    }
  }
  return counts;
}

function ancestors(name: string): readonly string[] {
  const parts = name.split(SEPARATOR);
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join(SEPARATOR));
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

const TESTCASE = /<testcase name="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g;
const FAILED_INSIDE = /<failure message="\d+ test steps? failed"/;
const SEPARATOR = " &gt; ";
