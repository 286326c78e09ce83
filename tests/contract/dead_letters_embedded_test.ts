import { deadLettersContract } from "./dead_letters_contract.ts";
import { embeddedEventLogs } from "./embedded_event_logs.ts";

deadLettersContract("tables of PostgreSQL", embeddedEventLogs());
