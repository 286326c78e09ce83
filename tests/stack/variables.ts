/** A variable that `deno task test:stack` sets. */
export function variable(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`Cannot find a real server without ${name}: run \`deno task test:stack\``);
  return value;
}
