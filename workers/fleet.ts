import type { Platform } from "../shared/runtime/platform.ts";
import type { Service } from "../shared/runtime/service.ts";
import { startAuth } from "./auth/main.ts";
import { startNotification } from "./notification/main.ts";
import { startRegistration } from "./registration/main.ts";
import { startRelay } from "./relay/main.ts";
import { startStatistics } from "./statistics/main.ts";

/** All workers in one process. */
export async function startFleet(platform: Platform): Promise<Fleet> {
  // The registration first: the relay reads the table that its migrations make.
  const registration = await startRegistration(platform);
  const [auth, relay, statistics, notification] = await Promise.all([
    startAuth(platform),
    startRelay(platform),
    startStatistics(platform),
    startNotification(platform),
  ]);
  return { auth, registration, relay, statistics, notification };
}

export type Fleet = Readonly<
  Record<"auth" | "registration" | "relay" | "statistics" | "notification", Service>
>;
