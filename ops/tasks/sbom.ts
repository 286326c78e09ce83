import { z } from "zod";

/**
 * `deno task sbom`: writes `.artifacts/sbom.json`, a CycloneDX 1.6 bill of every package in deno.lock with what it needs,
 * its hash, and its licence where the package is in Deno's cache. @cyclonedx/cdxgen reads deno.lock too, but brings 92
 * packages of its own, some of which Deno cannot install.
 */
async function main(): Promise<void> {
  const lock = parseLock(await Deno.readTextFile("deno.lock"));
  const bom = await toBom(lock, { licence: licenceInCache, now: new Date() });
  await Deno.mkdir(".artifacts", { recursive: true });
  await Deno.writeTextFile(".artifacts/sbom.json", JSON.stringify(bom, null, 2) + "\n");
  const licensed = bom.components.filter(({ licenses }) => licenses).length;
  const summary =
    `.artifacts/sbom.json: ${bom.components.length} components, ${licensed} of them with a licence\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(summary));
}

/** Throws on a lock file with other than npm packages: a bill that leaves something out is worse than none. */
export function parseLock(text: string): Lock {
  return Lock.parse(JSON.parse(text));
}

export async function toBom({ npm, specifiers }: Lock, { licence, now }: BomOptions) {
  const keys = Object.keys(npm);
  const libraries = await Promise.all(keys.map((key) => component(key, npm[key]?.integrity ?? "", licence)));
  const direct = Object.entries(specifiers).map(([specifier, version]) => {
    const { name } = nameAndVersion(specifier.slice("npm:".length));
    return refOf(resolve(`${name}@${version}`, keys));
  });
  const needs = keys.map((key) => {
    const { dependencies = [], optionalDependencies = [] } = npm[key] ?? {};
    const needed = [...dependencies, ...optionalDependencies].map((name) => refOf(resolve(name, keys)));
    return { ref: refOf(key), dependsOn: unique(needed) };
  });
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${crypto.randomUUID()}`,
    version: 1,
    metadata: {
      timestamp: now.toISOString(),
      lifecycles: [{ phase: "build" }],
      component: { "type": "application", "name": ROOT, "bom-ref": ROOT, "licenses": licenses("MIT") },
    },
    components: [RUNTIME, ...libraries.toSorted((a, b) => a["bom-ref"] < b["bom-ref"] ? -1 : 1)],
    dependencies: [{ ref: ROOT, dependsOn: unique([RUNTIME["bom-ref"], ...direct]) }, ...needs],
  } as const;
}

export interface BomOptions {
  /** The `license` of a package's package.json, where that can be read. */
  readonly licence: (name: string, version: string) => Promise<string | undefined>;
  readonly now: Date;
}

/** Version 5, as far as it speaks of npm; unknown sections are refused. */
const Lock = z.strictObject({
  version: z.literal("5"),
  specifiers: z.record(z.string().startsWith("npm:"), z.string()),
  npm: z.record(
    z.string(),
    z.object({
      integrity: z.string().startsWith("sha512-"),
      dependencies: z.array(z.string()).optional(),
      optionalDependencies: z.array(z.string()).optional(),
    }),
  ),
  workspace: z.unknown().optional(),
});
type Lock = z.output<typeof Lock>;

const ROOT = "layanan-kependudukan";
const RUNTIME = {
  "type": "platform",
  "bom-ref": `deno@${Deno.version.deno}`,
  "name": "deno",
  "version": Deno.version.deno,
  "licenses": licenses("MIT"),
} as const;

async function component(key: string, integrity: string, licence: BomOptions["licence"]) {
  const { name, version } = nameAndVersion(key);
  const [scope, bare] = name.startsWith("@") ? name.split("/") : [undefined, name];
  const licensed = await licence(name, version);
  return {
    "type": "library",
    "bom-ref": refOf(key),
    ...(scope && { group: scope }),
    "name": bare,
    version,
    "purl": refOf(key),
    "hashes": [{ alg: "SHA-512", content: Uint8Array.fromBase64(integrity.slice("sha512-".length)).toHex() }],
    ...(licensed && { licenses: licenses(licensed) }),
  };
}

function licenses(text: string) {
  if (/ (OR|AND|WITH) /.test(text)) return [{ expression: text }];
  return [{ license: /^[\w.+-]+$/.test(text) ? { id: text } : { name: text } }];
}

/** Without the peers that Deno adds to the key of a package: `a@1.0.0_b@2.0.0`. */
function nameAndVersion(key: string): { name: string; version: string } {
  const [, name = key, version = ""] = /^(@?[^@]+)@([^_]*)/.exec(key) ?? [];
  return { name, version };
}

/** A package URL: https://github.com/package-url/purl-spec */
function refOf(key: string): string {
  const { name, version } = nameAndVersion(key);
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** The lock names a version only where there are several. */
function resolve(needed: string, keys: readonly string[]): string {
  if (keys.includes(needed)) return needed;
  const only = keys.find((key) => nameAndVersion(key).name === needed);
  if (only === undefined) throw new Error(`Find "${needed}" in deno.lock failed`);
  return only;
}

const unique = (refs: readonly string[]) => [...new Set(refs)].sort();

/** Deno keeps all packages of a registry in one folder, so one that is certainly there leads to the others. */
export async function licenceInCache(name: string, version: string): Promise<string | undefined> {
  const [registry = ""] = import.meta.resolve("zod").split("/zod/");
  try {
    const text = await Deno.readTextFile(new URL(`${registry}/${name}/${version}/package.json`));
    return PackageJson.parse(JSON.parse(text)).license;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const PackageJson = z.object({ license: z.string().optional().catch(undefined) });

if (import.meta.main) await main();
