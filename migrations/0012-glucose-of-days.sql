-- What a period needs of a day's glucose has more in it: risks, extremes and episodes. The column has another name, so that a worker of the version before
-- cannot leave a day of the old shape among the new ones.
alter table day_summaries drop column part;
-- Of glucose only, as JSON (src/summaries/glucose-day.ts); text, so that those of a period are put together without reading them.
alter table day_summaries add column glucose_part text;

-- All days of glucose are made anew. Until they are, they are told from the samples.
alter table day_summaries no force row level security;
alter table summary_work no force row level security;
insert into summary_work (organization_id, patient_id, metric) select distinct organization_id, patient_id, 1 from day_summaries where metric = 1;
alter table day_summaries force row level security;
alter table summary_work force row level security;
