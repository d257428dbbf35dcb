/** Summaries kept to the end of the change feed. */
import { keepSummaries } from "#summaries/keep.ts";
import type { TestDatabase } from "./database.ts";

/** Follows until nothing is left: other files' transactions on the same server hold the feed back for as long as they run. */
export async function keepAll(db: TestDatabase): Promise<void> {
  for (;;) {
    await keepSummaries(db.database);
    const left = await db.asOwner(
      `select 1 from changes c, summary_follower f where (c.transaction_id, c.id) > (f.transaction_id, f.id)
       union all select 1 from summary_work limit 1`,
    );
    if (left.length === 0) return;
  }
}
