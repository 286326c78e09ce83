/** A file of ops/vault. */
export function readVault(path: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../ops/vault/${path}`, import.meta.url));
}

/** The templates of an agent's configuration. Throws on one that is written in another way. */
export function templatesOf(text: string): readonly Template[] {
  const found = [...text.matchAll(TEMPLATE)].map(([, destination = "", perms = "", contents = ""]) => {
    const [, secret = ""] = /\{\{ with secret \\"([^"]+)\\" \}\}/.exec(contents) ?? [];
    return { destination, perms, secret };
  });
  if (found.length !== text.split(/^template \{$/m).length - 1) throw new Error("Read the templates failed");
  return found;
}

/** The paths of a policy. Throws on one that is written in another way. */
export function pathsOf(text: string): readonly PolicyPath[] {
  const found = [...text.matchAll(/^path "([^"]+)" \{\n {2}capabilities = \[([^\]]*)\]\n\}$/gm)]
    .map(([, path = "", capabilities = ""]) => ({ path, capabilities }));
  if (found.length !== text.split(/^path /m).length - 1) throw new Error("Read the policy failed");
  return found;
}

export interface Template {
  readonly destination: string;
  readonly perms: string;
  /** The path in Vault. */
  readonly secret: string;
}

export interface PolicyPath {
  readonly path: string;
  readonly capabilities: string;
}

const TEMPLATE =
  /^template \{\n {2}destination +=\s"([^"]+)"\n {2}perms +=\s"(\d+)"\n {2}error_on_missing_key = true\n {2}contents +=\s"(.*)"\n\}$/gm;
