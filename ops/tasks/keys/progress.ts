import type { Job } from "./jobs.ts";
import type { Page } from "./rewrite.ts";

/** Says every few seconds how far a job is. */
export function progressOf(job: Job, { say, now }: Told): (page: Page) => void {
  let told = now().getTime();
  let [looked, rewritten] = [0, 0];
  return (page) => {
    looked += page.looked;
    rewritten += page.rewritten;
    if (now().getTime() - told < EVERY_MS) return;
    told = now().getTime();
    say(`${job.ring} of ${job.relation}: ${rewritten} rows rewritten, ${looked} looked at`);
  };
}

const EVERY_MS = 2_000;

interface Told {
  readonly say: (line: string) => void;
  readonly now: () => Date;
}
