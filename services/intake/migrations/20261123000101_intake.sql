-- migrate:up
SET lock_timeout = '2s';

CREATE SCHEMA intake;
GRANT USAGE ON SCHEMA intake TO xxt_runtime;

-- Serials of display codes, handed out in blocks of 100 (cases/serials.h).
-- Six digits, for the code has the year. Should they come round within one, the
-- key below makes the case draw another.
CREATE SEQUENCE intake.case_serial AS integer INCREMENT 100 MINVALUE 1 MAXVALUE 999801 CYCLE;
GRANT USAGE ON SEQUENCE intake.case_serial TO xxt_runtime;

CREATE TABLE intake.cases (
  id uuid PRIMARY KEY,
  -- "drawn": who finds a drawn one taken draws again (common/pg/connection.cc).
  display_code text NOT NULL CONSTRAINT cases_display_code_drawn UNIQUE,
  -- No foreign key: every new case would lock the hall's row.
  hall text NOT NULL,
  state smallint NOT NULL CHECK (state IN (1, 2, 3)), -- 1 in progress, 2 closure proposed, 3 closed
  owner text NOT NULL,
  -- Business time of the next action; 'infinity' once closed, and only then:
  -- an open case always has one.
  next_action_time timestamptz NOT NULL,
  create_time timestamptz NOT NULL,
  close_time timestamptz,
  version bigint NOT NULL,
  message bytea NOT NULL,
  sealed bytea,
  -- What it is found by: hashes of its people's numbers, 16 bytes each.
  search bytea,
  -- Its data key, wrapped by a key of seal.key_file: opens what is sealed here and
  -- in what hangs on the case. NULL: its people are erased.
  key bytea,
  CHECK ((state = 3) = (close_time IS NOT NULL)),
  CHECK ((state = 3) = (next_action_time = 'infinity'))
) WITH (fillfactor = 80);
-- Lists, of a hall, an owner or all, each by next action or newest first. By
-- state, for cases/cases.cc reads one state at a time. Those of all say
-- `hall <> ''`, which lists of one hall or owner do not: a plan that was made
-- when the table was empty, and is kept, cannot take the wrong index.
CREATE INDEX cases_hall_next_action ON intake.cases (hall, state, next_action_time, id);
CREATE INDEX cases_hall_create ON intake.cases (hall, state, create_time, id);
CREATE INDEX cases_owner_next_action ON intake.cases (owner, state, next_action_time, id);
CREATE INDEX cases_owner_create ON intake.cases (owner, state, create_time, id);
CREATE INDEX cases_next_action ON intake.cases (state, next_action_time, id) WHERE hall <> '';
CREATE INDEX cases_create ON intake.cases (state, create_time, id) WHERE hall <> '';
SELECT backbone.holds_messages('intake.cases', 'INSERT, UPDATE');

-- The hashes in `search`, one a row, in the order of the list. No foreign key: no
-- case is deleted, and its row is not there yet when these are written.
CREATE TABLE intake.case_search (
  hash bytea NOT NULL,
  create_time timestamptz NOT NULL,
  id uuid NOT NULL,
  PRIMARY KEY (hash, create_time, id)
);
GRANT SELECT ON intake.case_search TO xxt_runtime;

-- With its owner's rights: whoever may write a case, the operator's tool too, writes
-- these by this alone. Nobody is found any more whose key is erased, whoever erases it.
CREATE FUNCTION intake.write_case_search() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF new.key IS NULL THEN
    new.search := NULL;
  END IF;
  FOR place IN 1 .. coalesce(length(old.search), 0) BY 16 LOOP -- of a new case there are none
    DELETE FROM intake.case_search
     WHERE hash = substr(old.search, place, 16) AND create_time = old.create_time AND id = old.id;
  END LOOP;
  FOR place IN 1 .. coalesce(length(new.search), 0) BY 16 LOOP
    INSERT INTO intake.case_search VALUES (substr(new.search, place, 16), new.create_time, new.id);
  END LOOP;
  RETURN new;
END $$;
REVOKE EXECUTE ON FUNCTION intake.write_case_search() FROM PUBLIC;
CREATE TRIGGER case_search_new BEFORE INSERT ON intake.cases
  FOR EACH ROW WHEN (new.search IS NOT NULL) EXECUTE FUNCTION intake.write_case_search();
CREATE TRIGGER case_search_changed BEFORE UPDATE OF search, key ON intake.cases
  FOR EACH ROW WHEN (new.search IS DISTINCT FROM old.search OR new.key IS NULL)
  EXECUTE FUNCTION intake.write_case_search();

-- migrate:down
DROP SCHEMA intake CASCADE;
