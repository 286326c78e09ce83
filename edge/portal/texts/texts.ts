import { signal } from "@preact/signals";
import { en } from "./en.ts";
import { id } from "./id.ts";

export type TextKey = keyof typeof id;
/** A text with a number has a form for each plural category of its language (CLDR). */
export type Text = string | { readonly one?: string; readonly other: string };
export type Texts = Readonly<Record<TextKey, Text>>;

export const LANGUAGES = { id: "Indonesia", en: "English" } as const;
export type Language = keyof typeof LANGUAGES;
const TEXTS: Readonly<Record<Language, Texts>> = { id, en };

/** What people read now. Kept over visits: it says nothing of anybody. */
export const language = signal<Language>(remembered());

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  localStorage.setItem("language", chosen);
}

/** The text in the chosen language; `count` chooses the plural form. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return format(language.value, TEXTS[language.value][key], values);
}

export function format(
  language: Language,
  text: Text,
  values: Readonly<Record<string, string | number>>,
): string {
  const shown = (value: string | number) =>
    typeof value === "number" ? new Intl.NumberFormat(language).format(value) : value;
  return form(language, text, values["count"]).replace(
    /\{(\w+)\}/g,
    (_, name: string) => shown(values[name] ?? ""),
  );
}

function form(language: Language, text: Text, count: string | number | undefined): string {
  if (typeof text === "string") return text;
  const category = new Intl.PluralRules(language).select(Number(count));
  return (category === "one" ? text.one : undefined) ?? text.other;
}

export function number(value: number, options: Intl.NumberFormatOptions = {}): string {
  return new Intl.NumberFormat(language.value, options).format(value);
}

export function dateTime(iso: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "medium" }).format(
    new Date(iso),
  );
}

export function timeOfDay(iso: string): string {
  return new Intl.DateTimeFormat(language.value, { timeStyle: "short" }).format(new Date(iso));
}

/** A day without a time, such as a birth: yyyy-mm-dd, whatever the time zone. */
export function day(date: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "long", timeZone: "UTC" }).format(
    new Date(date),
  );
}

function remembered(): Language {
  return globalThis.localStorage?.getItem("language") === "en" ? "en" : "id";
}
