-- Artifacts: versions of collections of files.

create table artifact_collections (
    id integer generated always as identity primary key,
    project text not null,
    type text not null,
    name text not null,
    description text,
    -- Versions committed so far: a deleted one's number is not given again.
    versions integer not null default 0,
    created_at timestamptz not null default now(),
    unique (project, name)
);

create table artifacts (
    number integer generated always as identity primary key,
    id text not null unique,
    collection integer not null references artifact_collections on delete cascade,
    -- Null until it is committed.
    version integer,
    digest text not null,
    description text,
    -- JSON as the client wrote it.
    metadata text,
    -- Aliases that it gets when it is committed.
    wanted_aliases text[] not null default '{}',
    tags text[] not null default '{}',
    -- The run that logged it.
    run integer references runs on delete set null,
    history_step bigint,
    bytes bigint not null default 0,
    file_count integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (collection, version)
);
create index artifacts_by_run on artifacts (run);

create table artifact_aliases (
    collection integer not null references artifact_collections on delete cascade,
    alias text not null,
    artifact integer not null references artifacts on delete cascade,
    primary key (collection, alias)
);
create index artifact_aliases_by_artifact on artifact_aliases (artifact);

-- Names that clients give to artifacts before they know their ids.
create table artifact_clients (
    client text primary key,
    artifact integer not null references artifacts on delete cascade
);
create index artifact_clients_by_artifact on artifact_clients (artifact);

-- Files, each content once in a project.
create table artifact_contents (
    id bigint generated always as identity primary key,
    project text not null,
    -- Where the project's files lie below the folder of artifacts.
    folder text not null,
    -- Hexadecimal; the file's name.
    md5 text not null,
    -- Null until it has been received.
    bytes bigint,
    unique (folder, md5)
);

create table artifact_files (
    artifact integer not null references artifacts on delete cascade,
    name text not null,
    content bigint not null references artifact_contents,
    primary key (artifact, name)
);
create index artifact_files_by_content on artifact_files (content);

-- Which runs read which artifacts.
create table artifact_uses (
    run integer not null references runs on delete cascade,
    artifact integer not null references artifacts on delete cascade,
    time timestamptz not null default now(),
    primary key (run, artifact)
);
create index artifact_uses_by_artifact on artifact_uses (artifact);
