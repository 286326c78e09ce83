export type ParsedText = { readonly kind: "text"; readonly text: string } | Invalid;

export interface Invalid {
  readonly kind: "invalid";
  /** For the client, in Indonesian; holds nothing of the text that was refused. */
  readonly detail: string;
}

/**
 * A name in Latin letters, as identity documents hold it (Permendagri 73/2022 article 5). Stricter rules of that
 * decree (60 letters, two words, no punctuation) bind new names only; older ones stay valid and are accepted.
 */
export function parseNama(text: string): ParsedText {
  return parse(text, {
    longest: NAMA_LONGEST,
    allowed: /^[[\p{LC}&&\p{Script=Latin}]\p{Mn}'’‘ʼʻ.,\- ]+$/v,
    content: /\p{LC}/u,
    detail: "Hanya boleh memuat huruf Latin, spasi, apostrof, tanda hubung, titik dan koma",
  });
}

/** Letters, digits and punctuation. Emoji and other symbols are refused: no document of a resident can print them. */
export function parseAlamat(text: string): ParsedText {
  return parse(text, {
    longest: ALAMAT_LONGEST,
    allowed: /^[\p{L}\p{Mn}\p{Mc}\p{N}\p{P}+° ]+$/u,
    content: /[\p{L}\p{N}]/u,
    detail: "Hanya boleh memuat huruf, angka, spasi dan tanda baca",
  });
}

/** Characters (Unicode code points), after normalisation. */
export const NAMA_LONGEST = 100;
export const ALAMAT_LONGEST = 300;

interface Rules {
  readonly longest: number;
  readonly allowed: RegExp;
  /** What at least one character must be. */
  readonly content: RegExp;
  /** Said when a character is not allowed. */
  readonly detail: string;
}

function parse(text: string, rules: Rules): ParsedText {
  // Before anything is trimmed: a line break at the end is refused like one in the middle.
  if (UNSEEN.test(text)) {
    return invalid("Tidak boleh memuat karakter kendali atau karakter yang tidak terlihat");
  }
  const clean = text.normalize("NFC").replace(/\p{Zs}+/gu, " ").trim();
  if (clean === "") return invalid("Wajib diisi");
  if (Array.from(clean).length > rules.longest) return invalid(`Paling banyak ${rules.longest} karakter`);
  if (!rules.allowed.test(clean)) return invalid(rules.detail);
  if (!rules.content.test(clean)) return invalid("Tidak boleh hanya berisi tanda baca");
  return { kind: "text", text: clean };
}

/** Controls, line breaks, lone surrogates, and all that shows nothing or turns the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

function invalid(detail: string): Invalid {
  return { kind: "invalid", detail };
}
