create table if not exists search (
    id             bigint generated always as identity primary key,
    origin         char(3)                  not null,
    destination    char(3)                  not null,
    timeout_millis bigint                   not null,
    started_at     timestamp with time zone not null default current_timestamp,
    finished_at    timestamp with time zone
);

create table if not exists quote (
    search_id bigint         not null references search,
    supplier  varchar(20)    not null,
    price     decimal(10, 2) not null,
    currency  char(3)        not null,
    primary key (search_id, supplier)
);
