import type { Mailbox, Message } from "./mailbox.ts";

/** A message as Twilio shows it. */
export function toResource(message: Message, account: string) {
  const { sid, to, from, messagingServiceSid, body, status, createdAt } = message;
  const created = rfc2822(createdAt);
  return {
    sid,
    account_sid: account,
    messaging_service_sid: messagingServiceSid,
    to,
    from,
    body,
    status,
    direction: "outbound-api",
    num_segments: "1",
    num_media: "0",
    date_created: created,
    date_updated: created,
    date_sent: status === "queued" ? null : created,
    error_code: null,
    error_message: null,
    price: null,
    price_unit: "USD",
    api_version: "2010-04-01",
    uri: `${path(account)}/${sid}.json`,
    subresource_uris: {},
  };
}

/** One page of the list, the newest first, filtered as the address asks. */
export function toPage(mailbox: Mailbox, url: URL, account: string) {
  const query = url.searchParams;
  const size = Math.min(1000, Number(query.get("PageSize") ?? 50));
  const page = Number(query.get("Page") ?? 0);
  const matching = mailbox.messages.filter((message) => matches(message, query)).reverse();
  // A token names the last message of the page before, so that messages which come meanwhile move nothing.
  const token = query.get("PageToken");
  const start = token === null ? 0 : matching.findIndex(({ sid }) => `PA${sid}` === token) + 1;
  const shown = matching.slice(start, start + size);
  const last = shown.at(-1);
  const next = new URLSearchParams(query);
  next.set("Page", String(page + 1));
  next.set("PageToken", `PA${last?.sid}`);
  return {
    messages: shown.map((message) => toResource(message, account)),
    page,
    page_size: size,
    start,
    end: start + shown.length - 1,
    uri: url.pathname + url.search,
    first_page_uri: `${path(account)}.json?PageSize=${size}&Page=0`,
    previous_page_uri: null,
    next_page_uri: last && matching.at(-1) !== last ? `${path(account)}.json?${next}` : null,
  };
}

/** The filters go by the date of sending, which a message in the queue does not have. */
function matches({ to, from, status, createdAt }: Message, query: URLSearchParams): boolean {
  const sent = status === "queued" ? Number.NaN : createdAt.getTime();
  const asked = (name: string, holds: (value: string) => boolean) => {
    const value = query.get(name);
    return value === null || holds(value);
  };
  return asked("To", (value) => value === to) && asked("From", (value) => value === from) &&
    asked("DateSent>", (value) => sent >= Date.parse(value)) &&
    asked("DateSent<", (value) => sent <= Date.parse(value)) &&
    asked(
      "DateSent",
      (value) => !Number.isNaN(sent) && createdAt.toISOString().startsWith(value.slice(0, 10)),
    );
}

function path(account: string): string {
  return `/2010-04-01/Accounts/${account}/Messages`;
}

function rfc2822(date: Date): string {
  return date.toUTCString().replace("GMT", "+0000");
}
