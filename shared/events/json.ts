/** The value of JSON text in UTF-8, or undefined, which no JSON text means, when it is neither. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    // The errors of both quote the text, which may be personal.
    return undefined;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });
