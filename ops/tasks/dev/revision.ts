/** The commit that is checked out, as `REVISION` has it; none where there is no git or no repository. */
export async function checkedOut(): Promise<{ readonly REVISION?: string }> {
  const git = new Deno.Command("git", { args: ["rev-parse", "HEAD"], stdin: "null" });
  try {
    const { success, stdout } = await git.output();
    return success ? { REVISION: new TextDecoder().decode(stdout).trim() } : {};
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
