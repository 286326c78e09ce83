import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * Clocks that can be set apart from the machine's, by libfaketime of Debian (github.com/wolfcw/libfaketime): wall clocks
 * only, timers go on as they are. Undefined where the library is not installed and cannot be fetched.
 */
export async function openClocks(folder: string): Promise<Clocks | undefined> {
  const library = await findLibrary();
  if (library === undefined) return undefined;
  await Deno.mkdir(folder, { recursive: true });
  const file = (name: string) => join(folder, name);
  return {
    environment(name) {
      Deno.writeTextFileSync(file(name), "+0");
      return {
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: file(name),
        FAKETIME_CACHE_DURATION: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      };
    },
    async set(name, seconds) {
      await Deno.writeTextFile(file(name), seconds < 0 ? String(seconds) : `+${seconds}`);
    },
  };
}

export interface Clocks {
  /** Variables that put a process under the clock of this name. */
  environment(name: string): Readonly<Record<string, string>>;
  /** Puts the clock so many seconds before or behind the machine's; it is seen within a second. */
  set(name: string, seconds: number): Promise<void>;
}

async function findLibrary(): Promise<string | undefined> {
  const programs = resolve(Deno.env.get("STACK_DIR") || ".stack", "programs/faketime");
  const places = ["/", programs].map((root) => join(root, LIBRARY));
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  await Deno.mkdir(programs, { recursive: true });
  const fetch = "apt-get -qq download libfaketime && dpkg-deb -x libfaketime_*.deb . && rm libfaketime_*.deb";
  const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
  await new Deno.Command("/bin/sh", { args: ["-c", fetch], cwd: programs, ...quiet }).output();
  return places.find((place) => existsSync(place));
}

/** The one for programs with threads. */
const LIBRARY = `usr/lib/${Deno.build.arch}-linux-gnu/faketime/libfaketimeMT.so.1`;
