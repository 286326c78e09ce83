import { exists } from "./exists.ts";
import { join, resolve } from "node:path";
import { run } from "../../../ops/deploy/run.ts";

/** Path of a program that `go install` builds, at its version; built at the first call, then kept in .stack/tools. */
export async function goTool(name: keyof typeof TOOLS, say: (line: string) => void): Promise<string> {
  const { module, version } = TOOLS[name];
  const folder = resolve(".stack/tools", `${name}@${version}`);
  const program = join(folder, name);
  if (await exists(program)) return program;
  say(`Building ${name} ${version}, once`);
  const ran = await run("nice", ["env", `GOBIN=${folder}`, "go", "install", `${module}@${version}`], {
    withinMs: BUILD_MS,
  });
  if (ran.kind === "ended" && ran.code === 0) return program;
  const reason = ran.kind === "ended" ? ran.stderr.trim().split("\n").at(-1) : "it took too long";
  throw new Error(`Build ${name} failed, which needs Go (Debian: golang-go): ${reason}`);
}

/** Both are single programs, pinned by version and by the checksum database of Go. */
const TOOLS = {
  "kubeconform": { module: "github.com/yannh/kubeconform/cmd/kubeconform", version: "v0.8.0" },
  "kube-score": { module: "github.com/zegl/kube-score/cmd/kube-score", version: "v1.20.0" },
} as const;

const BUILD_MS = 15 * 60_000;
