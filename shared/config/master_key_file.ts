import { type MasterKeys, parseMasterKeys } from "../security/master_key.ts";
import { Secret } from "../security/secret.ts";
import { type Config, ConfigError } from "./config.ts";
import { openSecretFile } from "./secret_file.ts";

/**
 * The master keys of the file that `MONGODB_MASTER_KEY_FILE` names, as it is at each call. While it is away or unfit,
 * those that it held before.
 */
export function openMasterKeyFile(
  { MONGODB_MASTER_KEY_FILE: path, APP_ENV }: Pick<Config, "MONGODB_MASTER_KEY_FILE" | "APP_ENV">,
): () => MasterKeys {
  if (path === undefined) {
    throw new ConfigError([
      "MONGODB_MASTER_KEY_FILE is not set: name the file of the key that wraps the data keys of MongoDB's fields",
    ]);
  }
  const forAll = APP_ENV !== "production";
  const file = openSecretFile({ variable: "MONGODB_MASTER_KEY", path, faultOf, forAll });
  if (file instanceof Secret) return () => parseMasterKeys(file.value());
  throw new ConfigError([`MONGODB_MASTER_KEY_FILE ${file.fault}`]);
}

function faultOf(text: string): string | undefined {
  try {
    parseMasterKeys(text);
  } catch (error) {
    return `cannot be used: ${error instanceof Error ? error.message : "unknown"}`;
  }
}
