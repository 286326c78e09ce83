/**
 * The account PostgreSQL runs as; undefined means this process's own. PostgreSQL refuses to run as root, so root lends
 * it to the owner of the cluster, and for a new cluster to "postgres" or "nobody".
 */
export async function accountOf(cluster: string): Promise<Account | undefined> {
  if (Deno.uid() !== 0) return undefined;
  return await ownerOf(cluster) ?? await named("postgres") ?? await named("nobody") ??
    { uid: 65534, gid: 65534 };
}

async function ownerOf(cluster: string): Promise<Account | undefined> {
  try {
    const { uid, gid } = await Deno.stat(cluster);
    return uid && gid !== null ? { uid, gid } : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function named(user: string): Promise<Account | undefined> {
  const [uid, gid] = await Promise.all([id("-u", user), id("-g", user)]);
  return uid && gid !== undefined ? { uid, gid } : undefined;
}

async function id(option: string, user: string): Promise<number | undefined> {
  const { success, stdout } = await new Deno.Command("id", { args: [option, user], stderr: "null" }).output();
  return success ? Number(new TextDecoder().decode(stdout)) : undefined;
}

export interface Account {
  readonly uid: number;
  readonly gid: number;
}
