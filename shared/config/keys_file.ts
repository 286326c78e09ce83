import { LiveKeys } from "../security/live_keys.ts";
import { type Config, ConfigError } from "./config.ts";

/**
 * The encryption keys of the file that `KEYS_FILE` names, which is read again every 5 s and whenever an unknown key is
 * asked for. Production refuses a file that everybody may read, at the start and later on.
 */
export function openKeysFile(config: Pick<Config, "KEYS_FILE" | "APP_ENV">): KeysFile {
  const { KEYS_FILE: path, APP_ENV } = config;
  if (path === undefined) {
    throw new ConfigError(["KEYS_FILE is not set: name the JSON file of the encryption keys"]);
  }
  const live = follow(path, () => {
    if (APP_ENV === "production") refuseOpenToAll(path);
    return Deno.readTextFileSync(path);
  });
  const timer = setInterval(() => live.refresh(), REREAD_MS);
  Deno.unrefTimer(timer);
  return {
    keys: live.keys,
    degraded: () => live.degraded,
    close: () => clearInterval(timer),
  };
}

export interface KeysFile extends Pick<LiveKeys, "keys"> {
  /** Whether the file as it is now cannot be used, so that older keys serve. */
  degraded(): boolean;
  close(): void;
}

/** After this long and the copying of the file to all machines, every process knows a key that was added. */
export const REREAD_MS = 5_000;

function follow(path: string, read: () => string): LiveKeys {
  try {
    return new LiveKeys(read);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "unknown";
    throw new ConfigError([`KEYS_FILE "${path}" is not usable: ${reason}`]);
  }
}

function refuseOpenToAll(path: string): void {
  const { mode } = Deno.statSync(path);
  if (mode !== null && (mode & 0o007) !== 0) {
    throw new Error("Expect a file that others may not read: set its mode to 0600, or 0440 for a group");
  }
}
