import type { Context, Handler } from "hono";
import type { AuditProgress, VerifiedPart } from "../../shared/adapters/postgres/audit_progress.ts";
import type { AuditReader } from "../../shared/adapters/postgres/audit_reader.ts";
import type { AppEnv } from "../../shared/http/app.ts";
import { readJson } from "../../shared/http/json_body.ts";
import { Problem } from "../../shared/http/problem.ts";
import { readStore } from "../../shared/http/read_store.ts";
import { ChainInput, type ChainState } from "../../shared/http/schemas/audit_chain.ts";
import { refuseBoundAuditor } from "./audit_search.ts";
import { verifyPart } from "./verify_part.ts";

/** `GET /audit/chain`, for auditors: what the last verification came to. */
export function chainState({ progress }: AuditChain): Handler<AppEnv> {
  return async function chainState(c) {
    refuseBoundAuditor(c);
    return answer(c, await readStore(c, progress.latest()));
  };
}

/** `POST /audit/chain`: verifies a part more, as far as a few seconds reach, and answers what it came to. */
export function verifyChain({ reader, progress, now = () => new Date() }: AuditChain): Handler<AppEnv> {
  let running = false;
  return async function verifyChain(c) {
    refuseBoundAuditor(c);
    const { fromStart } = await readJson(c, ChainInput);
    if (running) throw new Problem("OVERLOADED", "Pemeriksaan lain sedang berjalan; coba lagi sebentar lagi");
    running = true;
    try {
      const bounds = { lines: PART_LINES, signal: AbortSignal.timeout(PART_MS) };
      const actor = c.get("caller").subject;
      const work = async () => {
        const last = await progress.latest();
        const part = await verifyPart({ reader, last, fromStart, actor, now: now(), bounds });
        await progress.add(part);
        return part;
      };
      const part = await readStore(c, work());
      c.set("count", part.findings.length);
      if (part.findings.length > 0) c.set("finding", "CHAIN_BROKEN");
      return answer(c, part);
    } finally {
      running = false;
    }
  };
}

export interface AuditChain {
  readonly reader: Pick<AuditReader, "rows">;
  readonly progress: AuditProgress;
  readonly now?: () => Date;
}

function answer(c: Context<AppEnv>, part: VerifiedPart | undefined): Response {
  return c.json<ChainState>({ latest: part ? toState(part) : null }, 200, { "cache-control": "no-store" });
}

function toState(part: VerifiedPart): NonNullable<ChainState["latest"]> {
  const { at, actor, beganAt, complete, lines, lastAt, findings } = part;
  return {
    at: at.toISOString(),
    actor,
    beganAt: beganAt.toISOString(),
    complete,
    lines,
    until: lastAt?.toISOString() ?? null,
    findings: [...findings],
  };
}

/** Some seconds of one processor, which serves registrations meanwhile too. */
const PART_LINES = 20_000;
const PART_MS = 4_000;
