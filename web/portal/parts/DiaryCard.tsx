import type { Treatment } from "#web/client/types.ts";
import { type Language, useLanguage } from "../language.tsx";
import { type Meal, useMealName } from "../meals.ts";
import { Link } from "../router.tsx";
import { treatmentName } from "../words.ts";
import { Card } from "./Card.tsx";

const SHOWN = 8;

/** What an entry says besides its kind and time: amount in the reader's unit, meal, words. */
function entryFacts(entry: Treatment, { f }: Language, mealName: (meal: Meal) => string): string[] {
  const facts: string[] = [];
  if (entry.amount !== null) facts.push(entry.unit === "mg/dL" ? f.glucoseOfMgDl(entry.amount) : `${f.number(entry.amount)} ${entry.unit ?? ""}`.trim());
  if (entry.meal !== null) facts.push(mealName(entry.meal));
  if (entry.text !== null) facts.push(entry.text);
  return facts;
}

/** The newest entries of the diary: finger-sticks, meals, doses and notes, typed or sent. Nothing where there are none. */
export function DiaryCard({ entries }: { readonly entries: readonly Treatment[] }) {
  const language = useLanguage();
  const { t, f } = language;
  const mealName = useMealName();
  if (entries.length === 0) return null;
  return (
    <Card title={t("diary.title")} testId="card-diary" isWide foot={<Link href="/readings">{t("diary.all")}</Link>}>
      <ul className="diary">
        {entries.slice(0, SHOWN).map((entry) => (
          <li key={entry.id}>
            <time dateTime={entry.at}>{f.dateTime(Date.parse(entry.at))}</time>
            <span>
              <strong>{t(treatmentName(entry.kind))}</strong> {f.list(entryFacts(entry, language, mealName))}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
