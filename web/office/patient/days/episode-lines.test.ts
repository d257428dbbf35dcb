import { expect, it } from "vitest";
import { episodeLines, type EpisodesReply } from "./episode-lines.ts";

const episode = (start: string, end: string, more: object = {}) => ({
  start: `2026-03-02T${start}Z`, end: `2026-03-02T${end}Z`, date: "2026-03-02", durationMinutes: 20, mean: 60, extreme: 50, extremeAt: `2026-03-02T${start}Z`, isStartCut: false, isEndCut: false, ...more,
});
const reply = (episodes: object | null) => ({ episodes }) as EpisodesReply;

it("tells each episode once, newest first, with the level and length that it reached", () => {
  const lines = episodeLines(reply({
    hypoLevel1: [episode("01:00:00", "01:40:00"), episode("05:00:00", "08:00:00", { isEndCut: true })], hypoLevel2: [episode("01:10:00", "01:30:00")], hypoExtended: [episode("05:00:00", "08:00:00")],
    hyperLevel1: [episode("12:00:00", "13:00:00", { extreme: 220 })], hyperLevel2: [], hyperExtended: [],
  }))!;
  expect(lines.map(({ direction, level, isExtended, isEndCut }) => [direction, level, isExtended, isEndCut])).toEqual([["high", 1, false, false], ["low", 1, true, true], ["low", 2, false, false]]);
  expect(episodeLines(reply(null))).toBeNull();
});
