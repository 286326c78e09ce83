import { Hono } from "hono";
import { Callbacks } from "./callbacks.ts";
import { Conduct } from "./conduct.ts";
import { controlRoutes } from "./control.ts";
import { Mailbox } from "./mailbox.ts";
import { answered, invalid, NOT_FOUND, UNAUTHENTICATED, UNWELL } from "./refusals.ts";
import { toPage, toResource } from "./resource.ts";

/**
 * The part of Twilio's Messages API that this system uses, with the answers that Twilio documents, good and bad. It
 * sends nothing to anybody. `POST /control` sets how it behaves, see `Orders`.
 * Source: https://www.twilio.com/docs/messaging/api/message-resource
 */
export function createMessagesApi({ sid, token }: Account): Hono {
  const mailbox = new Mailbox();
  const conduct = new Conduct();
  const callbacks = new Callbacks({ sid, token, conduct });
  const app = new Hono();
  app.route("/", controlRoutes({ mailbox, conduct, callbacks }));

  const account = `/2010-04-01/Accounts/${sid}`;
  app.use("/2010-04-01/*", async function authenticate(c, next) {
    if (c.req.header("authorization") !== `Basic ${btoa(`${sid}:${token}`)}`) {
      return answered(UNAUTHENTICATED);
    }
    await next();
  });
  app.get(`${account}.json`, (c) => c.json({ sid, status: "active", type: "Full", friendly_name: "Stack" }));
  app.post(`${account}/Messages.json`, async (c) => {
    const form = Object.fromEntries(new URLSearchParams(await c.req.text()));
    return await conduct.around(() => {
      const refusal = invalid(form);
      if (refusal) return answered(refusal);
      const message = mailbox.accept(form);
      callbacks.report(message);
      return c.json(toResource(message, sid), 201);
    }, c.req.raw.signal);
  });
  app.get(`${account}/Messages.json`, (c) => {
    if (conduct.orders.listing === "error") return answered(UNWELL);
    return c.json(toPage(mailbox, new URL(c.req.url), sid));
  });
  app.notFound(() => answered(NOT_FOUND));
  return app;
}

export interface Account {
  readonly sid: string;
  readonly token: string;
}
