import { describe, expect, it } from "vitest";
import { askedOf, queryOf, viewOf, withFilter, withoutFilters, withSort } from "./query.ts";

const of = (text: string): URLSearchParams => new URLSearchParams(text);

describe("the list's address", () => {
  it("says what is asked for, and what it says wrongly is not there", () => {
    expect(askedOf(of(""))).toEqual({ days: "14", sort: "name", order: "asc", page: 1, filters: {}, tagsMatch: "any" });
    expect(askedOf(of("days=30&sort=timeBelow&order=desc&page=3&timeBelowFrom=4&age=day,week&snoozed=false"))).toEqual({
      days: "30", sort: "timeBelow", order: "desc", page: 3, filters: { timeBelowFrom: "4", age: "day,week", snoozed: "false" }, tagsMatch: "any",
    });
    expect(askedOf(of("days=13&sort=nobody&page=-1&timeBelowFrom=many&wearBelow=101&age=yesterday&tags=1&snoozed=maybe&reviewedBefore=1.2.2026")).filters).toEqual({});
  });

  it("becomes a question to the API, with a day of the viewer's clock", () => {
    const query = queryOf(askedOf(of(`group=low,veryLow&reviewedBefore=2026-03-02&tagsMatch=all&tags=${"a".repeat(36)}`)));
    expect(query).toMatchObject({ days: "14", group: "low,veryLow", tagsMatch: "all", reviewedBefore: new Date(2026, 2, 2).toISOString() });
    expect(queryOf(askedOf(of("tagsMatch=all")))).not.toHaveProperty("tagsMatch");
  });

  it("goes back to the first page with another filter or order, and turns an order round", () => {
    expect(withFilter(of("page=3&sort=cv"), "wearBelow", "70").toString()).toBe("sort=cv&wearBelow=70");
    expect(withFilter(of("wearBelow=70"), "wearBelow", "").toString()).toBe("");
    expect(withSort(of("sort=cv&order=asc&page=2"), "cv").toString()).toBe("sort=cv&order=desc");
    expect(withSort(of("sort=cv&order=desc"), "mean").toString()).toBe("sort=mean&order=asc");
    expect(withoutFilters(of("sort=cv&wearBelow=70&tagsMatch=all&page=2&days=7")).toString()).toBe("sort=cv&days=7");
  });

  it("[D3] asks for requests by their state, keeps that in a view, and an older view means what it meant", () => {
    const address = of("appointment=pending,created&sort=appointment&order=asc");
    expect(queryOf(askedOf(address))).toMatchObject({ appointment: "pending,created", sort: "appointment" });
    expect(askedOf(of("appointment=resolved")).filters).toEqual({});
    expect(viewOf(address)).toBe("days=14&sort=appointment&order=asc&appointment=pending%2Ccreated");
    expect(askedOf(of(viewOf(address))).filters).toEqual({ appointment: "pending,created" });
    expect(askedOf(of("days=14&sort=wear&order=asc&wearBelow=70"))).toMatchObject({ sort: "wear", filters: { wearBelow: "70" } });
  });

  it("is kept as a view without a page, and without what is no filter", () => {
    expect(viewOf(of("q=somebody&page=4&wearBelow=70&sort=wear"))).toBe("days=14&sort=wear&order=asc&wearBelow=70");
  });
});
