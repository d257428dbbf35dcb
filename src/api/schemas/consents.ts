/** Shapes of consents and of the texts that ask for them. */
import { z } from "zod";
import { instant, uuid } from "./common.ts";

const locale = z.enum(["en", "es"]);
const hash = z.string().describe("SHA-256 of the text, hex.");
const purposeName = z.string().max(60).describe("`storage`, `sharing`, `research`, or `vendor:` and a provider's id.");

export const consentState = z.enum(["none", "unrecorded", "given", "outdated", "withdrawn"])
  .describe("`none`: never asked; `unrecorded`: went on already when consents began to be kept; `outdated`: given to earlier words, to be asked again.");

const decided = {
  decision: z.enum(["given", "withdrawn", "unrecorded"]), version: z.number().int().nullable(), locale: locale.nullable(), textHash: hash.nullable(), at: instant,
  by: z.object({ id: uuid.nullable(), name: z.string().nullable(), isOnBehalf: z.boolean() }), via: z.enum(["page", "api", "import", "operator", "migration", "demo"]),
};
export const consent = z.object({
  purpose: purposeName, vendor: z.string().nullable().describe("Name of the vendor that it is about."), state: consentState, since: instant.nullable().describe("When it was decided last."),
  text: z.object({ version: z.number().int(), locale, text: z.string(), hash }).describe("What is asked now, in the language that the reader's browser prefers."),
});
export const consentList = z.object({ data: z.array(consent), history: z.array(z.object({ purpose: purposeName, ...decided })).describe("Every decision, newest first.") });

export const consentRequest = z.object({
  purpose: purposeName, decision: z.enum(["given", "withdrawn"]),
  version: z.number().int().min(1).optional().describe("Of the text that was shown. Needed to give."), locale: locale.optional().describe("In which it was shown; else the browser's."),
});

/** Of several lines: no other control character, which the database or a page could not hold. */
const words = z.string().regex(/^(?:\n|[^\p{Cc}\p{Cs}])*$/u, "no control characters but line breaks").trim().min(20).max(20_000);
const texts = z.object({ en: words, es: words });
export const consentText = z.object({
  purpose: z.string().describe("As of consents; `vendor`: for vendors that have no text of their own, `{vendor}` stands for their name."), version: z.number().int(),
  texts, validFrom: instant.nullable().describe("Null for what came with Islet."),
});
export const consentTextList = z.object({ data: z.array(consentText) });
export const consentTextHistory = z.object({ data: z.array(consentText.extend({ state: z.enum(["present", "next", "past"]).describe("`next`: from its day on.") })) });
export const consentTextRequest = z.object({
  purpose: z.string().max(60), texts, validFrom: z.string().max(40).optional().describe("RFC 3339; at once by default. From then on everybody is asked again."),
});

/** Beside what else a request carries: the text that its sender has read and consents to by sending it. */
export const consentGiven = z.object({ version: z.number().int().min(1), locale: locale.optional() });

export type ConsentShown = z.infer<typeof consent>;
export type ConsentList = z.infer<typeof consentList>;
