import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { requiredSecrets } from "../deploy/secrets.ts";
import { OBJECTS } from "../../tests/deploy/fleet.ts";

const FOLDER = "ops/runbooks";
const INDEX = await Deno.readTextFile(`${FOLDER}/README.md`);
const PAGES = Array.from(Deno.readDirSync(FOLDER), ({ name }) => name).filter((name) =>
  name.endsWith(".md") && name !== "README.md"
);
const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));

describe("The runbooks", () => {
  it("are those that the index lists", () => {
    const listed = [...INDEX.matchAll(/^\| \[([a-z-]+\.md)\]\(\1\)/gm)].map(([, name]) => name);
    assert.deepEqual(listed.toSorted(), PAGES.toSorted());
  });

  for (const page of PAGES) {
    const text = Deno.readTextFileSync(`${FOLDER}/${page}`);

    it(`${page} has the five parts, says on what it was run, and leads nowhere wrong`, () => {
      const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading);
      assert.deepEqual(headings.filter((heading) => PARTS.includes(heading)), PARTS);
      assert.match(text.trimEnd().split("\n\n").at(-1) ?? "", /^_Run on /);
      for (const [, target = ""] of text.matchAll(/\]\(([^)#]+)\)/g)) {
        assert.ok(existsSync(join(FOLDER, target)), target);
      }
    });

    it(`${page} names commands, options and objects that exist`, () => {
      const commands = commandsIn(text);
      assert.ok(commands.length > 0);
      const wrong = commands.flatMap((command) => mistakesIn(command).map((what) => `${command}: ${what}`));
      assert.deepEqual(wrong, []);
    });
  }

  for (
    const [command, mistake] of [
      ["deno task deploi --dry-run", 'there is no task "deploi"'],
      ["deno task deploy --dryrun", 'task "deploy" has no option "--dryrun"'],
      ["deno task keys rotieren", 'task "keys" has no command "rotieren"'],
      [
        "kubectl --context try scale deployment/registrasi --namespace services",
        "there is no deployment/registrasi",
      ],
      ["kubectl --context try patch hpa registration --namespace edge", "there is no hpa/registration"],
      ["deno run ops/terraform/kapasitas.ts", "there is no file ops/terraform/kapasitas.ts"],
      ["helm upgrade", 'nobody knows "helm"'],
    ] as const
  ) {
    it(`would be found wrong with "${command}"`, () => assert.deepEqual(mistakesIn(command), [mistake]));
  }
});

const PARTS = ["When", "What users notice", "Do", "See that it worked", "Way back"];

/** The lines of all `sh` blocks, also of those in lists. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/^( *)```sh\n([^]*?)^\1```$/gm)]
    .flatMap(([, , block = ""]) =>
      block.split("\n").map((line) => line.trim()).filter((line) => line !== "")
    );
}

function mistakesIn(command: string): string[] {
  const words = command.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  const files = words.filter((word) =>
    /^[a-z_-]+(\/[a-z_-]+)+\.(ts|yml|sql|json)$/.test(word) && !existsSync(word)
  );
  return [...files.map((file) => `there is no file ${file}`), ...wrongFor(words)];
}

function wrongFor(words: readonly string[]): string[] {
  switch (words[0]) {
    case "deno":
      return words[1] === "task" ? wrongTask(words.slice(2)) : [];
    case "kubectl":
      return wrongObjects(words);
    case "curl":
    case "psql":
    case "sed":
      return [];
    default:
      return [`nobody knows "${words[0]}"`];
  }
}

function wrongTask([name = "", ...args]: readonly string[]): string[] {
  const entry = /\S+\.ts/.exec(tasks[name]?.command ?? "")?.[0];
  if (entry === undefined) return [`there is no task "${name}"`];
  const source = sourceOf(entry, new Set());
  const options = args.filter((arg) => arg.startsWith("--")).map((arg) => arg.slice(2));
  const [command] = args[0]?.startsWith("--") ? [] : args;
  return [
    ...(command === undefined || source.includes(`"${command}"`) || source.includes(`task ${name} ${command}`)
      ? []
      : [`task "${name}" has no command "${command}"`]),
    ...options.filter((option) => !new RegExp(`--${option}\\b|"${option}"|\\b${option}:`).test(source))
      .map((option) => `task "${name}" has no option "--${option}"`),
  ];
}

/** The module with all below ops/ that it imports, which is where options are read. */
function sourceOf(path: string, seen: Set<string>): string {
  if (seen.has(path) || !path.startsWith("ops/")) return "";
  seen.add(path);
  const text = Deno.readTextFileSync(path);
  const imports = [...text.matchAll(/from "(\.{1,2}\/[^"]+\.ts)"/g)].map(([, module = ""]) => module);
  return [text, ...imports.map((module) => sourceOf(normalize(join(dirname(path), module)), seen))].join(
    "\n",
  );
}

function wrongObjects(words: readonly string[]): string[] {
  const namespace = words[words.indexOf("--namespace") + 1];
  const named = words.flatMap((word) =>
    /^([a-z]+)(?:\.[a-z.]+)?\/([a-z-]+)$/.exec(word)?.slice(1, 3).join("/") ?? []
  );
  const [verb, kind, name] = words.slice(3);
  if (verb === "patch") named.push(`${kind}/${name}`);
  return named.filter((object) => {
    const [kind = "", name] = object.split("/");
    const full = KINDS[kind] ?? kind.replace(/s$/, "");
    return !OBJECTS.some(({ kind, metadata }) =>
      kind.toLowerCase() === full && metadata.name === name && metadata.namespace === namespace
    );
  }).map((object) => `there is no ${object}`).concat(
    verb === "create" && kind === "secret" &&
      !requiredSecrets(OBJECTS).get(namespace ?? "")?.has(words[6] ?? "")
      ? [`deploy.yml refers to no secret ${words[6]}`]
      : [],
  );
}

const KINDS: Readonly<Record<string, string>> = { hpa: "horizontalpodautoscaler" };
