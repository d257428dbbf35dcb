import type { GlucoseSummary } from "#web/client/types.ts";
import { useLanguage } from "../language.tsx";

interface StatisticProps {
  readonly name: string;
  readonly fullName?: string;
  readonly value: string | null;
  readonly unit?: string;
  readonly details: readonly (string | null)[];
  readonly testId: string;
}

function Statistic({ name, fullName, value, unit, details, testId }: StatisticProps) {
  return (
    <div className="stat" data-testid={testId}>
      <dt>
        {name}
        {fullName ? <span className="stat-full"> {fullName}</span> : null}
      </dt>
      <dd>
        <span className="stat-value" data-testid={`${testId}-value`}>
          {value ?? "–"}
        </span>
        {value !== null && unit ? <span className="stat-unit"> {unit}</span> : null}
        {details
          .filter((detail) => detail !== null)
          .map((detail) => (
            <span key={detail} className="stat-detail">
              {detail}
            </span>
          ))}
      </dd>
    </div>
  );
}

/** Mean, GMI, CV and sensor use, with a word when there is too little for them to be settled. */
export function Statistics({ summary }: { readonly summary: GlucoseSummary }) {
  const { t, f } = useLanguage();
  const { unit } = summary;
  const glucose = (value: number | null): string | null => (value === null ? null : f.glucose(value, unit));
  const days = t("trends.daysWithData", { count: summary.days });
  const wear = summary.wearPercent === null ? null : f.percent(Math.min(summary.wearPercent, 100));
  return (
    <>
      <dl className="stats">
        <Statistic
          testId="stat-mean" name={t("trends.mean")} fullName={t("trends.meanName")} value={glucose(summary.mean)} unit={unit}
          details={[
            summary.sd === null ? null : t("trends.sd", { value: f.glucoseWithUnit(summary.sd, unit) }),
            summary.min === null || summary.max === null
              ? null
              : t("trends.range", { min: f.glucose(summary.min, unit), max: f.glucoseWithUnit(summary.max, unit) }),
          ]}
        />
        <Statistic
          testId="stat-gmi" name={t("trends.gmi")} fullName={t("trends.gmiName")}
          value={summary.gmiPercent === null ? null : f.percentExact(summary.gmiPercent, 1)}
          details={[summary.gmiMmolMol === null ? null : t("trends.gmiMmol", { value: f.number(summary.gmiMmolMol) })]}
        />
        <Statistic
          testId="stat-cv" name={t("trends.cv")} fullName={t("trends.cvName")}
          value={summary.cvPercent === null ? null : f.percentExact(summary.cvPercent, 1)} details={[]}
        />
        <Statistic
          testId="stat-wear" name={t("trends.wear")} fullName={t("trends.wearName")} value={wear}
          details={[t("trends.readings", { count: summary.readings }), days]}
        />
      </dl>
      {summary.isSufficient || summary.readings === 0 ? null : (
        <p className="note note-old" data-testid="preliminary">
          <strong>{t("trends.preliminary")}</strong> {wear === null ? t("trends.preliminaryFew", { days }) : t("trends.preliminaryWhy", { days, wear })}
        </p>
      )}
    </>
  );
}
