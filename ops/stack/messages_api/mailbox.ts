/** The messages that were accepted since the start, in their order. */
export class Mailbox {
  readonly #messages: Message[] = [];

  accept(form: Form): Message {
    const message = {
      sid: `SM${crypto.randomUUID().replaceAll("-", "")}`,
      to: form["To"] ?? "",
      from: form["From"] ?? null,
      messagingServiceSid: form["MessagingServiceSid"] ?? null,
      body: form["Body"] ?? "",
      statusCallback: form["StatusCallback"],
      createdAt: new Date(),
      status: "queued",
    } satisfies Message;
    this.#messages.push(message);
    return message;
  }

  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** `distinct`: by recipient and text; `callbacks`: by the address for reports, which names the event and the officer. */
  count(): Count {
    const distinct = (name: (message: Message) => string | undefined) =>
      new Set(this.#messages.map(name).filter((value) => value !== undefined)).size;
    return {
      accepted: this.#messages.length,
      distinct: distinct(({ to, body }) => `${to}\n${body}`),
      callbacks: distinct(({ statusCallback }) => statusCallback),
    };
  }
}

export interface Message {
  readonly sid: string;
  readonly to: string;
  readonly from: string | null;
  readonly messagingServiceSid: string | null;
  readonly body: string;
  readonly statusCallback: string | undefined;
  readonly createdAt: Date;
  status: string;
}

export interface Count {
  readonly accepted: number;
  readonly distinct: number;
  readonly callbacks: number;
}

/** A form as it was posted. */
export type Form = Readonly<Record<string, string>>;
