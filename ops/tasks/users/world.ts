import type { Audit, AuditActor, AuditReason } from "../../../shared/ports/audit.ts";
import type { UserDirectory, UserId } from "../../../shared/ports/user_directory.ts";

/** What the commands use of the world. */
export interface World {
  readonly directory: UserDirectory;
  readonly audit: Audit;
  readonly actor: AuditActor;
  readonly dryRun: boolean;
  /** A line for the person, on standard output. */
  say(line: string): void;
  /** A line on standard error. */
  complain(line: string): void;
  /** The first line of standard input. */
  readPassword(): Promise<string>;
  readFile(path: string): Promise<Uint8Array>;
  /** Makes a file for the owner's eyes alone; rejects with `AlreadyExists`. */
  createFile(path: string): Promise<LineFile>;
  /** Told to stop: what is under way is done, nothing new is begun. */
  readonly stop: AbortSignal;
}

export interface LineFile extends AsyncDisposable {
  /** Resolves when the line is on the disk. */
  append(line: string): Promise<void>;
}

export interface Outcome {
  /** Everything that was asked for. */
  readonly done: boolean;
  readonly reason?: AuditReason;
  readonly user?: UserId;
  /** The command has written its own lines into the audit. */
  readonly recorded?: true;
}
