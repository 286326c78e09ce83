import { leaves } from "./junit.ts";

/** Tells of a JUnit report how many attacks were tried and refused, by class, and of those that were accepted which. */
export function attackTable(xml: string): string {
  const attacks = leaves(xml).flatMap(({ path: [group = "", ...rest], outcome }) => {
    const kind = group.match(/^Attacks by (.+)$/)?.[1]?.replaceAll("&apos;", "'");
    return kind === undefined ? [] : [{ kind, name: rest.join(" > "), refused: outcome === "passed" }];
  });
  const byKind = Map.groupBy(attacks, ({ kind }) => kind);
  const rows = [...byKind].map(([kind, tried]) => row(kind, tried)).sort();
  const accepted = attacks.filter(({ refused }) => !refused).map(({ kind, name }) =>
    `ACCEPTED ${kind}: ${name}`
  );
  return [...rows, row("all", attacks), ...accepted].join("\n");

  function row(kind: string, tried: readonly Attack[]): string {
    const refused = tried.filter(({ refused }) => refused).length;
    return `${kind.padEnd(40)} ${String(tried.length).padStart(5)} tried ${
      String(refused).padStart(5)
    } refused`;
  }
}

interface Attack {
  readonly refused: boolean;
}
