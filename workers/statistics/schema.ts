// Moved: the edge describes these answers too.
export * from "../../shared/http/schemas/statistics.ts";
