import { Hono } from "hono";
import type { Callbacks } from "./callbacks.ts";
import { type Conduct, Orders } from "./conduct.ts";
import type { Mailbox } from "./mailbox.ts";

/** For tests and simulations: orders, what was counted, and what was accepted. */
export function controlRoutes({ mailbox, conduct, callbacks }: ControlParts): Hono {
  const app = new Hono();
  app.post("/control", async (c) => {
    const orders = Orders.safeParse(await c.req.json());
    if (!orders.success) return c.json({ error: orders.error.issues }, 400);
    conduct.orders = orders.data;
    return c.json(orders.data);
  });
  app.get("/count", (c) => c.json({ ...mailbox.count(), reports: callbacks.count }));
  app.get("/messages", (c) => c.json(mailbox.messages));
  return app;
}

export interface ControlParts {
  readonly mailbox: Mailbox;
  readonly conduct: Conduct;
  readonly callbacks: Callbacks;
}
