import { embeddedEventLogs } from "./embedded_event_logs.ts";
import { eventLogContract } from "./event_log_contract.ts";

eventLogContract("tables of PostgreSQL", embeddedEventLogs());
