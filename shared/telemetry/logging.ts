import { configureSync, getAnsiColorFormatter, getTextFormatter, type LogRecord } from "@logtape/logtape";
import { ecsLine, type LoggingService } from "./ecs.ts";
import { describeLogLevels, type Level, type LogLevels, louderOf } from "./log_levels.ts";
import { mask } from "./mask.ts";
import { collapseRepeats } from "./repeats.ts";

/**
 * Sends every log line of the process to standard error: JSON (ECS) in production, readable lines otherwise, with colour
 * on a terminal unless NO_COLOR is set. Answers the way to turn the log up for a while.
 */
export function configureLogging({ levels, format, service }: LoggingOptions): LiveLogLevels {
  const formatted = format === "json" ? (record: LogRecord) => ecsLine(record, service) : readable();
  const encoder = new TextEncoder();
  const sink = collapseRepeats((record) => {
    Deno.stderr.writeSync(encoder.encode(mask(formatted(record))));
  });
  Deno.unrefTimer(setInterval(() => sink.flush(), 60_000));
  addEventListener("unload", () => sink.flush());

  const apply = ({ all, parts }: LogLevels) => {
    const own = (category: readonly string[], lowestLevel: Level) => ({
      ...{ category: [...category], lowestLevel, sinks: ["stderr" as const] },
      parentSinks: "override" as const,
    });
    configureSync({
      reset: true,
      sinks: { stderr: sink },
      loggers: [
        own(["kependudukan"], all),
        ...[...parts].map(([name, level]) => own(["kependudukan", ...name.split(".")], level)),
        own(["logtape", "meta"], "warning"),
      ],
    });
  };
  apply(levels);
  return liveLevels(levels, apply);
}

export interface LoggingOptions {
  readonly levels: LogLevels;
  readonly format: "text" | "json";
  readonly service: LoggingService;
}

/** What is logged now. It can only be turned up, and goes back by itself: debugging is not to be forgotten. */
export interface LiveLogLevels {
  now(): { readonly levels: string; readonly until?: string };
  turnUp(levels: LogLevels, minutes: number): void;
  turnBack(): void;
}

function liveLevels(usual: LogLevels, apply: (levels: LogLevels) => void): LiveLogLevels {
  let now: { readonly levels: string; readonly until?: string } = { levels: describeLogLevels(usual) };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const turnBack = () => {
    clearTimeout(timer);
    apply(usual);
    now = { levels: describeLogLevels(usual) };
  };
  return {
    now: () => now,
    turnUp(levels, minutes) {
      clearTimeout(timer);
      const louder = louderOf(usual, levels);
      apply(louder);
      const until = new Date(Date.now() + minutes * 60_000).toISOString();
      now = { levels: describeLogLevels(louder), until };
      timer = setTimeout(turnBack, minutes * 60_000);
      Deno.unrefTimer(timer);
    },
    turnBack,
  };
}

function readable(): (record: LogRecord) => string {
  const options = { timestamp: "rfc3339" } as const;
  const colour = Deno.stderr.isTerminal() && !Deno.noColor;
  return colour ? getAnsiColorFormatter(options) : getTextFormatter(options);
}
