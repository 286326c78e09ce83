/**
 * Starts a shell that stops a program when this process ends without doing so, kill -9 included: the kernel then
 * closes the pipe that the shell reads. Portable, unlike Linux's parent death signal. Call what it answers when the
 * program has ended: its process number may soon be another's.
 */
export function guard(pid: number): () => Promise<void> {
  const shell = new Deno.Command("/bin/sh", {
    args: ["-c", SCRIPT, "guard", String(pid)],
    env: { PATH: "/usr/bin:/bin" },
    clearEnv: true,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    // Neither Ctrl-C nor a closed terminal may end the guard before this process.
    detached: true,
  }).spawn();
  let over = false;
  const exited = shell.status.then(() => {
    over = true;
  });
  return async () => {
    if (!over) shell.kill("SIGKILL");
    await exited;
  };
}

const SCRIPT = `
read -r _
kill -INT "$1"
for _ in 1 2 3 4 5; do
  sleep 1
  kill -0 "$1" || exit 0
done
kill -QUIT "$1"
`;
