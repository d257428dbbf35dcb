/** People who are connected to Garmin, and what Garmin pushes of them. */
import { createUser } from "#people/accounts/accounts.ts";
import { DAY_MS } from "#units/time.ts";
import type { Ground } from "./ground.ts";

const FIRST_DAY_MS = Date.UTC(2020, 0, 1);
/** Days that one round of pushes may take up. */
const DAYS_OF_ROUND = 200;

export async function addPeople({ database, connection: { organizationId } }: Ground, people: number): Promise<void> {
  for (let number = 0; number < people; number += 1) {
    const { patientId } = await createUser(database, {
      organizationId, email: `bench-${number}@example.org`, password: "correct horse battery", displayName: `Bench ${number}`, roles: ["patient"], zone: "Europe/Madrid",
    });
    await database.withOrganization(organizationId, async (tx) => {
      const account = `account-${number}`;
      const [row] = await tx.query<{ id: string }>(
        "insert into connections (organization_id, patient_id, provider, status, vendor_user_id) values ($1, $2, 'garmin', 'active', $3) returning id", [organizationId, patientId, account],
      );
      await tx.query("insert into provider_accounts (provider, vendor_user_id, organization_id, patient_id, connection_id) values ('garmin', $1, $2, $3, $4)", [
        account, organizationId, patientId, row!.id,
      ]);
    });
  }
}

/** The text of a push with one day's summary of one person; each index of a round is another person or day. */
export function garminPush(people: number, round: number, index: number): string {
  const day = Math.floor(index / people) + round * DAYS_OF_ROUND;
  const startMs = FIRST_DAY_MS + day * DAY_MS;
  return JSON.stringify({
    dailies: [{
      userId: `account-${index % people}`, summaryId: `bench-${round}-${index}`, calendarDate: new Date(startMs).toISOString().slice(0, 10),
      startTimeInSeconds: startMs / 1000 - 3_600, startTimeOffsetInSeconds: 3_600, durationInSeconds: 86_400, steps: 1_000 + (index % 20_000),
    }],
  });
}
