/** Writes the current line each second: in place on a terminal, one below the other in a file. */
export function startProgress(write: (text: string) => void, terminal: boolean): Progress {
  let line = () => "";
  const timer = setInterval(() => write(terminal ? `\r\x1b[2K${line()}` : `${line()}\n`), 1000);
  return {
    show(next) {
      line = next;
    },
    end() {
      clearInterval(timer);
      if (terminal) write("\r\x1b[2K");
    },
  };
}

export interface Progress {
  readonly show: (line: () => string) => void;
  /** Stops and leaves a clean line. */
  readonly end: () => void;
}
