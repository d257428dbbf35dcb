/** One thing told by several sources, or under several ids: shown once, with all its sources (nothing is dropped). */
import type { Connection, Workout } from "#web/client/types.ts";

/** The same session as each of its vendors tells it; the most detailed telling first. */
export interface WorkoutGroup {
  readonly main: Workout;
  readonly others: readonly Workout[];
}

/** Two tellings are the same session when they overlap for most of the shorter one. */
const LEAST_OVERLAP = 0.6;

function overlapShare(a: Workout, b: Workout): number {
  const [fromA, toA, fromB, toB] = [a.start, a.end, b.start, b.end].map((instant) => Date.parse(instant)) as [number, number, number, number];
  const shorter = Math.min(toA - fromA, toB - fromB);
  const overlap = Math.min(toA, toB) - Math.max(fromA, fromB);
  return shorter <= 0 ? 0 : overlap / shorter;
}

const detailOf = (workout: Workout): number => Object.values(workout).filter((value) => value !== null).length;

/** Groups tellings of different vendors; two sessions of one vendor are always two. Newest first. */
export function groupWorkouts(workouts: readonly Workout[]): WorkoutGroup[] {
  const groups: Workout[][] = [];
  for (const workout of workouts.toSorted((a, b) => Date.parse(b.start) - Date.parse(a.start))) {
    const group = groups.find((members) =>
      members.every((member) => member.source.provider !== workout.source.provider && overlapShare(member, workout) >= LEAST_OVERLAP),
    );
    if (group) group.push(workout);
    else groups.push([workout]);
  }
  return groups.map((members) => {
    const [main, ...others] = members.toSorted((a, b) => detailOf(b) - detailOf(a));
    return { main: main!, others };
  });
}

export interface DeviceLine {
  readonly name: string;
  readonly lastDataMs: number;
}

/** Devices by name, the newest first: a person wears "a Dexcom G7", not its eleven sensors of a season. */
export function deviceLines(devices: Connection["devices"]): DeviceLine[] {
  const newest = new Map<string, number>();
  for (const device of devices) {
    const name = device.name ?? device.id;
    newest.set(name, Math.max(newest.get(name) ?? 0, Date.parse(device.lastDataAt)));
  }
  return [...newest].map(([name, lastDataMs]) => ({ name, lastDataMs })).toSorted((a, b) => b.lastDataMs - a.lastDataMs);
}
