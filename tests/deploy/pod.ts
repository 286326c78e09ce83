import { join } from "node:path";

/**
 * Namespaces in which programs run as in a pod: a network of their own that has nothing but a loopback, where `names`
 * lead to 127.0.0.1; and for `contained` programs a read-only root file system that holds `root` and, like a distroless
 * image, nothing of this machine but the Deno binary and the C library. Needs Linux and root: in the namespace of another
 * user there is nobody to become, and a database as well as the parts are to run as somebody else.
 */
export async function openPod({ root, names }: PodOptions): Promise<Pod> {
  for (const folder of ["bin", "dev", "etc", "proc", "usr/lib"]) {
    await Deno.mkdir(join(root, folder), { recursive: true });
  }
  await Deno.writeTextFile(join(root, "bin/deno"), "");
  await Deno.writeTextFile(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
  await Deno.writeTextFile(join(root, "etc/hosts"), `127.0.0.1 localhost ${names.join(" ")}\n`);
  const holder = new Deno.Command("unshare", {
    args: ["--net", "--mount", "sh", "-c", SETUP, "sh", root, Deno.execPath()],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = holder.stdout.pipeThrough(new TextDecoderStream()).getReader();
  if ((await output.read()).value !== "ready\n") {
    const told = await new Response(holder.stderr).text();
    throw new Error(`Open namespaces failed, for which to run as root: ${told.trim()}`);
  }
  const enter = ["--target", String(holder.pid), "--net", "--mount"];
  return {
    beside(command, env) {
      return start([...enter, `--wd=${Deno.cwd()}`, ...command], { env }, (pid) => Promise.resolve(pid));
    },
    contained(command, { user, workdir, env }) {
      const [uid = "", gid = ""] = user.split(":");
      // A process tree of its own, in which the program comes first: the kernel keeps signals from it that it does
      // not handle.
      const tree = ["unshare", "--pid", "--fork", "--kill-child", `--root=${root}`, "--mount-proc=/proc"];
      const args = [...enter, ...tree, `--setuid=${uid}`, `--setgid=${gid}`, `--wd=${workdir}`, ...command];
      const clean = { env: { PATH: Deno.env.get("PATH") ?? "", ...env }, clearEnv: true };
      return start(args, clean, firstChild);
    },
    async close() {
      await holder.stdin.close();
      await Promise.all([output.cancel(), holder.stderr.cancel(), holder.status]);
    },
  };
}

export interface PodOptions {
  /** Becomes the root of the contained programs. */
  readonly root: string;
  /** Host names of the pod's network. */
  readonly names: readonly string[];
}

export interface Pod {
  /** Runs a program on this machine's files, in the pod's network. */
  beside(command: readonly string[], env: Readonly<Record<string, string>>): PodProcess;
  /** Runs a program inside `root` with no variable but `env`. */
  contained(command: readonly string[], as: Contained): PodProcess;
  /** Ends the namespaces once nothing runs in them any more. */
  close(): Promise<void>;
}

export interface Contained {
  /** `uid:gid` */
  readonly user: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface PodProcess {
  readonly ended: Promise<Deno.CommandStatus>;
  printed(): string;
  stop(signal?: Deno.Signal): Promise<Deno.CommandStatus>;
}

/** Holds the namespaces open until its input is closed. `/lib` and `/lib64` are links on some machines. */
const SETUP = `set -e
root=$1 deno=$2
ip link set lo up
mount --bind "$root/etc/hosts" /etc/hosts
mount --bind "$root" "$root"
mount --bind "$deno" "$root/bin/deno"
mount --rbind /dev "$root/dev"
mount --bind /usr/lib "$root/usr/lib"
for dir in lib lib64; do
  [ -e "$root/$dir" ] || [ -L "$root/$dir" ] && continue
  if [ -L /$dir ]; then cp -P /$dir "$root/$dir"; else mkdir "$root/$dir"; mount --bind /$dir "$root/$dir"; fi
done
[ -d /usr/lib64 ] && mkdir -p "$root/usr/lib64" && mount --bind /usr/lib64 "$root/usr/lib64"
mount -o remount,bind,ro "$root"
echo ready
read _ || true`;

function start(args: readonly string[], options: Deno.CommandOptions, findProgram: FindProgram): PodProcess {
  const child = new Deno.Command("nsenter", {
    ...options,
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let printed = "";
  const keep = async (stream: ReadableStream<Uint8Array>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) printed += text;
  };
  const ended = Promise.all([child.status, keep(child.stdout), keep(child.stderr)]).then(([status]) =>
    status
  );
  return {
    ended,
    printed: () => printed,
    async stop(signal = "SIGTERM") {
      try {
        Deno.kill(await findProgram(child.pid), signal);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error; // it has ended before
      }
      return await ended;
    },
  };
}

type FindProgram = (pid: number) => Promise<number>;

/** `unshare` waits for the program that it started and hands no signal on to it. */
async function firstChild(pid: number): Promise<number> {
  return Number.parseInt(await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`));
}
