import { useId, useState } from "preact/hooks";
import type { Provinsi } from "../../../shared/penduduk/provinsi.ts";
import { t } from "../texts/texts.ts";
import { provinsiMatches } from "./provinsi_matches.ts";

/** A text field with suggestions: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ (list, manual selection). */
export function ProvinsiCombobox(
  { id, value, onChange, onLeave, describedBy, wrong, readOnly }: ComboboxProps,
) {
  const list = useId();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const matches = provinsiMatches(value);
  const option = (index: number) => `${list}-${index}`;

  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const choose = (chosen: Provinsi) => {
    onChange(chosen.nama);
    close();
  };
  const move = (to: number) => {
    setOpen(true);
    const next = (to + matches.length) % Math.max(1, matches.length);
    setActive(next);
    requestAnimationFrame(() => document.getElementById(option(next))?.scrollIntoView({ block: "nearest" }));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = matches[active];
    if (event.key === "ArrowDown") move(active + 1);
    else if (event.key === "ArrowUp") move(active < 0 ? matches.length - 1 : active - 1);
    else if (event.key === "Enter" && open && chosen) choose(chosen);
    else if (event.key === "Escape" && open) close();
    else if (event.key === "Tab" && open && chosen) return choose(chosen);
    else return;
    event.preventDefault();
  };

  return (
    <div class="combobox">
      <input
        id={id}
        name="provinsi"
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={list}
        aria-activedescendant={open && active >= 0 ? option(active) : undefined}
        aria-describedby={describedBy}
        aria-invalid={wrong}
        aria-required="true"
        value={value}
        readOnly={readOnly}
        onInput={(event) => {
          onChange(event.currentTarget.value);
          setActive(event.currentTarget.value.trim() === "" ? -1 : 0);
          setOpen(true);
        }}
        onClick={() => setOpen(true)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          close();
          onLeave();
        }}
      />
      <ul id={list} role="listbox" aria-label={t("register.provinsi")} hidden={!open || matches.length === 0}>
        {matches.map((match, index) => (
          <li
            id={option(index)}
            key={match.kode}
            role="option"
            aria-selected={index === active}
            // Before the field loses the focus.
            onMouseDown={(event) => {
              event.preventDefault();
              choose(match);
            }}
          >
            {match.nama}
          </li>
        ))}
      </ul>
      <span class="visually-hidden" role="status">
        {open && (matches.length > 0
          ? t("register.provinsi.found", { count: matches.length })
          : t("register.provinsi.none"))}
      </span>
    </div>
  );
}

interface ComboboxProps {
  readonly id: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onLeave: () => void;
  readonly describedBy: string | undefined;
  readonly wrong: boolean;
  readonly readOnly: boolean;
}
