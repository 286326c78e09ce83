import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { ensurePython, run } from "./venv.ts";

/**
 * A `deno.json` whose folder has npm's `mongodb-client-encryption` installed beside the driver, made at the first call
 * beside the stack's programs. Its native part is no download here, so that it is compiled from the package's sources
 * against the libmongocrypt of PyPI's `pymongocrypt`.
 */
export async function ensureNative(): Promise<string> {
  const folder = resolve(Deno.env.get("STACK_DIR") || ".stack", "programs/mongodb-client-encryption");
  const config = join(folder, "deno.json");
  const wanted = JSON.stringify(await configuration(), null, 2);
  // Written last, so that an installation that was interrupted begins again.
  const mark = join(folder, "installed");
  if (existsSync(mark) && await Deno.readTextFile(mark) === wanted) return config;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(config, wanted);
  await run(Deno.execPath(), ["install", "--quiet"], folder);
  await run(await ensurePython(), ["-c", UNPACK_LIBRARY], folder);
  await run("g++", [...COMPILE, `-Wl,-rpath,${folder}`], folder);
  await Deno.writeTextFile(mark, wanted);
  return config;
}

/** The packages of the system in their versions, so that what is tested is the system's own driver. */
async function configuration(): Promise<unknown> {
  const { imports, compilerOptions, unstable } = JSON.parse(await Deno.readTextFile("deno.json"));
  return { imports: { ...imports, ...ADDED }, compilerOptions, unstable, nodeModulesDir: "auto" };
}

const ADDED = {
  "mongodb-client-encryption": "npm:mongodb-client-encryption@7.2.1",
  "node-addon-api": "npm:node-addon-api@8.9.2",
  "node-api-headers": "npm:node-api-headers@1.9.0",
};

/** Beside the library, pymongocrypt brings the text of its header as well. */
const UNPACK_LIBRARY = `
import os, re, shutil, pymongocrypt
package = os.path.dirname(pymongocrypt.__file__)
shutil.copy(os.path.join(package, "libmongocrypt.so"), "libmongocrypt.so.0")
declarations = re.search(r'ffi\\.cdef\\(\\s*"""(.*?)"""', open(os.path.join(package, "binding.py")).read(), re.S)[1]
os.makedirs("include/mongocrypt", exist_ok=True)
with open("include/mongocrypt/mongocrypt.h", "w") as header:
    header.write('#pragma once\\n#include <stdbool.h>\\n#include <stdint.h>\\nextern "C" {\\n' + declarations + "}\\n")
os.makedirs("node_modules/mongodb-client-encryption/build/Release", exist_ok=True)
`;

const PACKAGE = "node_modules/mongodb-client-encryption";
const COMPILE = [
  ...["-shared", "-fPIC", "-std=c++17", "-DMONGOCRYPT_AVOID_OPENSSL_CRYPTO", "-DNAPI_VERSION=8"],
  ...["-Iinclude", "-Inode_modules/node-addon-api", "-Inode_modules/node-api-headers/include"],
  ...[`${PACKAGE}/addon/mongocrypt.cc`, `${PACKAGE}/addon/openssl-crypto.cc`, "libmongocrypt.so.0"],
  ...["-o", `${PACKAGE}/build/Release/mongocrypt.node`],
];
