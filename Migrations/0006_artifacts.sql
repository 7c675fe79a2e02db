-- Artifacts: versions of collections of files.

create table artifact_collections (
    id integer generated always as identity primary key,
    project text not null,
    type text not null,
    name text not null,
    description text,
    created_at timestamptz not null default now(),
    unique (project, name)
);
