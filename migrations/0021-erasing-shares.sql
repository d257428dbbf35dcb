-- What was shared and what was consented to ends with whom it was about; of what others did, their names go with their accounts.
grant delete on break_glass_accesses to islet_worker;
grant update (by_user_id) on consents to islet_worker;
-- Decisions are added to; only an erasure removes them, across organizations, by no transaction that serves one.
create policy system on consents to islet_system using (true) with check (false);
grant select, delete on consents to islet_system;
grant update (published_by) on consent_texts to islet_worker;
