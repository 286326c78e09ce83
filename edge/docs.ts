import { html, raw } from "hono/html";
import { PROBLEMS } from "../shared/http/problem.ts";
import type { openApiDocument } from "./openapi.ts";

/**
 * The documentation as one page without script: it must open where the strictest content policy holds and nothing may
 * be loaded from elsewhere, which the usual viewers of OpenAPI do not.
 */
export function docsPage(document: ReturnType<typeof openApiDocument>) {
  return html`<!doctype html>
<html lang="id">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${document.info.title} — API</title>
<style>${raw(STYLE)}</style>
<h1>${document.info.title}</h1>
<p>${document.info.description} Dokumen mesin: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
${operations(document).map(operationSection)}
<h2>Kode galat</h2>
<table>
<tr><th>code<th>status<th>arti
${
    Object.entries(PROBLEMS).map(([code, { status, title }]) =>
      html`
        <tr id="${code}">
          <td><code>${code}</code><td>${status}<td>${title}
      `
    )
  }
</table>
</html>`;
}

function operations(document: ReturnType<typeof openApiDocument>): readonly Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    (["get", "post", "delete"] as const).flatMap((method) => {
      const operation = item[method];
      return operation ? [{ path, method: method.toUpperCase(), operation }] : [];
    })
  );
}

function operationSection({ path, method, operation }: Operation) {
  const body = operation.requestBody && "content" in operation.requestBody
    ? operation.requestBody.content
    : undefined;
  return html`<section>
<h2><code>${method} ${path}</code></h2>
<p>${operation.summary}. ${operation.description ?? ""}</p>
${
    body
      ? html`
        <details>
          <summary>Isi permintaan</summary>
          <pre>${JSON.stringify(body, null, 2)}</pre>
        </details>
      `
      : ""
  }
<details><summary>Jawaban</summary><pre>${JSON.stringify(operation.responses, null, 2)}</pre></details>
</section>`;
}

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: NonNullable<NonNullable<ReturnType<typeof openApiDocument>["paths"]>[string]["get"]>;
}

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }
code, pre { font-family: ui-monospace, monospace } pre { overflow-x: auto; background: #f3f4f6; padding: .75rem }
table { border-collapse: collapse } th, td { text-align: left; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid #ddd }
tr:target { background: #fff3c4 } section { border-top: 1px solid #ddd } h2 { font-size: 1.1rem }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #111 } pre { background: #222 } tr:target { background: #553 } a { color: #8cf } }
`;
