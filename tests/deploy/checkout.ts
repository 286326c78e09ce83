import { join } from "node:path";

/**
 * A git checkout of its own with one commit: what would be committed here now, for a clone would try the last commit
 * and not what is being worked on. Goes when disposed.
 */
export async function openCheckout(): Promise<Checkout> {
  await using folder = new AsyncDisposableStack();
  const path = await Deno.makeTempDir({ prefix: "kependudukan-checkout-" });
  folder.defer(() => Deno.remove(path, { recursive: true }));
  await shell(
    'git ls-files -coz --exclude-standard | tar --null --ignore-failed-read -cf - -T - | tar -xf - -C "$1"',
    { args: [path] },
  );
  await shell("git init -q && git add -A", { cwd: path });
  await commit(path, "As it is now");
  const kept = folder.move();
  return {
    path,
    async passTests() {
      const head = await shell("git rev-parse HEAD", { cwd: path });
      await Deno.mkdir(join(path, ".artifacts"), { recursive: true });
      await Deno.writeTextFile(join(path, ".artifacts/ok"), head);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export interface Checkout extends AsyncDisposable {
  readonly path: string;
  /** Writes down that `deno task ok` passed for the commit, as CI does: whoever calls this has run the tests. */
  passTests(): Promise<void>;
}

export async function commit(cwd: string, message: string): Promise<void> {
  await shell('git -c user.name=uji -c user.email=uji@example.invalid commit -q -a -m "$1"', {
    cwd,
    args: [message],
  });
}

/** What the script printed. */
export async function shell(script: string, { cwd = ".", args = [] }: ShellOptions = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-ec", script, "sh", ...args],
    cwd,
  })
    .output();
  if (!success) throw new Error(`Run "${script}" failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

interface ShellOptions {
  readonly cwd?: string;
  /** `$1` and so on. */
  readonly args?: readonly string[];
}
