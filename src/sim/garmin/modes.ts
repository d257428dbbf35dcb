/** How Garmin delivers each summary type, as its portal lets an application choose. vendors/garmin.md, Webhooks. */

import type { CloudContext, Switch } from "../cloud.ts";
import type { GarminType } from "./types.ts";
import { GARMIN_TYPES } from "./types.ts";

/** In the body, as an address to call, or not at all. */
export type GarminMode = "push" | "ping" | "off";

const MODES: readonly GarminMode[] = ["push", "ping", "off"];

export const GARMIN_SWITCHES: readonly Switch[] = GARMIN_TYPES.map((type) => ({
  name: nameOf(type), label: `Delivery of ${type.key}`, positions: type.isPushOnly ? ["push", "off"] : MODES, initial: "push",
}));

function nameOf(type: GarminType): string {
  return `delivery.${type.key}`;
}

export function modeOf(context: CloudContext, type: GarminType): GarminMode {
  const position = context.position(nameOf(type));
  return MODES.find((mode) => mode === position) ?? "push";
}
