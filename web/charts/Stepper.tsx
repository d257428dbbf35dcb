import type { ChangeEvent, ReactNode } from "react";

export interface StepperProps {
  /** Name of the control, e.g. "Glucose readings. Step with the arrow keys." */
  readonly label: string;
  readonly count: number;
  /** Chosen point; null when nobody is looking at one. */
  readonly index: number | null;
  readonly describe: (index: number) => string;
  readonly onIndex: (index: number | null) => void;
  readonly className?: string;
  readonly children: ReactNode;
}

/**
 * Makes a picture steppable: an unseen slider over its points lies on top, so arrow keys, Home and End work as everywhere and
 * screen readers read each point out (`aria-valuetext`) without a live region talking over the page.
 */
export function Stepper({ label, count, index, describe, onIndex, className, children }: StepperProps) {
  const last = count - 1;
  const shown = Math.min(index ?? last, last);
  return (
    <div className={`stepper ${className ?? ""}`}>
      {children}
      <input
        type="range" className="stepper-input" min={0} max={last} step={1} value={shown}
        aria-label={label} aria-valuetext={describe(shown)}
        onChange={(event: ChangeEvent<HTMLInputElement>) => onIndex(Number(event.target.value))}
        onFocus={() => onIndex(shown)} onBlur={() => onIndex(null)}
      />
    </div>
  );
}
