/**
 * One real server of the stack. Everything it downloads and keeps lies in its own folders, everything it needs comes
 * from package registries, and everything listens on 127.0.0.1.
 */
export interface StackServer {
  readonly name: string;
  /** Nothing of the system stands on it: it comes up only with `--with` or `--only`. */
  readonly onlyWhenNamed?: boolean;
  /** Names of servers that it cannot serve without. */
  readonly needs?: readonly string[];
  /** Programs that must be on the machine. */
  readonly tools: readonly Tool[];
  /** Default ports by purpose, for instance `{ client: 9092 }`; each can be moved by configuration. */
  readonly ports: Readonly<Record<string, number>>;
  /** Downloads, unpacks and builds what is missing. Called at each `up`: quick when nothing is. */
  install(place: Place): Promise<void>;
  /** The processes to run, in this order. They run on in the background and end at SIGTERM. */
  processes(place: Place): Promise<readonly ProcessPlan[]> | readonly ProcessPlan[];
  /** Whether the server serves, asked again and again; rejects only when waiting is useless. */
  ready(place: Place, signal: AbortSignal): Promise<boolean>;
  /** The variables that lead the system to it, for instance `KAFKA_BROKERS`. */
  variables(place: Place): Readonly<Record<string, string>>;
}

export interface Place {
  /** For downloads and builds, kept when data is thrown away. Absolute. */
  readonly programs: string;
  /** For the server's data. Absolute. */
  readonly data: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly brokers: 1 | 3;
  /** Tells the person in a sentence what takes long. */
  say(sentence: string): void;
  /** Runs a program to its end with its output in the server's log; rejects with its last lines when it fails. */
  run(
    command: string,
    args: readonly string[],
    options?: { cwd?: string; env?: Readonly<Record<string, string>> },
  ): Promise<void>;
}

export interface ProcessPlan {
  /** Unique within the stack: names the log and the pid file. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Tool {
  /** The program, for instance "java". */
  readonly command: string;
  /** Arguments that make it print its version and exit with 0. */
  readonly versionArgs: readonly string[];
  /** The command that installs it on Debian. */
  readonly installWith: string;
}
