"""Carries the steps of a plan out and keeps count; every step leaves one line."""
import collections
import secrets
import subprocess
import threading
import time

from plan import COMMITS

REDIS_MEMORY = "256mb"


class Journal:
    """One line per step, and what the judge must know of the steps."""

    def __init__(self, path, only_at_points=False):
        self.only_at_points = only_at_points  # others do not count towards what is wanted
        self.started = time.time()
        self.path = path
        self.lines = []
        self.kills = collections.Counter()  # by crash point, and "outside"
        self.done = collections.Counter()  # steps by what they did
        self.spans = []  # (what, from, to) in wall-clock seconds
        self.deaths = []  # (service, process id, when it was seen)
        self.exits = []  # the same of those that ended otherwise
        self.pauses = []  # (service, process id, from, to)
        self.stopped = collections.Counter()  # services' processes that were paused and went on
        self.lock = threading.Lock()

    def write(self, step, began, outcome):
        line = f"{began - self.started:7.2f} s +{time.time() - began:5.2f} {step}: {outcome}"
        with self.lock:
            self.lines.append(line)
            self.done[step.do] += 1
            self.spans.append((step, began, time.time()))
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(line + "\n")

    def killed(self, point):
        with self.lock:
            self.kills[point] += 1

    def died(self, service, pid):
        with self.lock:
            self.deaths.append((service, pid, time.time()))

    def exited(self, service, pid):
        with self.lock:
            self.exits.append((service, pid, time.time()))

    def paused(self, service, pid, began, went_on):
        with self.lock:
            self.pauses.append((service, pid, began, time.time()))
            self.stopped[service] += went_on

    @property
    def kill_count(self):
        with self.lock:
            outside = self.kills["outside"] if self.only_at_points else 0
            return sum(self.kills.values()) - outside


class ReplicaFaults:
    """What a replica's lane does."""

    def __init__(self, instance, replicas, journal, over):
        self.instance, self.replicas, self.journal, self.over = instance, replicas, journal, over

    def carry_out(self, step):
        began = time.time()
        service, _, index = step.lane.rpartition("-")
        replica = self.replicas[service][int(index)]
        outcome = getattr(self, step.do)(replica, step)
        self.journal.write(step, began, outcome)

    def end(self, replica):
        if replica.kill():
            self.journal.killed("outside")

    def crash(self, replica, step):
        point = step.how["point"]
        replica.start(crash_at=f"{point}:{step.how['passage']}")
        replica.await_listening(self.over)
        if replica.wait(step.how["within"]):
            self.journal.killed(point)
            return "died there"
        self.end(replica)
        return "killed from outside"

    def double(self, replica, step):
        replica.start()
        replica.await_listening(self.over)
        self.over.wait(step.how["within"])
        for each in self.replicas[replica.service]:
            self.end(each)
        return "both killed"

    def pause(self, replica, step):
        replica.start(crash_at=f"{step.how['point']}:{step.how['passage']}:stop")
        there = replica.pause(step.how["within"] + 1, step.how["seconds"])
        if there and self.journal.only_at_points:
            self.journal.killed(step.how["point"])
        time.sleep(1.5)  # to do what it has in hand
        self.end(replica)
        return f"stopped {'there' if there else 'from outside'}, went on, then killed"

    def terminate(self, replica, step):
        replica.start()
        listening = replica.await_listening(self.over)
        self.over.wait(step.how["within"])
        began = time.time()
        if not listening:  # nobody there yet whom one could ask
            self.end(replica)
            return "killed before it listened"
        replica.terminate()
        return f"ended after {time.time() - began:.2f} s"

    def clock(self, replica, step):
        file = self.instance.dir / f"faketime-{replica.name}"
        file.write_text("+0\n")
        replica.start(fake_clock=file)
        replica.await_listening(self.over)
        for offset in step.how["steps"]:
            self.over.wait(step.how["within"])
            file.write_text(f"{offset:+d}\n")
        self.over.wait(step.how["within"])
        self.end(replica)
        return "clock stepped, then killed"


