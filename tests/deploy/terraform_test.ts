import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { capacity } from "../../ops/terraform/capacity.ts";

describe("ops/capacity.md", () => {
  it("is what deploy.yml, the node pools and the prices say", async () => {
    const fmt = new Deno.Command(Deno.execPath(), {
      args: ["fmt", "--ext", "md", "-"],
      stdin: "piped",
      stdout: "piped",
    })
      .spawn();
    await new Blob([capacity(await Deno.readTextFile("deploy.yml"))]).stream().pipeTo(fmt.stdin);
    const { stdout } = await fmt.output();
    assert.equal(await Deno.readTextFile("ops/capacity.md"), new TextDecoder().decode(stdout));
  });

  it("cannot be made when a server fits on no node", async () => {
    const manifest = await Deno.readTextFile("deploy.yml");
    const grown = manifest.replace(
      /requests: \{ cpu: "4", memory: 16Gi \}/,
      'requests: { cpu: "8", memory: 16Gi }',
    );
    assert.throws(
      () => capacity(grown),
      /Place "Cluster postgres" failed: the nodes of the pools are too few/,
    );
  });

  it("cannot be made when two data servers would share a node", async () => {
    const manifest = await Deno.readTextFile("deploy.yml");
    const grown = manifest.replace(/^ {2}instances: 3$/m, "  instances: 10");
    assert.throws(() => capacity(grown), /failed: the nodes of the pools are too few/);
  });
});

const PROVIDER = "hashicorp/aws/5.100.0";
const MIRRORS = ["/opt/tf-plugins", "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"];
const mirror = MIRRORS.find((folder) => {
  return existsSync(folder) && readdirSync(folder).some((host) => existsSync(join(folder, host, PROVIDER)));
});
const lacks = await terraformLacks();
if (lacks) Deno.stdout.writeSync(new TextEncoder().encode(`ops/terraform was not tried: ${lacks}\n`));

describe("ops/terraform", { skip: lacks !== undefined }, () => {
  let root: string;
  before(async () => {
    root = await Deno.makeTempDir({ prefix: "kependudukan-terraform-" });
    await Deno.mkdir(join(root, "ops"));
    await Deno.copyFile("deploy.yml", join(root, "deploy.yml"));
    await sh(`cp -R ops/terraform ${root}/ops && rm -rf ${root}/ops/terraform/.terraform*`, ".");
    await terraform("init", "-backend=false", "-input=false", `-plugin-dir=${mirror}`);
  });
  after(() => Deno.remove(root, { recursive: true }));

  it("is formatted", () => terraform("fmt", "-check", "-diff"));
  it("is valid against the provider's schema", () => terraform("validate"));
  it("plans what its tests want, against a played AWS", () => terraform("test"));

  async function terraform(...args: readonly string[]): Promise<void> {
    const { success, stdout, stderr } = await new Deno.Command("terraform", {
      args: [...args, ...(args[0] === "fmt" ? [] : ["-no-color"])],
      cwd: join(root, "ops/terraform"),
      env: { TF_CLI_CONFIG_FILE: "", CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" },
      signal: AbortSignal.timeout(5 * 60_000),
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.ok(success, `terraform ${args.join(" ")}:\n${decode(stdout)}${decode(stderr)}`);
  }
});

/** Why Terraform cannot be run here. */
async function terraformLacks(): Promise<string | undefined> {
  try {
    await new Deno.Command("terraform", { args: ["version"], stdout: "null", stderr: "null" }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "there is no terraform on the PATH";
    throw error;
  }
  return mirror === undefined ? `there is no mirror with ${PROVIDER} in ${MIRRORS.join(", ")}` : undefined;
}

async function sh(script: string, cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("sh", { args: ["-ec", script], cwd }).output();
  if (!success) throw new Error(`Run "${script}" failed: ${new TextDecoder().decode(stderr)}`);
}
