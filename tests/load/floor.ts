/** What the mission asks for at least: so many simultaneous registrations, and how they are served meanwhile. */
export const FLOOR = {
  registrations: 10_000,
  perSecond: 1_000,
  p95Ms: 500,
  errorPercent: 0.1,
  /** PostgreSQL's, of the whole machine. */
  postgresCpuPercent: 80,
} as const;
