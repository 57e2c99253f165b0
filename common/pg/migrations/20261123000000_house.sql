-- migrate:up
SET lock_timeout = '2s';

-- How a database keeps house: partitions by time, made in time and dropped at
-- the end of their term, and rows that are forgotten one by one. Every service
-- calls keep_house() again and again; each call does one thing in one
-- transaction. See docs/decisions/0015.
CREATE SCHEMA backbone;
GRANT USAGE ON SCHEMA backbone TO xxt_runtime;

-- What grows, and how long it is kept. The terms are configuration, but not
-- the services': who may write an audit record may not shorten its term.
CREATE TABLE backbone.retention (
  relation regclass PRIMARY KEY,
  -- When a row was made.
  time_column name NOT NULL,
  -- Partitions are dropped. NULL: not partitioned, rows are deleted.
  step text CHECK (step IN ('hour', 'day', 'month')),
  -- Partitions there are beyond the present one.
  ahead int NOT NULL,
  -- NULL: for ever.
  term interval,
  -- What the law or a promise asks for at least, and which.
  at_least interval NOT NULL,
  source text NOT NULL,
  CHECK (term >= at_least)
);

-- Partitions by time with their bounds. Bounds are read as moments, in
-- whatever zone they are printed.
CREATE VIEW backbone.time_partitions AS
SELECT r.relation AS parent, c.oid::regclass AS partition,
       pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT' AS is_default,
       substring(pg_get_expr(c.relpartbound, c.oid) FROM $$FROM \('([^']+)'\)$$)::timestamptz AS low,
       substring(pg_get_expr(c.relpartbound, c.oid) FROM $$TO \('([^']+)'\)$$)::timestamptz AS high
  FROM backbone.retention r
  JOIN pg_inherits i ON i.inhparent = r.relation
  JOIN pg_class c ON c.oid = i.inhrelid
 WHERE r.step IS NOT NULL;

-- What is to be done at `moment`: 'create' and 'drop' partitions, 'forget' rows.
CREATE FUNCTION backbone.house_work(moment timestamptz)
RETURNS TABLE (work text, relation regclass, low timestamptz, high timestamptz, partition regclass)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
  SELECT 'create', r.relation, wanted.low, wanted.low + span.step, NULL::regclass
    FROM backbone.retention r
   CROSS JOIN LATERAL (SELECT ('1 ' || r.step)::interval AS step) AS span
   CROSS JOIN LATERAL generate_series(date_trunc(r.step, moment) - span.step,
                                      date_trunc(r.step, moment) + r.ahead * span.step, span.step) AS wanted (low)
   WHERE r.step IS NOT NULL
     AND (r.term IS NULL OR wanted.low + span.step > moment - r.term)
     AND NOT EXISTS (SELECT FROM backbone.time_partitions p
                      WHERE p.parent = r.relation AND p.low <= wanted.low AND p.high > wanted.low)
  UNION ALL
  SELECT 'drop', r.relation, p.low, p.high, p.partition
    FROM backbone.retention r JOIN backbone.time_partitions p ON p.parent = r.relation
   WHERE p.high <= moment - r.term
  UNION ALL
  SELECT 'forget', r.relation, NULL, moment - r.term, NULL
    FROM backbone.retention r
   WHERE r.step IS NULL AND r.term IS NOT NULL;
$$;

-- Makes the partition apart and attaches it: whoever inserts does not wait,
-- whoever reads all partitions waits for this function's lock timeout at most.
-- Rows that came before their partition are in the default one; they move.
CREATE FUNCTION backbone.create_partition(parent regclass, low timestamptz, high timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  most_moved CONSTANT int := 50000;
  r backbone.retention := (SELECT t FROM backbone.retention t WHERE t.relation = parent);
  stray regclass := (SELECT partition FROM backbone.time_partitions p WHERE p.parent = create_partition.parent
                        AND is_default);
  made text := (SELECT format('%I.%I', n.nspname, c.relname || to_char(low, CASE r.step
                         WHEN 'month' THEN '_YYYYMM' WHEN 'day' THEN '_YYYYMMDD' ELSE '_YYYYMMDDHH24' END))
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = parent);
  waiting bigint;
BEGIN
  EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING IDENTITY EXCLUDING STATISTICS)', made, parent);
  EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', stray);
  EXECUTE format('SELECT count(*) FROM (SELECT FROM %s WHERE %I >= %L AND %I < %L LIMIT %s) few',
                 stray, r.time_column, low, r.time_column, high, most_moved + 1) INTO waiting;
  IF waiting > most_moved THEN
    RAISE EXCEPTION 'too many rows of % are in % to be moved while others wait', parent, stray;
  ELSIF waiting > 0 THEN
    EXECUTE format('WITH moved AS (DELETE FROM %s WHERE %I >= %L AND %I < %L RETURNING *)
                    INSERT INTO %s SELECT * FROM moved',
                   stray, r.time_column, low, r.time_column, high, made);
  END IF;
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', parent, made, low, high);
END $$;

