import { useEffect, useState } from "preact/hooks";
import type { StatisticsEvent, StatisticsList } from "../../../shared/http/schemas/statistics.ts";
import { ask, type Failure, readFailure } from "../api/client.ts";
import { serverEvents } from "../api/server_events.ts";
import { accessToken } from "../session/session.ts";
import { Rate } from "./rate.ts";

/** The statistics as they are now, moved on by the stream; the parts that it does not tell are asked for again. */
export function useLiveStatistics(): { live: Live; again: () => void } {
  const [live, setLive] = useState<Live>({ kind: "loading" });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    void follow(setLive, stop.signal);
    return () => stop.abort();
  }, [round]);
  return { live, again: () => setRound(round + 1) };
}

export type Live =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly failure: Failure }
  | LiveStatistics;

export interface LiveStatistics {
  readonly kind: "shown";
  readonly stream: "connecting" | "live" | "paused";
  readonly total: number;
  readonly perMinute: number;
  readonly asOf: string | null;
  readonly provinces: StatisticsList;
}

type Show = (change: (live: Live) => Live) => void;

async function follow(show: Show, signal: AbortSignal): Promise<void> {
  const rate = new Rate();
  const first = await readAll(signal);
  if (signal.aborted) return;
  if (first.kind !== "ok") return show(() => ({ kind: "failed", failure: first }));
  show(() => shown(first.body, rate));
  const clock = setInterval(() => update(show, () => ({ perMinute: rate.perMinute(Date.now()) })), 1_000);
  signal.addEventListener("abort", () => clearInterval(clock));
  for (let tries = 0; !signal.aborted; tries++) {
    const failure = await listen(show, rate, signal, () => tries = 0);
    if (failure?.kind === "expired" || signal.aborted) return;
    update(show, () => ({ stream: "paused" }));
    await pause(Math.random() * Math.min(30_000, 1_000 * 2 ** tries), signal);
  }
}

/** Resolves when the stream ended, with what it was refused for. */
async function listen(
  show: Show,
  rate: Rate,
  signal: AbortSignal,
  onEvent: () => void,
): Promise<Failure | undefined> {
  try {
    const token = await accessToken();
    if (token === undefined) return { kind: "expired" };
    const answer = await fetch("/stats/stream", { headers: { authorization: `Bearer ${token}` }, signal });
    if (!answer.ok || !answer.body) return await readFailure(answer);
    const refresh = spaced(() => refreshParts(show, signal), REFRESH_MS, signal);
    for await (const { event, data } of serverEvents(answer.body)) {
      if (event !== "stats") continue;
      onEvent();
      const told: StatisticsEvent = JSON.parse(data);
      rate.see(told.jumlah, Date.now());
      update(show, (live) => moved(live, told, rate));
      refresh();
    }
    return undefined;
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return { kind: "offline" };
    throw error;
  }
}

function moved(live: LiveStatistics, told: StatisticsEvent, rate: Rate): Partial<LiveStatistics> {
  const counts = new Map(told.provinsi.map(({ kode, jumlah }) => [kode, jumlah]));
  return {
    stream: "live",
    total: told.jumlah,
    perMinute: rate.perMinute(Date.now()),
    asOf: told.asOf,
    provinces: live.provinces.map((row) => ({ ...row, jumlah: counts.get(row.kode) ?? row.jumlah })),
  };
}

/** By sex and cohort the stream says nothing. */
async function refreshParts(show: Show, signal: AbortSignal): Promise<void> {
  const answer = await readAll(signal);
  if (answer.kind === "ok") update(show, () => ({ provinces: answer.body }));
}

function readAll(signal: AbortSignal) {
  return ask<StatisticsList>("/stats", { signal });
}

function shown(provinces: StatisticsList, rate: Rate): LiveStatistics {
  const total = provinces.reduce((sum, { jumlah }) => sum + jumlah, 0);
  rate.see(total, Date.now());
  return {
    kind: "shown",
    stream: "connecting",
    total,
    perMinute: 0,
    asOf: provinces[0]?.asOf ?? null,
    provinces,
  };
}

function update(show: Show, change: (live: LiveStatistics) => Partial<LiveStatistics>): void {
  show((live) => live.kind === "shown" ? { ...live, ...change(live) } : live);
}

/** Runs at once, then at most once in `ms` however often it is asked to, and a last time after the last. */
function spaced(run: () => Promise<void>, ms: number, signal: AbortSignal): () => void {
  let waiting = false;
  let last = 0;
  return () => {
    if (waiting) return;
    waiting = true;
    void pause(Math.max(0, last + ms - Date.now()), signal).then(() => {
      waiting = false;
      last = Date.now();
      return signal.aborted ? undefined : run();
    });
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Seldom enough for the limit of 100 requests a minute. */
const REFRESH_MS = 4_000;
