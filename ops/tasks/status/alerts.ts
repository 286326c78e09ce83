import { z } from "zod";
import type { World } from "./look.ts";

/** What Prometheus (https://prometheus.io/docs/prometheus/latest/querying/api/#alerts) says of our alerts now. */
export async function askAlerts(prometheus: string | undefined, { fetch, signal }: World): Promise<Alerts> {
  if (prometheus === undefined) return { kind: "no Prometheus" };
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  try {
    const answer = await fetch(`${prometheus}/api/v1/alerts`, { signal: deadline });
    const { data } = AnswerOfAlerts.parse(JSON.parse(await answer.text()));
    const alerts = data.alerts.map(({ labels, annotations, state, activeAt }) => ({
      name: labels.alertname,
      state,
      since: activeAt,
      summary: annotations.summary,
      runbook: annotations.runbook_url,
    }));
    return { kind: "asked", alerts };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "away", error: error instanceof Error ? error.name : typeof error };
  }
}

export type Alerts =
  | { readonly kind: "no Prometheus" }
  | { readonly kind: "away"; readonly error: string }
  | { readonly kind: "asked"; readonly alerts: readonly Alert[] };

export interface Alert {
  readonly name: string;
  /** "pending" holds, and not yet for long enough. */
  readonly state: "pending" | "firing";
  /** RFC 3339. */
  readonly since: string;
  readonly summary: string;
  readonly runbook: string;
}

const AnswerOfAlerts = z.object({
  data: z.object({
    alerts: z.array(z.object({
      labels: z.object({ alertname: z.string() }),
      annotations: z.object({ summary: z.string().default(""), runbook_url: z.string().default("") }),
      state: z.enum(["pending", "firing"]),
      activeAt: z.string(),
    })),
  }),
});

const ASK_MS = 5_000;
