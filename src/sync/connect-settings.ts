/** What somebody asks for who connects a vendor, and whether the vendor has what they chose. Pure. */
import type { PatientRow } from "#people/access/access.ts";
import type { Actor } from "#people/sessions/sessions.ts";
import { InvalidInput } from "../errors.ts";
import type { Provider } from "./providers.ts";

export interface ConnectRequest {
  readonly actor: Actor;
  readonly patient: PatientRow;
  readonly providerId: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly returnTo: string | undefined;
  /** Address of this Islet as the person's browser knows it; one of the configured ones, never a header as it came. */
  readonly origin: string;
  /** Two letters; for pages of the vendor that are made for the flow. */
  readonly language?: string;
}

/** Throws InvalidInput for a setting the vendor does not have, or leaves to the operator. */
export function checkSettings(provider: Provider, given: Readonly<Record<string, string>>): Record<string, string> {
  const choices = provider.driver.settings.filter((setting) => setting.chosenBy === "connection" && !setting.isLearnt);
  for (const [name, value] of Object.entries(given)) {
    const setting = choices.find((choice) => choice.name === name);
    const isTaken = setting !== undefined && (setting.values.length === 0 || setting.values.includes(value));
    if (!isTaken) {
      throw new InvalidInput(`${provider.driver.displayName} has no such setting or value.`, {
        issues: [{ pointer: `/settings/${name}`, detail: setting ? `one of ${setting.values.join(", ")}` : `one of the settings ${choices.map((choice) => choice.name).join(", ") || "(none)"}` }],
      });
    }
  }
  return { ...given };
}
