/** What is typed of an organization's settings, and what of it is a change. Pure. */
import type { OrganizationPatchInput, OrganizationShown } from "#web/client/operations.d.ts";

export const MEALS = ["BREAKFAST", "LUNCH", "SNACK", "DINNER", "EXERCISE", "OTHER_MEALS", "OTHER"] as const;
type Meal = (typeof MEALS)[number];
type Both = Readonly<Record<"en" | "es", string>>;

/** Texts as in the fields: empty where there is none. */
export interface Draft {
  readonly name: string;
  readonly locale: "en" | "es";
  readonly glucoseUnit: "mg/dL" | "mmol/L";
  readonly zone: string;
  readonly email: string;
  readonly phone: string;
  readonly website: string;
  readonly meals: Readonly<Record<"en" | "es", Readonly<Record<Meal, string>>>>;
  readonly notices: Readonly<Record<"patients" | "staff", Both>>;
  readonly staffSecondFactor: "optional" | "required";
}

export function draftOf({ name, locale, glucoseUnit, zone, contact, mealLabels, notices, staffSecondFactor }: OrganizationShown): Draft {
  const labels = (of: "en" | "es") => Object.fromEntries(MEALS.map((meal) => [meal, mealLabels[of]?.[meal] ?? ""])) as Record<Meal, string>;
  return {
    name, locale, glucoseUnit, zone, email: contact.email ?? "", phone: contact.phone ?? "", website: contact.website ?? "", meals: { en: labels("en"), es: labels("es") },
    notices: { patients: notices.patients ?? { en: "", es: "" }, staff: notices.staff ?? { en: "", es: "" } }, staffSecondFactor,
  };
}

/** What differs from what is kept; null where nothing does. */
export function patchOf(found: OrganizationShown, draft: Draft): OrganizationPatchInput | null {
  const [before, after] = [wish(draftOf(found)), wish(draft)];
  const changed = Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof typeof before]));
  return changed.length === 0 ? null : (Object.fromEntries(changed) as OrganizationPatchInput);
}

function wish({ name, locale, glucoseUnit, zone, email, phone, website, meals, notices, staffSecondFactor }: Draft) {
  const own = (of: "en" | "es") => Object.fromEntries(Object.entries(meals[of]).map(([meal, text]) => [meal, text.trim()] as const).filter(([, text]) => text !== ""));
  return {
    name: name.trim(), locale, glucoseUnit, zone: zone.trim(), contact: { email: orNull(email), phone: orNull(phone), website: orNull(website) }, mealLabels: { en: own("en"), es: own("es") },
    notices: { patients: noticeOf(notices.patients), staff: noticeOf(notices.staff) }, staffSecondFactor,
  };
}

const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());

/** One language alone is sent as it is, and refused with a word on it. */
function noticeOf({ en, es }: Both): Both | null {
  return en.trim() === "" && es.trim() === "" ? null : { en: en.trim(), es: es.trim() };
}
