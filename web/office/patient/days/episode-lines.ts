/** Episodes as a list: each once, with how far it went and whether the readings tell all of it. */
import type { Reply } from "#web/client/operation-client.ts";

export type EpisodesReply = Reply<"get /patients/{patientId}/glucose/episodes">;
type Episode = NonNullable<EpisodesReply["episodes"]>[string][number];

export interface EpisodeLine {
  readonly direction: "low" | "high";
  /** 2 where it held a stretch of level 2. */
  readonly level: 1 | 2;
  /** Two hours and more. */
  readonly isExtended: boolean;
  readonly startMs: number;
  readonly endMs: number;
  readonly minutes: number;
  /** The nadir or the peak, in the reply's unit. */
  readonly extreme: number;
  readonly extremeMs: number;
  readonly date: string;
  readonly isStartCut: boolean;
  readonly isEndCut: boolean;
}

/** What is asked for: level 1 holds all episodes, the others say which of them went on farther or longer. */
export const EPISODE_KINDS = "hypoLevel1,hypoLevel2,hypoExtended,hyperLevel1,hyperLevel2,hyperExtended";

/** Newest first; null where episodes cannot be told (the reply has the reason). */
export function episodeLines({ episodes }: EpisodesReply): EpisodeLine[] | null {
  if (episodes === null) return null;
  const of = (direction: "low" | "high", kind: "hypo" | "hyper"): EpisodeLine[] =>
    (episodes[`${kind}Level1`] ?? []).map((episode) => ({
      direction, level: touches(episode, episodes[`${kind}Level2`]) ? 2 : 1, isExtended: touches(episode, episodes[`${kind}Extended`]),
      startMs: Date.parse(episode.start), endMs: Date.parse(episode.end), minutes: episode.durationMinutes, extreme: episode.extreme, extremeMs: Date.parse(episode.extremeAt),
      date: episode.date, isStartCut: episode.isStartCut, isEndCut: episode.isEndCut,
    }));
  return [...of("low", "hypo"), ...of("high", "hyper")].toSorted((a, b) => b.startMs - a.startMs);
}

const touches = (episode: Episode, others: readonly Episode[] | undefined): boolean =>
  (others ?? []).some((other) => Date.parse(other.start) < Date.parse(episode.end) && Date.parse(other.end) > Date.parse(episode.start));
