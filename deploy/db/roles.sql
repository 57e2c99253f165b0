-- Roles and databases of Xixinting. Run by a superuser with psql, as often as you like:
--
--   XXT_SECRETS=/path/to/secrets psql --file=deploy/db/roles.sql
--
-- XXT_SECRETS is a directory with one file per login role, named like the role, that holds its password. Running it
-- again sets the passwords to what the files say: that is how they are rotated.
--
--   xxt_runtime    group, no login: what every service may do; migrations grant to it
--   xxt_migrator   owns the databases and runs the migrations; no service uses it
--   xxt_<service>  may connect to its own database and to no other
--   xxt_store      the operator's tool of that name: reads the tables of the services, writes only where it says so

\set ON_ERROR_STOP on
\set migrator_password `cat "$XXT_SECRETS/xxt_migrator"`
\set store_password `cat "$XXT_SECRETS/xxt_store"`
\set intake_password `cat "$XXT_SECRETS/xxt_intake"`
\set referral_password `cat "$XXT_SECRETS/xxt_referral"`
\set notification_password `cat "$XXT_SECRETS/xxt_notification"`

-- The passwords must reach neither the server's log nor its statement statistics.
SET log_min_duration_statement = -1;
SET log_statement = 'none';
SET log_min_error_statement = 'panic';

SELECT format('CREATE ROLE %I NOLOGIN', role)
  FROM (VALUES ('xxt_runtime'), ('xxt_migrator'), ('xxt_store'), ('xxt_intake'), ('xxt_referral'), ('xxt_notification'))
         AS wanted (role)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)
\gexec

ALTER ROLE xxt_runtime NOLOGIN;
ALTER ROLE xxt_migrator LOGIN PASSWORD :'migrator_password';
ALTER ROLE xxt_store LOGIN PASSWORD :'store_password';
ALTER ROLE xxt_intake LOGIN PASSWORD :'intake_password';
ALTER ROLE xxt_referral LOGIN PASSWORD :'referral_password';
ALTER ROLE xxt_notification LOGIN PASSWORD :'notification_password';

-- For backbone.horizon(), which tells the ages of transactions, and nothing else of them, to the services.
GRANT pg_read_all_stats TO xxt_migrator;

-- Whoever connects as it with something else changes nothing by mistake.
ALTER ROLE xxt_store SET default_transaction_read_only = on;

GRANT xxt_runtime TO xxt_intake, xxt_referral, xxt_notification;

-- Before PostgreSQL 16 a superuser that is not one (a managed database) must be a member of the owner it names.
GRANT xxt_migrator TO CURRENT_USER;

SELECT format('CREATE DATABASE %I OWNER xxt_migrator ENCODING ''UTF8'' TEMPLATE template0', name)
  FROM (VALUES ('xxt_intake'), ('xxt_referral'), ('xxt_notification')) AS wanted (name)
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name)
\gexec

REVOKE CONNECT, TEMPORARY ON DATABASE xxt_intake, xxt_referral, xxt_notification FROM PUBLIC;
GRANT CONNECT ON DATABASE xxt_intake TO xxt_intake, xxt_store;
GRANT CONNECT ON DATABASE xxt_referral TO xxt_referral, xxt_store;
GRANT CONNECT ON DATABASE xxt_notification TO xxt_notification, xxt_store;
