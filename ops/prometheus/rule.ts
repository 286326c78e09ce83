/** What wakes somebody ("page") or is looked at in the morning ("ticket"). */
export interface Alert {
  readonly alert: string;
  /** PromQL; true for each series that it answers with. */
  readonly expr: string;
  /** How long it must hold, for instance "2m"; at once unless told. */
  readonly for?: string;
  readonly severity: "page" | "ticket";
  /** One sentence; the labels say which. */
  readonly summary: string;
  /** A page of ops/runbooks/. */
  readonly runbook: string;
}

export interface Recording {
  readonly record: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly expr: string;
}
