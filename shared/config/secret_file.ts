import { getLogger } from "@logtape/logtape";
import { Secret, type SecretValues } from "../security/secret.ts";

/**
 * A secret that stands in a file (`NAME_FILE`), as Vault's agent and Kubernetes write it. The file is looked at on each
 * use, so that a change counts at once, by rename or by a moved link alike; one line end after the value is not part of
 * it. A file that is away or unfit leaves the secret as it was, with one line of log. Answers a fault, which goes on
 * from the variable's name, when the secret cannot be had at the start.
 */
export function openSecretFile(file: SecretFile): Secret | Fault {
  const { variable, path } = file;
  let stamp = "";
  let values: SecretValues | undefined;
  let told = "";

  function look(): Fault | undefined {
    try {
      const present = stampOf(path);
      if (present === stamp) return undefined;
      const fault = take(readValue(file));
      if (!fault) stamp = present;
      return fault;
    } catch (error) {
      return { fault: `names a file that cannot be read (${codeOf(error)})` };
    }
  }

  function take(read: string | Fault): Fault | undefined {
    if (typeof read !== "string") return read;
    if (values && values[0] !== read) log.info("{variable} has a new value", { variable });
    if (values?.[0] !== read) values = values ? [read, values[0]] : [read];
    return undefined;
  }

  const first = look();
  if (first) return first;
  return Secret.changing(variable, () => {
    const { fault } = look() ?? { fault: "" };
    if (fault !== told && fault !== "") {
      log.warn("{variable} stays as it was: {file} {fault}", { variable, file: `${variable}_FILE`, fault });
    }
    told = fault;
    return values ?? [""];
  });
}

export interface SecretFile {
  /** The variable whose value the file holds. */
  readonly variable: string;
  readonly path: string;
  /** What is wrong with a value; goes on from the variable's name. */
  readonly faultOf: (value: string) => string | undefined;
  /** Whether a file that everybody on the machine may read is taken. */
  readonly forAll: boolean;
}

export interface Fault {
  readonly fault: string;
}

function readValue({ path, faultOf, forAll }: SecretFile): string | Fault {
  const { mode, size } = fs().statSync(path);
  if (!forAll && (mode & OTHERS) !== 0) return { fault: "names a file that everybody may read: chmod o= it" };
  if (size > MOST_BYTES) return { fault: `names a file of more than ${MOST_BYTES} bytes` };
  const value = fs().readFileSync(path, "utf8").replace(/\r?\n$/, "");
  if (value === "") return { fault: "names a file that is empty" };
  const fault = faultOf(value);
  return fault === undefined ? value : { fault };
}

/** Another one after every change: a rename brings another inode, and so does a link that leads elsewhere. */
function stampOf(path: string): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = fs().statSync(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
}

/** Not by an import, which the bundle of the edge could not have on runtimes without files. */
function fs() {
  return globalThis.process.getBuiltinModule("fs");
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

const OTHERS = 0o007;
const MOST_BYTES = 65_536;

const log = getLogger(["kependudukan", "secrets"]);
