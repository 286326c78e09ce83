import { signal } from "@preact/signals";

/** In the fragment, since paths such as `/penduduk` are the API's: `#/pendaftaran/{id}`. */
export const place = signal<Place>(readPlace(globalThis.location?.hash ?? ""));

export interface Place {
  readonly path: string;
  /** Of what the view shows: a tracking code, or the provinces of a comparison. */
  readonly id: string | undefined;
}

export function watchPlace(): void {
  addEventListener("hashchange", () => place.value = readPlace(location.hash));
}

function readPlace(hash: string): Place {
  const [, path = "", id] = hash.split("/");
  return { path, id: id || undefined };
}
