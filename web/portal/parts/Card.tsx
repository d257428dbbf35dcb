import { type ReactNode, useId } from "react";

export interface CardProps {
  readonly title: string;
  readonly testId: string;
  readonly isWide?: boolean;
  /** Source line: shown under every card (brand rules). */
  readonly foot?: ReactNode;
  readonly children: ReactNode;
}

/** One subject, with its name and where its data come from. */
export function Card({ title, testId, isWide, foot, children }: CardProps) {
  const titleId = useId();
  return (
    <section className={isWide ? "card card-wide" : "card"} aria-labelledby={titleId} data-testid={testId}>
      <h2 id={titleId}>{title}</h2>
      <div className="card-body">{children}</div>
      {foot ? <div className="card-foot">{foot}</div> : null}
    </section>
  );
}

export interface BigNumberProps {
  readonly value: string;
  readonly unit?: string | null;
  readonly testId?: string;
}

/** A number that can be read across the room. */
export function BigNumber({ value, unit, testId }: BigNumberProps) {
  return (
    <p className="big-number" data-testid={testId}>
      <span className="big-value">{value}</span>
      {unit ? <span className="big-unit"> {unit}</span> : null}
    </p>
  );
}
