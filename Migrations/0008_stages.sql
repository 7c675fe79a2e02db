-- What stages need to be handed out by any launcher to any program, stopped, reused, and counted without reading plans.

alter table sweeps
    -- The definition's file, for messages about it.
    add column file text,
    -- What runs instead of our trainer; agents may serve the sweep then.
    add column program text,
    add column command jsonb,
    add column run_cap integer,
    -- GPU seconds that stages may take in all.
    add column gpu_seconds double precision,
    -- Causes of failure after which a stage is started again; null: as its launcher says.
    add column retry_on text[],
    -- Its definition has a rule that stops runs early.
    add column stops_early boolean not null default false;

alter table stages
    -- There is no stage before it, or that is done. Kept up to date so that a claim reads one entry of an index.
    add column is_ready boolean not null default false,
    -- A stage before it has failed for good.
    add column is_blocked boolean not null default false,
    -- Number of the first trial that needs it, and how many trials end with it.
    add column trial integer not null default 0,
    add column trials_ended integer not null default 0,
    add column resources jsonb not null default '{}',
    add column job jsonb,
    -- The agent that holds the claim, where it is W&B's.
    add column agent text references agents on delete set null,
    add column agent_sent smallint not null default 0,
    -- SHA-256 of what it made.
    add column artefact text,
    -- The run of another sweep whose artefact stands for it.
    add column reused_from text,
    add column cause text,
    -- The holder was told to end it.
    add column stop_reason text,
    -- How many values of the sweep's metric the rule has seen of its run.
    add column values_seen bigint not null default 0,
    add column claimed_at timestamptz,
    -- Seconds of all its attempts that have ended, by the database's clock.
    add column seconds double precision not null default 0,
    -- Rises with every stage that is done: which is newer does not depend on clocks.
    add column done_order bigint;

create sequence stages_done;

update stages s set trial = t.number
from (select sweep, key, min(number) as number from trials, unnest(stages) key group by sweep, key) t
where t.sweep = s.sweep and t.key = s.key;
update stages s set trials_ended = t.count
from (select sweep, stages[cardinality(stages)] as key, count(*) as count from trials group by 1, 2) t
where t.sweep = s.sweep and t.key = s.key;
update stages s set is_ready = input is null or exists (
    select from stages i where i.sweep = s.sweep and i.key = s.input and i.state = 'done');
with recursive blocked(sweep, key) as (
    select s.sweep, s.key from stages s join stages i on i.sweep = s.sweep and i.key = s.input
    where s.state = 'pending' and i.state = 'failed'
    union
    select s.sweep, s.key from stages s join blocked b on b.sweep = s.sweep and b.key = s.input
    where s.state = 'pending')
update stages s set is_blocked = true from blocked b where b.sweep = s.sweep and b.key = s.key;
update stages s set done_order = nextval('stages_done')
from (select sweep, key from stages where state = 'done' order by sweep, position) d
where d.sweep = s.sweep and d.key = s.key;

drop index stages_by_position;
create index stages_in_order on stages (sweep, position);
create index stages_to_claim on stages (sweep, position) where state = 'pending' and is_ready;
create index stages_claimed on stages (sweep) where state = 'claimed';
create index stages_by_input on stages (sweep, input) where input is not null;
create index stages_by_key on stages (key, done_order);
create index stages_by_agent on stages (agent) where agent is not null;
-- Stages change state a few times each: room for the new versions beside the old.
alter table stages set (fillfactor = 70);
create index stages_by_reuse on stages (reused_from) where reused_from is not null;
