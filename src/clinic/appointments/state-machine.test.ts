/** Every state × move × actor, against a table written by hand. D3. */
import { describe, expect, it } from "vitest";
import { isEmergency, MOTIVES, motivesOf, SPANISH_MOTIVE_NAMES } from "./motives.ts";
import { ACTOR_KINDS, isOpen, MOVE_NAMES, movesFor, nextState, OPEN_STATES, STATES, type ActorKind, type AppointmentState, type Move } from "./state-machine.ts";

/** All that may happen to one request, and nothing else. */
const LEGAL: readonly (readonly [AppointmentState, Move, ActorKind, AppointmentState])[] = [
  ["pending", "accept", "clinician", "accepted"], ["pending", "deny", "clinician", "denied"], ["pending", "prioritize", "clinician", "pending"],
  ["pending", "cancel", "patient", "cancelled"], ["pending", "expire", "clock", "expired"], ["pending", "clear", "clinician", "cancelled"],
  ["accepted", "add_details", "patient", "created"], ["accepted", "prioritize", "clinician", "accepted"],
  ["accepted", "cancel", "patient", "cancelled"], ["accepted", "expire", "clock", "expired"], ["accepted", "clear", "clinician", "cancelled"],
  ["created", "change_details", "patient", "created"], ["created", "resolve", "clinician", "resolved"], ["created", "prioritize", "clinician", "created"],
  ["created", "cancel", "patient", "cancelled"], ["created", "expire", "clock", "expired"], ["created", "clear", "clinician", "cancelled"],
  ["resolved", "revise", "clinician", "resolved"],
  ["cancelled", "restore", "clinician", "accepted"],
];

describe("the state machine of appointments", () => {
  it("[D3] allows what is in the table and nothing else, for every state, move and actor", () => {
    let cells = 0;
    for (const state of STATES) {
      for (const move of MOVE_NAMES) {
        for (const kind of ACTOR_KINDS) {
          const legal = LEGAL.find(([from, by, who]) => from === state && by === move && who === kind);
          expect(nextState(state, move, kind, "accepted"), `${kind} ${move} ${state}`).toBe(legal?.[3] ?? null);
          cells += 1;
        }
      }
    }
    expect(cells).toBe(STATES.length * MOVE_NAMES.length * ACTOR_KINDS.length);
  });

  it("shows as buttons exactly the moves that are allowed, and never those of the whole queue", () => {
    for (const state of STATES) {
      for (const kind of ACTOR_KINDS) {
        const allowed = LEGAL.filter(([from, move, who]) => from === state && who === kind && move !== "clear" && move !== "restore").map(([, move]) => move);
        expect(movesFor(state, kind).toSorted(), `${kind} ${state}`).toEqual(allowed.toSorted());
      }
    }
  });

  it("brings back only what was cleared away, to what it was", () => {
    for (const former of OPEN_STATES) expect(nextState("cancelled", "restore", "clinician", former)).toBe(former);
    expect(nextState("cancelled", "restore", "clinician", null)).toBeNull();
  });

  it("leads from every open state to an end, and from an end nowhere but back by an undo", () => {
    for (const state of STATES) {
      const next = new Set(MOVE_NAMES.flatMap((move) => ACTOR_KINDS.map((kind) => nextState(state, move, kind))).filter((each) => each !== null && each !== state));
      expect(next.size > 0, state).toBe(isOpen(state));
    }
  });
});

describe("motives", () => {
  it("[D3] are understood in both languages, each once and in one order", () => {
    expect(motivesOf([...SPANISH_MOTIVE_NAMES].toReversed())).toEqual([...MOTIVES]);
    expect(motivesOf(["DUDAS", "questions", "AJUSTE"])).toEqual(["adjustment", "questions"]);
  });

  it("are an emergency for ketosis and for a severe hypoglycaemia, and for nothing else", () => {
    for (const motive of MOTIVES) {
      expect(isEmergency({ motives: [motive], isSevere: false }), motive).toBe(motive === "ketosis");
      expect(isEmergency({ motives: [motive], isSevere: true }), motive).toBe(motive === "ketosis" || motive === "hypoglycaemia");
    }
    expect(isEmergency({ motives: [], isSevere: true })).toBe(false);
  });
});
