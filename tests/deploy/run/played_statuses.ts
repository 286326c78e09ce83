import { z } from "zod";

/**
 * What nodes and operators would report of the objects of which nobody has reported yet: pods run and are ready at
 * once, unless their image does not exist; the data servers are ready.
 */
export function playedStatuses(list: unknown, world: PlayedWorld): object[] {
  return List.parse(list).items.flatMap((object) => {
    const { apiVersion, kind, metadata: { name, namespace, uid }, status } = object;
    const reported = status.phase === "Running" || status.conditions.some(({ type }) => type === "Ready");
    if (reported) return [];
    const played = kind === "Pod" ? statusOfPod(object, world) : statusOfServer(kind, world);
    return [{ apiVersion, kind, metadata: { name, namespace, uid }, status: played }];
  });
}

export interface PlayedWorld {
  /** No node can pull images of this tag. */
  readonly notBuilt: string;
  readonly now: Date;
}

function statusOfPod({ spec: { containers } }: Played, { notBuilt, now }: PlayedWorld): object {
  const time = now.toISOString();
  const runs = !containers.some(({ image }) => image.endsWith(`:${notBuilt}`));
  return {
    phase: runs ? "Running" : "Pending",
    conditions: [{ type: "Ready", status: runs ? "True" : "False", lastTransitionTime: time }],
    containerStatuses: containers.map(({ name, image }) => ({
      name,
      image,
      imageID: "",
      ready: runs,
      restartCount: 0,
      state: runs ? { running: { startedAt: time } } : { waiting: { reason: "ImagePullBackOff" } },
    })),
  };
}

/** As the operators report it: MongoDB's by a phase, CloudNativePG and Strimzi by a condition. */
function statusOfServer(kind: string, { now }: PlayedWorld): object {
  if (kind === "MongoDBCommunity") {
    return { phase: "Running", currentMongoDBMembers: 3, currentStatefulSetReplicas: 3, mongoUri: "" };
  }
  const lastTransitionTime = now.toISOString();
  return {
    conditions: [{ type: "Ready", status: "True", lastTransitionTime, reason: "Played", message: "Played" }],
  };
}

const Reported = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string(), uid: z.string() }),
  spec: z.object({ containers: z.array(z.object({ name: z.string(), image: z.string() })).default([]) }),
  status: z.object({
    phase: z.string().optional(),
    conditions: z.array(z.object({ type: z.string() })).default([]),
  }).default({ conditions: [] }),
});
type Played = z.output<typeof Reported>;
const List = z.object({ items: z.array(Reported) });
