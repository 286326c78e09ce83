import { SERVICE_LEVEL_CASES } from "./service_level_cases.ts";

const KEYS = 'identity_keys_age_seconds{audience="gateway"}';
const EDGE = 'http_server_request_duration_seconds_count{service="edge"}';
const PROBED = 'kependudukan_probe_last_success_time_seconds{instance="a"}';
const PROBES = 'kependudukan_probe_runs_total{instance="a",result="succeeded",step="",code=""}';
const HEARD = 'sms_total{instance="b",outcome="synthetic"}';

/** For each alert, series under which it fires and others, close to them, under which it must not. */
export const CASES: Readonly<Record<string, AlertCase>> = {
  ...SERVICE_LEVEL_CASES,
  PartDown: {
    fires: { [up("a")]: "1x5 0x25", [up("b")]: "1x30" },
    labels: { job: "kependudukan", instance: "a" },
    quiet: { [up("a")]: "1x20 0 1x10", [up("b")]: "1x30" },
  },
  NothingSeen: { fires: { [up("a")]: "0x30" }, quiet: { [up("a")]: "0x30", [up("b")]: "1x30" } },
  BreakerOpen: {
    fires: { 'edge_breaker_state{origin="auth"}': "2x30", 'edge_breaker_state{origin="statistics"}': "0x30" },
    labels: { origin: "auth" },
    quiet: { 'edge_breaker_state{origin="auth"}': "1x30" },
  },
  RegistrationsShed: {
    fires: { registration_refused_total: "0+60x30" },
    quiet: { registration_refused_total: "0+1x30" },
  },
  PoolExhausted: {
    fires: { [waiting("sms")]: "3x30", [waiting("relay")]: "0x30" },
    labels: { instance: "a", pool: "sms" },
    quiet: { [waiting("sms")]: "3 3 3 0 3 3 0 3 3 3 0 3 3 0 3 3 3 0 3 3 0 3 3" },
  },
  OutboxStuck: {
    fires: { outbox_oldest_seconds: "0+60x30" },
    quiet: { outbox_oldest_seconds: "0 50 0 50 0 50x25" },
  },
  OutboxParked: { fires: { outbox_parked_rows: "1x30" }, quiet: { outbox_parked_rows: "0x30" } },
  ConsumerBehind: {
    fires: { [lag("a", 0)]: "6000x30", [lag("a", 1)]: "6000x30" },
    labels: { group: "statistics-group" },
    // Each process of a group tells the lag of all partitions.
    quiet: { [lag("a", 0)]: "6000-10x30", [lag("b", 0)]: "6000-10x30" },
  },
  ConsumerStuck: {
    fires: { [lag("a", 0)]: "5x30", [lag("a", 1)]: "0x30" },
    labels: { group: "statistics-group", partition: "0" },
    quiet: { [lag("a", 0)]: "900-3x30" },
  },
  DeadLettersOpen: { fires: { dead_letters_open: "1x30" }, quiet: { dead_letters_open: "0x30" } },
  DeadLettersFlood: {
    fires: { [letters("a")]: "0+20x30", [letters("b")]: "0x30" },
    labels: { group: "statistics-group" },
    quiet: { [letters("a")]: "0+2x30" },
  },
  SmsRefused: {
    fires: { [sends("refused", "21211")]: "0+6x30", [sends("sent", "none")]: "0+94x30" },
    quiet: { [sends("refused", "21211")]: "0+4x30", [sends("sent", "none")]: "0+96x30" },
  },
  SmsNotTaken: {
    fires: { [sends("throttled", "none")]: "0+60x30", [sends("sent", "none")]: "7x30" },
    quiet: { [sends("throttled", "none")]: "0+60x30", [sends("sent", "none")]: "0+1x30" },
  },
  SmsUncertain: {
    fires: { [sends("ambiguous", "TIMEOUT")]: "0+2x30" },
    quiet: { [sends("ambiguous", "TIMEOUT")]: "0x5 3x25" },
  },
  IdentityAway: {
    fires: { [introspections("unavailable")]: "0+1x30" },
    quiet: { [introspections("unavailable")]: "4x30", [introspections("asked")]: "0+60x30" },
  },
  IdentityKeysOld: {
    fires: { [KEYS]: "1000+60x30", [EDGE]: "0+60x30" },
    // Nobody comes.
    quiet: { [KEYS]: "1000+60x30", [EDGE]: "7x30" },
  },
  LimiterAlone: {
    fires: { 'edge_limiter_degraded{limiter="user"}': "1x30" },
    labels: { limiter: "user" },
    quiet: { 'edge_limiter_degraded{limiter="user"}': "0x10 1x2 0x18" },
  },
  KeysDegraded: { fires: { keys_degraded: "1x30" }, quiet: { keys_degraded: "0x30" } },
  AuditNotWritten: {
    fires: { 'audit_append_failures_total{sink="file"}': "0+1x30" },
    labels: { sink: "file" },
    quiet: { 'audit_append_failures_total{sink="file"}': "3x30" },
  },
  EventLoopBlocked: {
    fires: loop("0+10x30", "0+100x30"),
    labels: { instance: "a" },
    quiet: loop("0+100x30", "0+100x30"),
  },
  MemoryHigh: {
    fires: { [rss("a")]: "1700000000x30", [rss("b")]: "900000000x30" },
    labels: { instance: "a" },
    quiet: { [rss("a")]: "1500000000x30" },
  },
  ProbeFails: {
    fires: { [PROBED]: "0+60x10 600x20" },
    quiet: { [PROBED]: "0+60x10 600x4 900+60x15" },
  },
  ProbeUnheard: {
    fires: { [PROBES]: "0+1x30", [HEARD]: "5x30" },
    quiet: { [PROBES]: "0+1x30", [HEARD]: "0+1x30" },
  },
  NightlyJobFailed: {
    fires: { [failed("reconcile-1")]: "1x30", [created("reconcile-1")]: "0x30" },
    labels: { namespace: "services", job_name: "reconcile-1" },
    quiet: {
      [failed("reconcile-1")]: "1x30",
      // A day and an hour before the moment that is looked at.
      [created("reconcile-1")]: "-88500x30",
      [failed("reconcile-2")]: "0x30",
      [created("reconcile-2")]: "0x30",
    },
  },
  NightlyJobOverdue: {
    fires: { [succeeded("reconcile")]: "-130000x30" },
    labels: { namespace: "services", cronjob: "reconcile" },
    quiet: { [succeeded("reconcile")]: "-120000x30" },
  },
  BackupOverdue: {
    fires: { [backup("postgres-1")]: "-130000x30", [backup("postgres-2")]: "-200000x30" },
    quiet: { [backup("postgres-1")]: "-120000x30", [backup("postgres-2")]: "-200000x30" },
  },
  MetricsUnread: {
    fires: { 'metrics_read_failures_total{metric="outbox_rows"}': "0+2x30" },
    labels: { metric: "outbox_rows" },
    quiet: { 'metrics_read_failures_total{metric="outbox_rows"}': "0x10 1x20" },
  },
};

