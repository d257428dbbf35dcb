import type { TrendArrow as Arrow } from "#web/client/types.ts";
import type { MessageKey } from "../messages/translate.ts";

/** The arrow's name; it always stands beside the arrow or in its place. */
export const TREND_NAMES: Readonly<Record<Arrow, MessageKey>> = {
  double_up: "trend.doubleUp",
  single_up: "trend.singleUp",
  forty_five_up: "trend.fortyFiveUp",
  flat: "trend.flat",
  forty_five_down: "trend.fortyFiveDown",
  single_down: "trend.singleDown",
  double_down: "trend.doubleDown",
  unknown: "trend.unknown",
};

const TURN_DEGREES: Readonly<Record<Exclude<Arrow, "unknown">, number>> = {
  double_up: -90, single_up: -90, forty_five_up: -45, flat: 0, forty_five_down: 45, single_down: 90, double_down: 90,
};

const ONE = "M6 20H33M23 10L33 20L23 30";
const TWO = "M6 12H33M25 5L33 12L25 19M6 28H33M25 21L33 28L25 35";

/** Which way glucose goes. Decoration: the name is read out instead. */
export function TrendArrow({ trend }: { readonly trend: Arrow }) {
  if (trend === "unknown") return null;
  const isDouble = trend === "double_up" || trend === "double_down";
  return (
    <svg className="trend-arrow" viewBox="0 0 40 40" aria-hidden="true">
      <path d={isDouble ? TWO : ONE} transform={`rotate(${TURN_DEGREES[trend]} 20 20)`} />
    </svg>
  );
}
