/**
 * The health command of the images, for engines without probes of their own; no shell is needed for it. Exits with 0
 * when the process in this container lives: `deno run --allow-net=127.0.0.1:8001 ops/image/health.ts 8001`.
 */
const [port] = Deno.args;
const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2_000) });
Deno.exit(answer.ok ? 0 : 1);
