/**
 * The URL with server settings for every session that it opens (`-c name=value`), over those that it holds; `undefined`
 * takes one away. They are in the URL because pg lets the URL's `options` replace all others.
 */
export function withSettings(url: string, settings: Readonly<Record<string, string | undefined>>): string {
  const parsed = new URL(url);
  const all = new Map(Array.from(held(parsed), ([, name = "", value = ""]) => [name, value]));
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined) all.delete(name);
    else all.set(name, value);
  }
  const options = Array.from(all, ([name, value]) => `-c ${name}=${value}`).join(" ");
  if (options === "") parsed.searchParams.delete("options");
  else parsed.searchParams.set("options", options);
  return parsed.href;
}

function held({ searchParams }: URL): Iterable<RegExpMatchArray> {
  return (searchParams.get("options") ?? "").matchAll(/(?:-c\s*|--)([\w.]+)=((?:\\.|\S)*)/g);
}
