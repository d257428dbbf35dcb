/** What the first of the demo's invented patients has beside a sensor. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureDemoPeople } from "#people/demo.ts";
import { ensureDemoHistory } from "../src/demo-history.ts";
import { startTestApp, type TestApp } from "#test/kit/app.ts";

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());

it("is made once: readings of a meter, entries of clinicians and one that the person said, a care team", async () => {
  await ensureDemoPeople(test.db.database, "a password of the demo", "Europe/Madrid");
  const [patient] = await test.db.asOwner<{ organizationId: string; patientId: string }>(`select organization_id as "organizationId", id as "patientId" from patients where display_name = 'Alex Demo'`);
  const parts = { sync: test.app.sync, database: test.db.database, clock: test.clock, zone: "Europe/Madrid" };
  const counts = async () => (await test.db.asOwner<object>(
    `select (select count(*)::int from treatments where kind = 'meter_glucose' and details ->> 'syncSource' = 'bluetooth') as readings, (select count(*)::int from clinical_entries) as entries,
            (select count(*)::int from clinical_entries where is_self_reported) as said, (select count(*)::int from clinical_versions) as versions, (select count(*)::int from care_team_members) as team`,
  ))[0];
  await ensureDemoHistory(parts, patient!);
  const made = await counts();
  expect(made).toMatchObject({ entries: 9, said: 1, versions: 10, team: 1 });
  expect((made as { readings: number }).readings).toBeGreaterThan(50);
  await ensureDemoHistory(parts, patient!);
  expect(await counts()).toEqual(made);
});
