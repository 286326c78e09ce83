import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseOptions } from "./options.ts";

const CREATE = ["create", "budi", "--nama", "Budi Contoh", "--roles", "petugas"];

describe("The command line of `deno task users`", () => {
  it("reads a new officer, whose province may be a name, a common name or a code", () => {
    for (const provinsi of ["Jawa Barat", "jabar", "32"]) {
      const parsed = parseOptions([...CREATE, "--provinsi", provinsi, "--dry-run", "--actor", "ayu"]);
      assert.deepEqual(parsed, {
        kind: "command",
        dryRun: true,
        actor: "ayu",
        command: {
          name: "create",
          username: "budi",
          nama: "Budi Contoh",
          email: undefined,
          roles: new Set(["petugas"]),
          scope: "32",
          passwordFromStdin: false,
          mustChange: false,
        },
      });
    }
  });

  it("shows the help when told nothing or asked for it", () => {
    for (const args of [[], ["--help"], ["-h"], ["create", "--help"]]) {
      assert.deepEqual(parseOptions(args), { kind: "help" });
    }
  });

  const wrong: readonly [readonly string[], RegExp][] = [
    [["hapus", "budi"], /^Command "hapus" is unknown: choose from create, /],
    [CREATE, /^Field "provinsi" is missing: a petugas has a province, or "semua"$/],
    [[...CREATE, "--provinsi", "Atlantis"], /^Field "provinsi" takes the name or the code/],
    [[...CREATE, "--provinsi", "Jawa Brat"], /did you mean "Jawa Barat"$/],
    [
      ["create", "budi", "--nama", "B", "--roles", "warga", "--provinsi", "32"],
      /"provinsi" is for a petugas alone/,
    ],
    [["create", "budi", "--roles", "warga"], /^Option "--nama" is missing$/],
    [["create", "budi", "--nama", "Budi"], /^Option "--roles" is missing$/],
    [["create", "Budi", "--nama", "Budi", "--roles", "warga"], /^Field "username" takes three to 64/],
    [["create", "b12345678", "--nama", "Budi", "--roles", "warga"], /^Field "username" takes three to 64/],
    [["disable", "service-account-gateway"], /^Field "username" takes three to 64/],
    [["roles", "budi", "tanpa-batas"], /"tanpa-batas", which is for service accounts alone$/],
    [["roles", "budi", "raja"], /^Field "roles" takes one or several of admin, petugas, warga, auditor$/],
    [["roles", "budi"], /takes a user name and the roles$/],
    [["disable"], /^Command takes one user name$/],
    [["disable", "budi", "ani"], /^Command takes one user name$/],
    [["list", "budi"], /^Command "list" takes no name$/],
    [["import"], /^Command "import" takes one file$/],
    [["list", "--dry-run"], /^Option "--dry-run" does not go with "list"$/],
    [["disable", "budi", "--must-change"], /^Option "--must-change" does not go with "disable"$/],
    [["disable", "budi", "--sekarang"], /^Unknown option '--sekarang'$/],
  ];
  for (const [args, sentence] of wrong) {
    it(`refuses \`${args.join(" ")}\``, () => {
      const parsed = parseOptions(args);
      assert(parsed.kind === "wrong");
      assert.match(parsed.sentence, sentence);
    });
  }
});
