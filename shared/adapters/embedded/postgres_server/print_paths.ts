/** Run by package.ts: fetches the npm package of the argument unless it is cached, and prints what it exports. */
const paths: unknown = await import(Deno.args[0] ?? "");
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(paths)));
