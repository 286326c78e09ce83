import app from "./app-template.json" with { type: "json" };
import audit from "./audit-template.json" with { type: "json" };

/** The index templates by name: data streams `logs-kependudukan.audit-*` and `logs-kependudukan.app-*`. */
export const TEMPLATES = { "kependudukan-app": app, "kependudukan-audit": audit } as const;

/** Puts the templates in, new or over what was; data streams that are there take a change with their next index. */
export async function putTemplates(url: string, signal: AbortSignal): Promise<void> {
  for (const [name, template] of Object.entries(TEMPLATES)) {
    const answer = await fetch(`${url}/_index_template/${name}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(template),
      signal,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Cannot put the index template "${name}": ${text}`);
  }
}