/** Values at each minute, in the notation of `promtool test rules`, by series. */
export type Series = Readonly<Record<string, string>>;

export interface AlertCase {
  readonly fires: Series;
  /** Those that tell which, when it fires. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly quiet: Series;
  /** When both are looked at, in minutes; 25 unless told. */
  readonly atMinute?: number;
}

function failed(name: string): string {
  return `kube_job_status_failed{namespace="services",job_name="${name}"}`;
}

function created(name: string): string {
  return `kube_job_created{namespace="services",job_name="${name}"}`;
}

function succeeded(name: string): string {
  return `kube_cronjob_status_last_successful_time{namespace="services",cronjob="${name}"}`;
}

function backup(pod: string): string {
  return `barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{pod="${pod}"}`;
}

function up(instance: string): string {
  return `up{job="kependudukan",instance="${instance}"}`;
}

function waiting(pool: string): string {
  return `postgres_pool_connections{instance="a",pool="${pool}",state="waiting"}`;
}

function lag(instance: string, partition: number): string {
  return `consumer_lag{instance="${instance}",group="statistics-group",partition="${partition}"}`;
}

function letters(instance: string): string {
  return `dead_letters_total{instance="${instance}",group="statistics-group",code="UNKNOWN_TYPE"}`;
}

function sends(result: string, code: string): string {
  return `sms_sends_total{result="${result}",code="${code}"}`;
}

function introspections(answer: string): string {
  return `identity_introspections_total{audience="auth-service",answer="${answer}"}`;
}

function rss(instance: string): string {
  return `process_memory_bytes{instance="${instance}",kind="rss"}`;
}

function loop(inTime: string, all: string): Series {
  const bucket = (le: string) => `event_loop_delay_seconds_bucket{instance="a",le="${le}"}`;
  return { [bucket("0.25")]: inTime, [bucket("1")]: all, [bucket("+Inf")]: all };
}
