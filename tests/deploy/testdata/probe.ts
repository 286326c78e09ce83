/**
 * Runs in place of a part's own module, with the rights of its image, and tries what an intruder would:
 * `probe.ts ALLOWED FORBIDDEN` with two URLs. Prints the outcome of each try as JSON: "done", "refused" by Deno, or the
 * name of another error.
 */
const [allowed = "", forbidden = ""] = Deno.args;
const anotherPort = new URL(allowed);
anotherPort.port = "8099";

const fetchOnce = (url: string | URL) => fetch(url, { signal: AbortSignal.timeout(5_000) });

const tries: Readonly<Record<string, () => unknown>> = {
  "fetch from an address of the list": () => fetchOnce(allowed),
  "fetch from another port there": () => fetchOnce(anotherPort),
  "fetch from another host": () => fetchOnce(forbidden),
  "import from the network": () => import(String(forbidden)),
  "import another package": () => import(["npm:", "left-pad@1.3.0"].join("")),
  "listen on another port": () => Deno.listen({ hostname: "0.0.0.0", port: 8099 }).close(),
  "read the encryption keys": () => Deno.readTextFile("/run/encryption-keys/keys.json"),
  "read its own program": () => Deno.readTextFile("/app/deno.json"),
  "read the memory of the process": () => Deno.readFile("/proc/self/environ"),
  "write a file": () => Deno.writeTextFile("/app/written", ""),
  "start a program": () => new Deno.Command("/bin/deno", { args: ["--version"] }).output(),
  "load a library": () => Deno.dlopen("/usr/lib/libc.so.6", {}),
  "ask for the name of the machine": () => Deno.hostname(),
};

const outcomes: Record<string, string> = {};
for (const [what, attempt] of Object.entries(tries)) {
  try {
    await attempt();
    outcomes[what] = "done";
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error("unknown");
    outcomes[what] = /^Requires |--cached-only/.test(message) ? "refused" : name;
  }
}
outcomes["read a variable that the configuration does not know"] = String(Deno.env.get("NOT_OURS"));
Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(outcomes)}\n`));
