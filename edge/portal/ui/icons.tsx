import type { ComponentChildren } from "preact";

/** Beside words only, hence hidden from those who listen. */
export function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const Check = () => (
  <Icon>
    <path d="M4 10.5l4 4 8-9" />
  </Icon>
);
export const Cross = () => (
  <Icon>
    <path d="M5 5l10 10M15 5L5 15" />
  </Icon>
);
export const Attention = () => (
  <Icon>
    <path d="M10 3l8 14H2zM10 8v4M10 14.600v.1" />
  </Icon>
);
export const Clock = () => (
  <Icon>
    <path d="M10 3a7 7 0 1 1 0 14a7 7 0 0 1 0-14M10 6v4l3 2" />
  </Icon>
);
export const Cloud = () => (
  <Icon>
    <path d="M3 3l14 14M6 8a4 4 0 0 0 0 8h8M9 5a5 5 0 0 1 6 5a3 3 0 0 1 2 4" />
  </Icon>
);