-- Deletes rows of before `until` for a fifth of a second and says how many. It
-- begins with one row and doubles: however slow deleting is, a call makes
-- progress.
CREATE FUNCTION backbone.forget_rows(which regclass, until timestamptz) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  r backbone.retention := (SELECT t FROM backbone.retention t WHERE t.relation = which);
  enough CONSTANT timestamptz := clock_timestamp() + interval '200 ms';
  chunk int := 1;
  gone bigint;
  total bigint := 0;
BEGIN
  LOOP
    EXECUTE format('DELETE FROM %s WHERE ctid = ANY (ARRAY(
                      SELECT ctid FROM %s WHERE %I < %L ORDER BY %I LIMIT %s FOR UPDATE SKIP LOCKED))',
                   which, which, r.time_column, until, r.time_column, chunk);
    GET DIAGNOSTICS gone = ROW_COUNT;
    total := total + gone;
    EXIT WHEN gone < chunk OR clock_timestamp() > enough;
    chunk := least(chunk * 2, 1000);
  END LOOP;
  RETURN total;
END $$;

-- Does one thing that is to be done at `moment`, any of them, so that one that
-- cannot be done holds up no other. False: there was nothing, or another
-- session is at it.
CREATE FUNCTION backbone.keep_house_at(moment timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
  w record;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('backbone.keep_house', 0)) THEN
    RETURN false;
  END IF;
  FOR w IN SELECT * FROM backbone.house_work(moment) ORDER BY random() LOOP
    IF w.work = 'create' THEN
      PERFORM backbone.create_partition(w.relation, w.low, w.high);
      RETURN true;
    ELSIF w.work = 'drop' THEN
      EXECUTE format('DROP TABLE %s', w.partition);
      RETURN true;
    ELSIF backbone.forget_rows(w.relation, w.high) > 0 THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END $$;

-- What services call until it returns false, and then hourly.
CREATE FUNCTION backbone.keep_house() RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT backbone.keep_house_at(now());
$$;

-- Until when there are partitions without a gap, and how many rows are in the
-- default one (counted up to 1,000): there should be none.
CREATE FUNCTION backbone.partition_health() RETURNS TABLE (relation text, covered_until timestamptz, stray bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  p record;
BEGIN
  FOR p IN SELECT parent, partition FROM backbone.time_partitions WHERE is_default ORDER BY parent::text LOOP
    relation := p.parent::text;
    WITH RECURSIVE covered (until) AS (
      SELECT now()
       UNION
      SELECT t.high FROM covered JOIN backbone.time_partitions t
          ON t.parent = p.parent AND t.low <= covered.until AND t.high > covered.until)
    SELECT max(until) FROM covered INTO covered_until;
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %s LIMIT 1000) few', p.partition) INTO stray;
    RETURN NEXT;
  END LOOP;
END $$;

-- Raises what is wrong with the partitions of this database. Migrations end
-- with it.
CREATE FUNCTION backbone.check_partitions() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  wrong text;
BEGIN
  SELECT string_agg(problem, '; ') INTO wrong FROM (
    SELECT format('%s is partitioned but has no term', c.oid::regclass)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'p' AND c.oid NOT IN (SELECT relation FROM backbone.retention WHERE step IS NOT NULL)
    UNION ALL
    SELECT format('%s begins or ends within a %s of UTC', p.partition, r.step)
      FROM backbone.time_partitions p JOIN backbone.retention r ON r.relation = p.parent
     WHERE NOT p.is_default
       AND (p.low <> date_trunc(r.step, p.low) OR p.high <> p.low + ('1 ' || r.step)::interval)
    UNION ALL
    SELECT format('%s has no partition %s from %s', w.relation, w.work, w.low)
      FROM backbone.house_work(now()) w WHERE w.work = 'create'
    UNION ALL
    SELECT format('%s has no default partition', r.relation) FROM backbone.retention r
     WHERE r.step IS NOT NULL
       AND NOT EXISTS (SELECT FROM backbone.time_partitions p WHERE p.parent = r.relation AND p.is_default)
  ) AS found (problem);
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION '%', wrong;
  END IF;
END $$;

-- Says how long the rows of `relation` are kept. If it is partitioned, by one
-- timestamptz column, it gets its partitions: one per `step` of UTC.
CREATE FUNCTION backbone.keep(relation regclass, time_column name, term interval, at_least interval, source text,
                              step text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  w record;
BEGIN
  INSERT INTO backbone.retention
  VALUES (relation, time_column, step, CASE step WHEN 'month' THEN 6 WHEN 'day' THEN 30 WHEN 'hour' THEN 72 ELSE 0 END,
          term, at_least, source);
  IF step IS NULL THEN
    RETURN;
  END IF;
  EXECUTE (SELECT format('CREATE TABLE %I.%I PARTITION OF %s DEFAULT', n.nspname, c.relname || '_default', relation)
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation);
  FOR w IN SELECT * FROM backbone.house_work(now()) AS due WHERE due.work = 'create' AND due.relation = keep.relation LOOP
    PERFORM backbone.create_partition(w.relation, w.low, w.high);
  END LOOP;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA backbone FROM PUBLIC;
GRANT EXECUTE ON FUNCTION backbone.keep_house(), backbone.partition_health() TO xxt_runtime;

-- migrate:down
DROP SCHEMA backbone CASCADE;
