import { getLogger } from "@logtape/logtape";
import type { Audit, AuditEntry } from "../../ports/audit.ts";
import { isDenial } from "./line.ts";

/**
 * Keeps a flood of refused requests from filling the disk. The first refusal of an actor, action, reason and address is
 * a line at once; those that follow within the minute are one more line with their count, written at its end: a
 * process that is killed before loses that count. Of more than `most` such groups in a minute, the rest are counted
 * by action and reason alone. All other entries pass through.
 */
export function collapseDenials(
  audit: Audit,
  { most = 1_000 }: { readonly most?: number } = {},
): CollapsingAudit {
  const groups = new Map<string, Group>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  return {
    async record(entry, withinMs) {
      if (!isDenial(entry)) return await audit.record(entry, withinMs);
      const { key, alike } = groupOf(entry);
      const group = groups.get(key);
      if (group) return void group.repeats++;
      groups.set(key, { alike, repeats: 0 });
      timer ??= setTimeout(() => void endMinute(), MINUTE_MS);
      try {
        await audit.record(entry, withinMs);
      } catch (error) {
        groups.delete(key);
        throw error;
      }
    },
    flush: endMinute,
  };

  function groupOf(entry: AuditEntry): { key: string; alike: AuditEntry } {
    const { action, outcome, reason, actor, clientAddress } = entry;
    const id = actor.kind === "anonymous" ? "" : actor.id;
    const key = JSON.stringify([action, reason, id, clientAddress]);
    if (groups.has(key) || groups.size < most) {
      return { key, alike: { action, outcome, reason, actor, clientAddress } };
    }
    return {
      key: JSON.stringify([action, reason]),
      alike: { action, outcome, reason, actor: { kind: "anonymous" } },
    };
  }

  async function endMinute(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const ended = [...groups.values()];
    groups.clear();
    await Promise.all(ended.filter(({ repeats }) => repeats > 0).map(summarise));
  }

  async function summarise({ alike, repeats }: Group): Promise<void> {
    try {
      await audit.record({ ...alike, count: repeats });
    } catch (error) {
      const name = error instanceof Error ? error.name : "unknown";
      log.error("Cannot write how many requests were refused as {action}: {error}", {
        action: alike.action,
        error: name,
        repeats,
      });
    }
  }
}

export interface CollapsingAudit extends Audit {
  /** Writes the counts of the minute that runs. */
  flush(): Promise<void>;
}

interface Group {
  /** What the requests of the group have in common. */
  readonly alike: AuditEntry;
  repeats: number;
}

const MINUTE_MS = 60_000;
const log = getLogger(["kependudukan", "audit"]);
