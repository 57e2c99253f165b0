-- migrate:up
SET lock_timeout = '2s';

-- Which migrations were run, as dbmate keeps them: a service is not ready before its own were (common/service/schema.h).
GRANT SELECT ON public.schema_migrations TO xxt_runtime;

-- migrate:down
REVOKE SELECT ON public.schema_migrations FROM xxt_runtime;
