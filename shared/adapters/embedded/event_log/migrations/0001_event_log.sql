-- A log of records after Kafka's model. One schema, so that its rights can be granted as one.
create schema event_log;

create table event_log.topic (
  id int generated always as identity primary key,
  name text not null unique,
  -- A topic made anew begins at offset 0 again; readers that remember offsets tell the two apart by this.
  epoch uuid not null default gen_random_uuid()
);

-- The row is the partition's writing lock: whoever holds it gives out the next offsets, so they are dense and are
-- committed in their order.
create table event_log.partition (
  topic_id int not null references event_log.topic on delete cascade,
  partition int not null check (partition >= 0),
  next_offset bigint not null default 0 check (next_offset >= 0),
  primary key (topic_id, partition)
);

create table event_log.record (
  topic_id int not null,
  partition int not null,
  "offset" bigint not null,
  timestamp timestamptz not null,
  key bytea,
  value bytea,
  -- application/x-www-form-urlencoded pairs of name and base64url: ordered, repeatable, legible.
  headers text not null,
  primary key (topic_id, partition, "offset"),
  foreign key (topic_id, partition) references event_log.partition on delete cascade
);

-- A group is known from its first start, before it has committed anything.
create table event_log.group_offset (
  topic_id int not null,
  group_name text not null,
  partition int not null,
  next_offset bigint not null default 0 check (next_offset >= 0),
  primary key (topic_id, group_name, partition),
  foreign key (topic_id, partition) references event_log.partition on delete cascade
);
