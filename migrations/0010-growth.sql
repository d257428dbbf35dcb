-- Tables that grow or churn all day are cleaned and counted after a part of what is new, not after a fifth of everything there is.
-- Hot rows are written once, and leave for their block two days later.
alter table samples set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1);
-- Blocks are seldom touched again; what an index-only look needs to know of their pages comes with the first vacuum after the insert.
alter table day_blocks set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
alter table changes set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1);

-- The change feed is for those who follow it, not for ever: measured in bytes it would outgrow the samples many times. Up to which transaction
-- it was forgotten; whoever comes with an older place must ask anew for everything.
create table change_mark (
  is_only boolean primary key default true check (is_only),
  forgotten_to xid8 not null
);
alter table change_mark enable row level security;
alter table change_mark force row level security;
create policy system on change_mark to islet_system using (true) with check (true);
grant select, insert, update on change_mark to islet_system;
grant delete on changes to islet_system;
grant select (created_at) on changes to islet_system;
