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

/**
 * What our alerts read of others in the cluster, and our processes do not export: Prometheus itself, kube-state-metrics
 * 2.x (docs/metrics/workload/ there), and the Barman Cloud plugin of CloudNativePG ("Observability" in its handbook).
 */
export const METRICS_OF_OTHERS: ReadonlySet<string> = new Set([
  "up",
  "kube_job_status_failed",
  "kube_job_created",
  "kube_cronjob_status_last_successful_time",
  "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp",
]);

const WORDS = new Set(["and", "or", "unless", "bool", "offset", "inf", "nan"]);
