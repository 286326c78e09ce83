import { type Keys, parseKeys } from "../security/key_ring.ts";
import { type Config, ConfigError } from "./config.ts";

/** The encryption keys of the file that `KEYS_FILE` names. */
export async function readKeys({ KEYS_FILE }: Pick<Config, "KEYS_FILE">): Promise<Keys> {
  if (KEYS_FILE === undefined) {
    throw new ConfigError(["KEYS_FILE is not set: name the JSON file of the encryption keys"]);
  }
  try {
    return parseKeys(await Deno.readTextFile(KEYS_FILE));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "unknown";
    throw new ConfigError([`KEYS_FILE "${KEYS_FILE}" is not usable: ${reason}`]);
  }
}
