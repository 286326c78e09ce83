import type { Per } from "../../../shared/ports/trend.ts";
import { language } from "../texts/texts.ts";

/** The name of an hour or day of a trend, in the time by which it was counted. */
export function bucketName(start: string, per: Per): string {
  const time: Intl.DateTimeFormatOptions = per === "hour" ? { hour: "2-digit", minute: "2-digit" } : {};
  const options = { timeZone: "Asia/Jakarta", day: "numeric", month: "short", ...time } as const;
  return new Intl.DateTimeFormat(language.value, options).format(new Date(start));
}
