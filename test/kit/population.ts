/** Lines of patients kept to the end of what there is. */
import { keepPopulation, ownerOnlyProviders, type PopulationContext } from "#clinic/population/keep.ts";
import type { TestApp } from "./app.ts";
import { keepAll } from "./keep.ts";

export function populationOf(test: TestApp): PopulationContext {
  return { database: test.db.database, clock: test.clock, hiddenProviders: ownerOnlyProviders(test.app.sync.providers.drivers) };
}

/** Days first, then lines, until nothing waits. */
export async function keepLines(test: TestApp): Promise<void> {
  for (;;) {
    await keepAll(test.db);
    await keepPopulation(populationOf(test));
    const left = await test.db.asOwner("select 1 from changes c, population_follower f where (c.transaction_id, c.id) > (f.transaction_id, f.id) union all select 1 from population_work limit 1");
    if (left.length === 0) return;
  }
}
