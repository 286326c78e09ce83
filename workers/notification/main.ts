import type { SmsLedger } from "../../shared/ports/sms.ts";
import { deadLetters } from "../../shared/dead_letters/dead_letters.ts";
import { openLetters } from "../../shared/dead_letters/letters.ts";
import { servePartState } from "../../shared/runtime/part_state.ts";
import type { Platform } from "../../shared/runtime/platform.ts";
import { runAlone } from "../../shared/runtime/run_alone.ts";
import type { Dependency, Service } from "../../shared/runtime/service.ts";
import { createNotificationApp } from "./app.ts";
import { createNotificationConsumer } from "./consumer.ts";
import { Delivery } from "./delivery.ts";
import { Pace } from "./pace.ts";
import { receiveReceipts } from "./receipts.ts";
import { Recovery } from "./recovery.ts";
import { observeSender } from "./sender_metrics.ts";

/** Sends the SMS of each registration and answers `GET /sms`. */
export async function startNotification(platform: Platform): Promise<Service> {
  const { config, metrics } = platform;
  const eventLog = await platform.eventLog();
  const ledger = await platform.smsLedger();
  const sender = observeSender(await platform.smsSender(), metrics);
  const officers = await platform.officers();
  const identity = await platform.identity("notifikasi-service");
  const pace = new Pace();
  const { onEffect, onLetter } = platform.events.follow("notification-group", eventLog);
  const sms = metrics.counterBy("sms_total", "SMS by what became of them", ["outcome"]);
  const letters = deadLetters(eventLog, {
    group: "notification-group",
    onArrival: onLetter,
  });
  const open = openLetters(eventLog);
  metrics.gauge("dead_letters_open", "Dead letters that nobody dealt with yet", open);
  const consumer = createNotificationConsumer(eventLog, {
    delivery: new Delivery({ ledger, sender, pace }),
    officers,
    deadLetters: letters,
    eventKeys: (await platform.keys()).events,
    nikMode: config.SMS_NIK,
    observe({ outcome, seconds }) {
      sms({ outcome });
      if (outcome === "sent" && seconds !== undefined) onEffect(seconds);
    },
  });
  const recovery = new Recovery({
    ledger,
    sender,
    pace,
    deadLetters: letters,
    observe: ({ outcome }) => sms({ outcome: `recovered-${outcome}` }),
  });
  recovery.start();
  await consumer.start();
  const receipts = await receiptsOf(platform, ledger);
  const audit = await platform.audit("notification");
  const app = createNotificationApp({
    ledger,
    officers,
    identity,
    audit: audit.of("notification"),
    receipts,
    observe: metrics.observeRequest,
  });
  const dependencies: readonly Dependency[] = [
    { name: "event-log", check: (signal) => eventLog.check(signal) },
    { name: "sms-ledger", check: (signal) => ledger.check(signal) },
    { name: "sms-sender", check: (signal) => sender.check(signal) },
    { name: "officers", check: (signal) => officers.check(signal) },
    { name: "identity", check: (signal) => identity.check(signal) },
    { name: "audit", check: () => audit.check() },
  ];
  const notificationLag = async () => {
    const partitions = await eventLog.lag("pendaftaran-events", "notification-group");
    return partitions.reduce((sum, { lag }) => sum + lag, 0);
  };
  servePartState(app, { dependencies, figures: { notificationLag, deadLetters: open } });
  return {
    name: "notification",
    fetch: app.fetch,
    dependencies,
    async stop() {
      await Promise.all([consumer.stop(), recovery.stop()]);
    },
  };
}

async function receiptsOf({ config: { twilio }, metrics }: Platform, ledger: SmsLedger) {
  if (!twilio?.statusCallback) return undefined;
  const { authToken, statusCallback } = twilio;
  const { isSigned } = await import("../../shared/adapters/twilio/signature.ts");
  const reports = metrics.counterBy("sms_reports_total", "Delivery reports by what they say", ["outcome"]);
  return receiveReceipts({
    ledger,
    isSigned: (report) => isSigned(report, { authToken, statusCallback }),
    observe: ({ outcome }) => reports({ outcome }),
  });
}

if (import.meta.main) await runAlone("notification", { start: startNotification, port: 8004 });
