import { join } from "node:path";

/**
 * A file system of its own at `<folder>/<name>`, which can be filled to the last block without filling the machine's:
 * the blocks are claimed and not written. Undefined where this process may not mount.
 */
export async function mountSmallDisk(folder: string, name: string): Promise<SmallDisk | undefined> {
  const image = join(folder, `${name}.img`);
  const path = join(folder, name);
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  const made = await succeeds("truncate", "--size", SIZE, image) &&
    await succeeds("mkfs.ext4", "-q", image) &&
    await succeeds("mount", "-o", "loop", image, path);
  if (!made) return undefined;
  await Deno.chmod(path, 0o700);
  const ballast = join(path, "ballast");
  return {
    async fill() {
      // It fails at the last block, when all the others are claimed, down to those that only root may have.
      await succeeds("fallocate", "--length", SIZE, ballast);
    },
    async free() {
      await Deno.remove(ballast);
    },
    async unmount() {
      await succeeds("umount", "--lazy", path);
    },
  };
}

export interface SmallDisk {
  fill(): Promise<void>;
  free(): Promise<void>;
  unmount(): Promise<void>;
}

async function succeeds(command: string, ...args: readonly string[]): Promise<boolean> {
  try {
    const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
    const { success } = await new Deno.Command(command, { args: [...args], ...quiet }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const SIZE = "16G";
