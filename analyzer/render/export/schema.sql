BEGIN;
CREATE TABLE IF NOT EXISTS runs (
  run bigint PRIMARY KEY,
  name text NOT NULL,
  exe text,
  command text,
  pid bigint NOT NULL,
  started_unix_ns bigint NOT NULL,
  duration_ns bigint NOT NULL,
  ended text NOT NULL,
  code integer,
  allocations bigint NOT NULL,
  frees bigint NOT NULL,
  allocated_bytes bigint NOT NULL,
  temporary bigint NOT NULL,
  peak_bytes bigint NOT NULL,
  peak_time_ns bigint NOT NULL,
  leaked_bytes bigint NOT NULL,
  leaked_blocks bigint NOT NULL,
  foreign_frees bigint NOT NULL,
  lost bigint NOT NULL,
  damage bigint NOT NULL,
  unknown_stacks bigint NOT NULL,
  peak_rss_bytes bigint NOT NULL,
  collector_cpu_ns bigint NOT NULL,
  collector_rss_bytes bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS modules (
  run bigint NOT NULL REFERENCES runs (run),
  module bigint NOT NULL,
  path text,
  build_id text,
  PRIMARY KEY (run, module)
);
CREATE TABLE IF NOT EXISTS frames (
  run bigint NOT NULL REFERENCES runs (run),
  frame bigint NOT NULL,
  module bigint,
  address bigint,
  inlined integer NOT NULL,
  file text NOT NULL,
  line bigint,
  function text,
  source text NOT NULL,
  PRIMARY KEY (run, frame),
  FOREIGN KEY (run, module) REFERENCES modules (run, module)
);
CREATE TABLE IF NOT EXISTS stacks (
  run bigint NOT NULL REFERENCES runs (run),
  stack bigint NOT NULL,
  parent bigint,
  frame bigint NOT NULL,
  PRIMARY KEY (run, stack),
  FOREIGN KEY (run, parent) REFERENCES stacks (run, stack),
  FOREIGN KEY (run, frame) REFERENCES frames (run, frame)
);
CREATE INDEX IF NOT EXISTS stacks_by_parent ON stacks (run, parent);
CREATE TABLE IF NOT EXISTS sites (
  run bigint NOT NULL REFERENCES runs (run),
  site bigint NOT NULL,
  stack bigint NOT NULL,
  frame bigint NOT NULL,
  innermost bigint NOT NULL,
  size bigint NOT NULL,
  kind text NOT NULL,
  PRIMARY KEY (run, site),
  FOREIGN KEY (run, stack) REFERENCES stacks (run, stack),
  FOREIGN KEY (run, frame) REFERENCES frames (run, frame),
  FOREIGN KEY (run, innermost) REFERENCES stacks (run, stack)
);
CREATE TABLE IF NOT EXISTS threads (
  run bigint NOT NULL REFERENCES runs (run),
  thread bigint NOT NULL,
  tid bigint,
  name text,
  start_ns bigint,
  PRIMARY KEY (run, thread)
);
CREATE TABLE IF NOT EXISTS marks (
  run bigint NOT NULL REFERENCES runs (run),
  mark bigint NOT NULL,
  name text NOT NULL,
  time_ns bigint NOT NULL,
  snapshot integer NOT NULL,
  PRIMARY KEY (run, mark)
);
CREATE TABLE IF NOT EXISTS moments (
  run bigint NOT NULL REFERENCES runs (run),
  moment text NOT NULL,
  kind text NOT NULL,
  time_ns bigint NOT NULL,
  live_bytes bigint NOT NULL,
  live_blocks bigint NOT NULL,
  allocated_bytes bigint NOT NULL,
  allocations bigint NOT NULL,
  temporary bigint NOT NULL,
  PRIMARY KEY (run, moment)
);
CREATE TABLE IF NOT EXISTS counts (
  run bigint NOT NULL,
  moment text NOT NULL,
  site bigint NOT NULL,
  live_bytes bigint NOT NULL,
  live_blocks bigint NOT NULL,
  allocated_bytes bigint NOT NULL,
  allocations bigint NOT NULL,
  temporary_bytes bigint NOT NULL,
  temporary bigint NOT NULL,
  PRIMARY KEY (run, moment, site),
  FOREIGN KEY (run, moment) REFERENCES moments (run, moment),
  FOREIGN KEY (run, site) REFERENCES sites (run, site)
);
CREATE TABLE IF NOT EXISTS thread_counts (
  run bigint NOT NULL,
  moment text NOT NULL,
  site bigint NOT NULL,
  thread bigint NOT NULL,
  live_bytes bigint NOT NULL,
  live_blocks bigint NOT NULL,
  allocated_bytes bigint NOT NULL,
  allocations bigint NOT NULL,
  temporary_bytes bigint NOT NULL,
  temporary bigint NOT NULL,
  PRIMARY KEY (run, moment, site, thread),
  FOREIGN KEY (run, moment, site) REFERENCES counts (run, moment, site),
  FOREIGN KEY (run, thread) REFERENCES threads (run, thread)
);
