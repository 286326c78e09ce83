import { parseNik } from "../../../shared/penduduk/nik.ts";
import { withoutSeparators } from "../officer/registration.ts";

/** What the auditor filled in; empty texts ask for nothing. */
export interface AuditQuestion {
  readonly nik: string;
  readonly actor: string;
  readonly action: string;
  /** As a field of type `datetime-local` gives them: without a zone, in that of the browser. */
  readonly since: string;
  readonly until: string;
}

export const NO_QUESTION: AuditQuestion = { nik: "", actor: "", action: "", since: "", until: "" };

/** The body of `POST /audit/search`. A NIK goes into a body alone: an address would be logged on its way. */
export function searchBody(question: AuditQuestion, before?: string): Readonly<Record<string, unknown>> {
  const { nik, actor, action, since, until } = question;
  return {
    limit: PAGE,
    ...(nik.trim() !== "" && { nik: withoutSeparators(nik) }),
    ...(actor.trim() !== "" && { actor: actor.trim() }),
    ...(action !== "" && { action }),
    ...(since !== "" && { since: new Date(since).toISOString() }),
    ...(until !== "" && { until: new Date(until).toISOString() }),
    ...(before !== undefined && { before }),
  };
}

export function nikError({ nik }: AuditQuestion, today: Date): string | undefined {
  if (nik.trim() === "") return undefined;
  const parsed = parseNik(withoutSeparators(nik), today);
  return parsed.kind === "invalid" ? parsed.detail : undefined;
}

const PAGE = 50;
