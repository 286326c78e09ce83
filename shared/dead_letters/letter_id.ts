/** Where it lies among the dead letters: partition and offset, for instance "3-17". */
export type LetterId = string & { readonly __brand: "LetterId" };

export function parseLetterId(text: string): LetterId | undefined {
  return isLetterId(text) ? text : undefined;
}

function isLetterId(text: string): text is LetterId {
  return /^\d{1,9}-\d{1,15}$/.test(text);
}
