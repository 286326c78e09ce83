import { number } from "../texts/texts.ts";

/** Parts of a whole, each with its bar; the number is in words, the bar for the eye. */
export function Breakdown({ id, title, parts }: BreakdownProps) {
  const most = Math.max(1, ...parts.map(({ count }) => count));
  const whole = Math.max(1, parts.reduce((sum, { count }) => sum + count, 0));
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <dl class="breakdown">
        {parts.map(({ name, count }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <span class="track" aria-hidden="true">
                <span class="bar" style={{ inlineSize: `${count / most * 100}%` }} />
              </span>
              <span class="digits">
                {number(count)}{" "}
                <span class="muted">
                  {number(count / whole, { style: "percent", maximumFractionDigits: 1 })}
                </span>
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface BreakdownProps {
  readonly id: string;
  readonly title: string;
  readonly parts: readonly { readonly name: string; readonly count: number }[];
}
