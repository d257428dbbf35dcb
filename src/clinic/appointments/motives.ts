/** Why people ask: the clinic's six words, in English and in the Spanish ones that earlier systems sent. Pure. Requirement D3. */

export const MOTIVES = ["adjustment", "hypoglycaemia", "hyperglycaemia", "ketosis", "questions", "other"] as const;
export type Motive = (typeof MOTIVES)[number];

export const SPANISH_MOTIVES = { AJUSTE: "adjustment", HIPOGLUCEMIA: "hypoglycaemia", HIPERGLUCEMIA: "hyperglycaemia", CETOSIS: "ketosis", DUDAS: "questions", OTRO: "other" } as const satisfies Readonly<Record<string, Motive>>;
export type SpanishMotive = keyof typeof SPANISH_MOTIVES;
export const SPANISH_MOTIVE_NAMES = Object.keys(SPANISH_MOTIVES) as [SpanishMotive, ...SpanishMotive[]];

/** What a person gives as their reasons. */
export interface Reasons {
  readonly motives: readonly Motive[];
  readonly otherMotive: string | null;
  /** Of a hypoglycaemia. */
  readonly isSevere: boolean;
}

export const NO_REASONS: Reasons = { motives: [], otherMotive: null, isSevere: false };

/** The motives that words of either language name, each once, in the order of MOTIVES. */
export function motivesOf(words: readonly (Motive | SpanishMotive)[]): Motive[] {
  const named = new Set(words.map((word) => (word in SPANISH_MOTIVES ? SPANISH_MOTIVES[word as SpanishMotive] : (word as Motive))));
  return MOTIVES.filter((motive) => named.has(motive));
}

/** Whether somebody should call instead of waiting for an answer: as the column is_emergency computes it. */
export function isEmergency({ motives, isSevere }: Pick<Reasons, "motives" | "isSevere">): boolean {
  return motives.includes("ketosis") || (isSevere && motives.includes("hypoglycaemia"));
}