class SurroundingFaults:
    """What happens to the stores, the network and the channels."""

    def __init__(self, instance, journal, over):
        self.instance, self.journal, self.over = instance, journal, over

    def carry_out(self, step):
        began = time.time()
        outcome = getattr(self, step.do)(**step.how)
        self.journal.write(step, began, outcome or "done")

    def redis_flush(self):
        self.instance.redis("FLUSHALL")

    def redis_restart(self):
        self.instance.restart_redis()

    def redis_oom(self, seconds):
        self.instance.redis("CONFIG", "SET", "maxmemory", "1")
        self.over.wait(seconds)
        self.instance.redis("CONFIG", "SET", "maxmemory", REDIS_MEMORY)

    def redis_read_only(self, seconds):
        self.instance.redis("REPLICAOF", "127.0.0.1", "1")
        self.over.wait(seconds)
        self.instance.redis("REPLICAOF", "NO", "ONE")

    def redis_loading(self, seconds):
        """A restart that reads what it kept so slowly that clients are told LOADING."""
        for number in range(20):
            self.instance.redis("SET", f"ballast:{number}", secrets.token_hex(3000))
        self.instance.redis("BGREWRITEAOF")
        while "aof_rewrite_in_progress:0" not in self.instance.redis("INFO", "persistence"):
            time.sleep(0.05)
        self.instance.restart_redis("--key-load-delay", str(int(seconds * 1e6 / 20)),
                                    "--loading-process-events-interval-bytes", "1024")
        loading = "LOADING" in self.instance.redis("PING")
        deadline = time.monotonic() + 20
        while "PONG" not in self.instance.redis("PING") and time.monotonic() < deadline:
            time.sleep(0.1)
        self.instance.redis("CONFIG", "SET", "key-load-delay", "0")
        with self.journal.lock:
            self.journal.done["redis answered LOADING"] += loading
        return "answered LOADING" if loading else "was ready at once"

    def pg_kill(self):
        self.instance.restart_postgres()

    def failover(self, notice):
        self.instance.fail_over(notice)

    def pg_read_only(self, seconds):
        self.instance.sql("", "ALTER SYSTEM SET default_transaction_read_only = on")
        self.instance.sql("", "SELECT pg_reload_conf()")
        self.over.wait(seconds)
        self.instance.sql("", "ALTER SYSTEM RESET default_transaction_read_only")
        self.instance.sql("", "SELECT pg_reload_conf()")

    def pg_lock(self, service, seconds):
        """In a session for each table: one that held the first while it waits for the next would make deadlocks of its own."""
        ended = []

        def hold(table):
            try:
                self.instance.sql(service, f"LOCK TABLE backbone.{table} IN EXCLUSIVE MODE; SELECT pg_sleep({seconds})")
            except (RuntimeError, subprocess.TimeoutExpired):
                ended.append(table)

        holders = [threading.Thread(target=hold, args=(table,)) for table in ("machine_task", "timer", "desk_task")]
        for holder in holders:
            holder.start()
        for holder in holders:
            holder.join()
        return "ended early" if ended else None

    def cut(self, route, direction, bytes, count):  # pylint: disable=redefined-builtin
        before = self.instance.break_route(route, mode="cut_after", direction=direction, bytes=bytes, count=count)
        after = self.until_used_up(route, "cut_after", 3)
        return f"{after['cut'] - before['cut']} cut"

    def cut_commit(self, route, count, when, seed, marks=COMMITS, seconds=4):
        before = self.instance.break_route(route, mode="cut_commit", count=count, when=when, seed=seed, marks=marks)
        cut = self.until_used_up(route, "cut_commit", seconds)["commits_cut"] - before["commits_cut"]
        with self.journal.lock:
            self.journal.done["commits cut"] += cut
        return f"{cut} commits cut {when}"

    def until_used_up(self, route, mode, seconds):
        """Until what was ordered has happened often enough, or for that long; answers the proxy's counters."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.over.wait(0.1):
            if self.instance.http("proxy", f"/control?route={route}")["mode"] != mode:
                break
        return self.instance.break_route(route, mode="ok")

    def swizzle(self, route, seconds, seed):
        self.instance.break_route(route, mode="swizzle", hold_ms=int(seconds * 1000 / 20), seed=seed)
        self.over.wait(seconds)
        self.instance.break_route(route, mode="ok")

    def blackhole(self, route, seconds, **_):
        self._for_a_while(route, seconds, mode="blackhole")

    def refuse(self, route, seconds, **_):
        self._for_a_while(route, seconds, mode="refuse")

    def slow(self, route, delay_ms):
        """From now on."""
        self.instance.break_route(route, mode="ok", delay_ms=delay_ms)

    def peace(self, seconds):
        self.over.wait(seconds)

    def _for_a_while(self, route, seconds, **how):
        self.instance.break_route(route, **how)
        self.over.wait(seconds)
        self.instance.break_route(route, mode="ok")

    def sms(self, mode, count):
        self.instance.http("phone", "/control", {"mode": mode, "count": count})
        return self.until_met("phone", "mode", mode)

    def smtp(self, mode, count):
        self.instance.http("mail", "/control", {"smtp": mode, "count": count})
        return self.until_met("mail", "smtp", mode)

    def until_met(self, channel, key, mode):
        """The next step would take its place: waits until it is used up, a while at most."""
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline and not self.over.wait(0.1):
            if self.instance.http(channel, "/control")[key] != mode:
                return "met"
        return "not met for 2 s"

    def heal(self):
        """Ends every fault; nothing else is done for the services."""
        self.instance.heal_routes()
        self.instance.http("phone", "/control", {"mode": "ok"})
        self.instance.http("mail", "/control", {"smtp": "ok"})
        self.instance.redis("REPLICAOF", "NO", "ONE")
        self.instance.redis("CONFIG", "SET", "maxmemory", REDIS_MEMORY)
        self.instance.sql("", "ALTER SYSTEM RESET default_transaction_read_only")
        self.instance.sql("", "SELECT pg_reload_conf()")
