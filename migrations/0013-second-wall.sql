-- The second wall: what a person asks for runs as islet_app, which now sees that person's patients alone, whatever the application asks; what works for
-- a whole organization runs as islet_worker. islet_read is for people who look (reports, support): no secret, nothing to change. Decision 008.

do $$ begin create role islet_worker nologin noinherit; exception when duplicate_object then null; end $$;
do $$ begin create role islet_read nologin noinherit; exception when duplicate_object then null; end $$;

-- The worker gets what islet_app had: its rights, and its place in every policy.
do $$
declare it record;
begin
  for it in select table_name, string_agg(privilege_type, ', ') as rights from information_schema.role_table_grants
            where grantee = 'islet_app' and table_schema = 'public' group by table_name loop
    execute format('grant %s on %I to islet_worker', it.rights, it.table_name);
  end loop;
  for it in select tablename, policyname from pg_policies where schemaname = 'public' and 'islet_app' = any(roles) loop
    execute format('alter policy %I on %I to islet_app, islet_worker', it.policyname, it.tablename);
  end loop;
end $$;
grant usage on schema public to islet_worker, islet_read;
grant usage, select on sequence deliveries_id_seq to islet_worker;

-- On whose behalf a transaction runs; null outside one.
create function app_user_id() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.user_id', true), '')::uuid $$;
-- The patient whom this user is.
create function app_own_patient_id() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.own_patient_id', true), '')::uuid $$;
-- The one patient whom a request names; null where it names none.
create function app_asked_patient_id() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.asked_patient_id', true), '')::uuid $$;
-- Patients whom the user may see now: oneself, and whoever granted it. Computed once a statement; of a request that names a patient at most that one.
create function app_patients() returns setof uuid language sql stable parallel safe rows 10
  as $$
    select app_own_patient_id() where app_own_patient_id() is not null and coalesce(app_asked_patient_id() = app_own_patient_id(), true)
    union
    select g.patient_id from grants g where g.user_id = app_user_id() and now() between g.valid_from and g.valid_to
      and (app_asked_patient_id() is null or g.patient_id = app_asked_patient_id())
  $$;

-- islet_app looks, and writes the little that people change by themselves.
do $$
declare name text;
begin
  for name in select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace loop
    execute format('revoke all on %I from islet_app', name);
  end loop;
  foreach name in array array[
    'connections', 'deliveries', 'series', 'samples', 'day_blocks', 'sleeps', 'workouts', 'treatments', 'changes', 'sample_versions', 'record_versions',
    'source_rules', 'zone_entries', 'day_summaries', 'summary_states', 'summary_work'
  ] loop
    execute format('create policy person on %I as restrictive to islet_app using (patient_id in (select app_patients()))', name);
    execute format('grant select on %I to islet_app', name);
    execute format('grant select on %I to islet_read', name);
    execute format('create policy tenant_read on %I for select to islet_read using (organization_id = (select app_organization_id()))', name);
  end loop;
end $$;
revoke all on sequence deliveries_id_seq from islet_app;
create policy person on patients as restrictive to islet_app using (id in (select app_patients()));
create policy person on users as restrictive to islet_app using (id = (select app_user_id()));
-- Not by app_patients(), which reads this table.
create policy person on grants as restrictive to islet_app using (user_id = (select app_user_id()) or patient_id = (select app_own_patient_id()));
create policy person on audit_log as restrictive to islet_app using (actor_user_id = (select app_user_id()));

grant select on organizations, patients, grants, summary_follower to islet_app;
grant select (id, organization_id, email, display_name, roles, locale, glucose_unit, zone, blocked_at, created_at) on users to islet_app;
grant update (locale, glucose_unit, zone) on users to islet_app;
grant update (zone) on patients to islet_app;
grant insert, update, delete on source_rules, zone_entries to islet_app;
grant insert on changes, audit_log to islet_app;

-- islet_read: of one organization, without sign-in data, sealed texts, raw deliveries or tokens.
revoke select on deliveries from islet_read;
drop policy tenant_read on deliveries;
do $$
declare name text;
begin
  foreach name in array array['patients', 'grants', 'audit_log'] loop
    execute format('create policy tenant_read on %I for select to islet_read using (organization_id = (select app_organization_id()))', name);
    execute format('grant select on %I to islet_read', name);
  end loop;
end $$;
create policy tenant_read on users for select to islet_read using (organization_id = (select app_organization_id()));
grant select (id, organization_id, display_name, roles, locale, glucose_unit, zone, blocked_at, created_at) on users to islet_read;
create policy tenant_read on organizations for select to islet_read using (id = (select app_organization_id()));
grant select on organizations to islet_read;
