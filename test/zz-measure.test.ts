import { it } from "vitest";
import { startTestApp } from "./kit/app.ts";
import { connect } from "./kit/connect.ts";
it("measures", async () => {
  const test = await startTestApp();
  console.log(test.sim.control.people().map((p) => p.id));
  for (const vendor of ["dexcom", "strava", "garmin"] as const) {
    await connect(test, test.people.patient, vendor);
    const t = performance.now();
    try { await test.runJobs(); } catch (e) { console.log(e); }
    console.log(vendor, "sync ms", performance.now() - t);
    console.log(await test.db.asOwner("select status, status_code, backfill_progress, granted_scopes, next_sync_at from connections where provider=$1", [vendor]));
    console.log(await test.db.asOwner("select resource, state, count(*), sum(body_bytes) b, sum(octet_length(body)) z from deliveries where provider=$1 group by 1,2", [vendor]));
    console.log(await test.db.asOwner("select count(*) from samples"), await test.db.asOwner("select count(*) from treatments"), await test.db.asOwner("select count(*) from workouts"));
  }
  await test.close();
}, 120000);
