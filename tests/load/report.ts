import type { Row } from "./scenario.ts";
import { toTable } from "./table.ts";
import { judge, type Judgement, type Target, TARGETS } from "./targets.ts";

/** What `deno task bench` prints at its end, and its exit code: 1 when a target is missed. */
export function report(rows: readonly Row[], targets: readonly Target[] = TARGETS): Report {
  const judgements = judge(rows, targets);
  const missed = judgements.filter(({ reached }) => !reached);
  const lines = [
    toTable(rows),
    "",
    ...missed.map((judgement) => `missed: ${sentence(judgement)}`),
    `${judgements.length - missed.length} of ${judgements.length} targets reached, ${
      targets.length - judgements.length
    } not measured`,
  ];
  return { text: `${lines.join("\n")}\n`, code: missed.length === 0 ? 0 : 1 };
}

export interface Report {
  readonly text: string;
  readonly code: 0 | 1;
}

/** "registration, 100 connections: perSecond / baseline is 2.90, not at least 3" */
export function sentence({ target, value, reached }: Judgement): string {
  const { name, measure, against, atLeast, atMost } = target;
  const what = `${name}: ${measure}${against === undefined ? "" : ` / ${against}`}`;
  const bound = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  return `${what} is ${value.toFixed(2)}, ${reached ? "" : "not "}${bound}`;
}
