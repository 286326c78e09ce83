/** One part of the system at work: its HTTP face, what it depends on, and the way to stop it. */
export interface Service {
  readonly name: string;
  readonly fetch: (request: Request, bindings?: { remoteAddress: string }) => Response | Promise<Response>;
  readonly dependencies: readonly Dependency[];
  /** Stops taking work, finishes what is under way, and resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

export interface Dependency {
  /** As the operator knows it: "postgresql", "kafka", "keycloak". */
  readonly name: string;
  /** The service does its work without it, though not as well: its absence shows, but takes nothing out of rotation. */
  readonly optional?: boolean;
  /** Rejects with the reason when the dependency does not answer before the signal aborts. */
  check(signal: AbortSignal): Promise<void>;
}
