/**
 * The life of a request for an appointment, in one table: which move leads from which state to which, and who may make it. The server, its documents and the buttons
 * of the pages all go by it. Pure. Requirement D3.
 */

export const STATES = ["pending", "accepted", "denied", "created", "resolved", "cancelled", "expired"] as const;
export type AppointmentState = (typeof STATES)[number];

/** In these a request stands in the line and takes a place of the queue; one patient has one of them at most. */
export const OPEN_STATES = ["pending", "accepted", "created"] as const;
export type OpenState = (typeof OPEN_STATES)[number];

/** Who makes a move: the patient or who manages for them, somebody of the clinic, time itself. */
export const ACTOR_KINDS = ["patient", "clinician", "clock"] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

export interface MoveRule {
  readonly by: ActorKind;
  readonly from: readonly AppointmentState[];
  /** `same`: the state stays; `former`: back to what it was before it was cleared away. */
  readonly to: AppointmentState | "same" | "former";
  /** Of the whole queue at once, never of one request. */
  readonly isOfQueue?: true;
  /** What was done, as the audit log and the history call it. */
  readonly past: string;
}

export const MOVES = {
  accept: { by: "clinician", from: ["pending"], to: "accepted", past: "accepted" },
  deny: { by: "clinician", from: ["pending"], to: "denied", past: "denied" },
  prioritize: { by: "clinician", from: OPEN_STATES, to: "same", past: "prioritized" },
  add_details: { by: "patient", from: ["accepted"], to: "created", past: "detailed" },
  change_details: { by: "patient", from: ["created"], to: "same", past: "details_changed" },
  resolve: { by: "clinician", from: ["created"], to: "resolved", past: "resolved" },
  revise: { by: "clinician", from: ["resolved"], to: "same", past: "revised" },
  cancel: { by: "patient", from: OPEN_STATES, to: "cancelled", past: "cancelled" },
  expire: { by: "clock", from: OPEN_STATES, to: "expired", past: "expired" },
  clear: { by: "clinician", from: OPEN_STATES, to: "cancelled", isOfQueue: true, past: "cleared" },
  restore: { by: "clinician", from: ["cancelled"], to: "former", isOfQueue: true, past: "restored" },
} as const satisfies Readonly<Record<string, MoveRule>>;

export type Move = keyof typeof MOVES;
export const MOVE_NAMES = Object.keys(MOVES) as Move[];

/** What somebody may do with one request now: the buttons that are shown. */
export function movesFor(state: AppointmentState, kind: ActorKind): Move[] {
  return MOVE_NAMES.filter((move) => {
    const rule: MoveRule = MOVES[move];
    return rule.isOfQueue !== true && rule.by === kind && rule.from.includes(state);
  });
}

/** The state after a move; null where nobody of that kind may make it from there. @param former what it was before it was cleared away, where it was */
export function nextState(state: AppointmentState, move: Move, kind: ActorKind, former: OpenState | null = null): AppointmentState | null {
  const rule: MoveRule = MOVES[move];
  if (rule.by !== kind || !rule.from.includes(state)) return null;
  return rule.to === "same" ? state : rule.to === "former" ? former : rule.to;
}

export function isOpen(state: AppointmentState): state is OpenState {
  return (OPEN_STATES as readonly string[]).includes(state);
}

/** The table as Markdown, as docs/appointments.md has it. */
export function movesTable(): string {
  const rows = MOVE_NAMES.map((move) => {
    const { by, from, to } = MOVES[move] as MoveRule;
    return `| \`${move}\` | ${by} | ${from.map((state) => `\`${state}\``).join(" ")} | ${to === "same" ? "stays" : to === "former" ? "what it was" : `\`${to}\``} |`;
  });
  return ["| move | made by | from | to |", "|---|---|---|---|", ...rows].join("\n");
}
