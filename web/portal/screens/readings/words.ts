/** Which message names which constant of the API, for readings. */
import type { MeterReading } from "#web/client/readings.ts";
import type { MessageKey } from "../../messages/translate.ts";

export type MealRelation = NonNullable<MeterReading["mealRelation"]>;
export type SampleType = NonNullable<MeterReading["sampleType"]>;
export type SampleLocation = NonNullable<MeterReading["sampleLocation"]>;

export const RELATION_NAMES: Readonly<Record<MealRelation, MessageKey>> = {
  before: "relation.before", after: "relation.after", fasting: "relation.fasting", casual: "relation.casual", bedtime: "relation.bedtime",
};

export const SAMPLE_NAMES: Readonly<Record<SampleType, MessageKey>> = {
  capillary_whole_blood: "sample.capillary_whole_blood", capillary_plasma: "sample.capillary_plasma", venous_whole_blood: "sample.venous_whole_blood", venous_plasma: "sample.venous_plasma",
  arterial_whole_blood: "sample.arterial_whole_blood", arterial_plasma: "sample.arterial_plasma", undetermined_whole_blood: "sample.undetermined_whole_blood",
  undetermined_plasma: "sample.undetermined_plasma", interstitial_fluid: "sample.interstitial_fluid",
};

export const LOCATION_NAMES: Readonly<Record<SampleLocation, MessageKey>> = { finger: "location.finger", alternate_site: "location.alternate_site", earlobe: "location.earlobe" };

export const WAY_NAMES: Readonly<Record<MeterReading["syncSource"], MessageKey>> = { manual: "way.manual", bluetooth: "way.bluetooth", app: "way.app", import: "way.import" };
