/** A file of /proc/PID; undefined when the process has ended or belongs to somebody else. */
export async function readProc(pid: number | string, file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(`/proc/${pid}/${file}`);
  } catch (error) {
    const expected = [Deno.errors.NotFound, Deno.errors.PermissionDenied];
    if (expected.some((kind) => error instanceof kind) || isNoSuchProcess(error)) return undefined;
    throw error;
  }
}

/** ESRCH, where a process ends while its file is read: Deno 2.9 has no class and no `code` for it. */
function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && error.message.includes("(os error 3)");
}
