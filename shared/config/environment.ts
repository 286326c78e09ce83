/** The process environment; nothing but this file reads it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export function readEnvironment(): Environment {
  return Deno.env.toObject();
}
