/** A Kubernetes quantity in whole units or bytes: "2", "500m", "16Gi". */
export function amount(quantity: string): number {
  const [, number = "", unit = ""] = /^(\d+)(m|Ki|Mi|Gi|Ti)?$/.exec(quantity) ?? [];
  if (number === "") throw new Error(`Read the quantity "${quantity}" failed`);
  return Number(number) * (UNITS[unit] ?? 1);
}

/** A size of the production table in bytes: "16 GB" is what Kubernetes calls 16Gi. */
export function bytes(size: string): number {
  return amount(size.replace(" GB", "Gi").replace(" TB", "Ti"));
}

const UNITS: Readonly<Record<string, number>> = {
  m: 1 / 1000,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};
