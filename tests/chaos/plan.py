"""What a campaign does, from its seed alone: a list of steps for every lane. One seed is one plan.

A lane is a sequence of steps that one thread carries out (faults.py): one lane per replica, which starts it and ends
it, and one for everything around the services. When the threads meet is not in the plan.
"""
import dataclasses
import random
import re

from client import ROOT

OWN_POINTS = {"intake": ("intake.",), "referral": ("referral.",), "notification": ("notification.",)}
SHARED = ("pg.", "tasks.", "rpc.")
PG_ROUTES = ("pg-intake", "pg-referral", "pg-notification")
# All others: to Redis, to the channels, and to each service, for its callers and the services that call it.
ROUTES = ("redis", "smtp", "imap", "sms", *OWN_POINTS)
# Statements of which the last piece of a transaction that changes something is made.
COMMITS = ["pg.commit\0", "idempotency.store", "task.settle", "task.put_back", "task.claim"]


@dataclasses.dataclass
class Step:
    lane: str
    number: int
    do: str
    how: dict

    def __str__(self):
        how = " ".join(f"{key}={value}" for key, value in self.how.items())
        return f"{self.lane} #{self.number} {self.do} {how}".rstrip()


def crash_points():
    """Every name in XXT_CRASH_POINT("…") of the source."""
    names = set()
    for folder in ("common", "services"):
        for path in (ROOT / folder).rglob("*.cc"):
            names.update(re.findall(r'XXT_CRASH_POINT\("([a-z_.]+)"\)', path.read_text()))
    return sorted(names)


def points_of(service):
    return [point for point in crash_points() if point.startswith(SHARED) or point.startswith(OWN_POINTS[service])]


def points_wanted(options, service):
    """Where replicas of that service die; none: nothing happens to them."""
    if options.calm_lanes:
        return []
    return [point for point in points_of(service) if point in options.points or not options.points]


def replica_steps(options, service, index):
    """Endless: what replica `index` of `service` lives through."""
    chance = random.Random(f"{options.seed}/{service}/{index}")
    points = points_wanted(options, service)
    deck = []
    number = 0
    while points:
        if not deck:
            deck = ["crash"] * options.crashes_per_deck + ["double", "pause", "terminate", "clock"]
            wanted = options.dos or (("crash",) if options.points else deck)
            deck = [do for do in deck if do in wanted]
            chance.shuffle(deck)
        number += 1
        do = deck.pop()
        how = {"within": 20 if options.points else round(chance.uniform(0.5, options.patience_s), 2)}
        if do in ("crash", "pause"):
            how |= {"point": chance.choice(points), "passage": 1 + int(chance.expovariate(0.9))}
        if do == "pause":
            how["seconds"] = round(options.lease_s * chance.uniform(1.2, 2.2), 2)
        elif do == "clock":
            how["steps"] = [chance.choice([3600, -3600]), 0]
        yield Step(f"{service}-{index}", number, do, how)


def surrounding_deck(chance):
    """Per hundred kills: 3 losses of Redis, 2 of PostgreSQL, 21 cut commits, and one or two of all else."""
    stores = [("redis_flush", {}), ("redis_restart", {}), ("redis_flush", {}), ("pg_kill", {}), ("pg_kill", {})]
    stores += [("pg_read_only", {"seconds": round(chance.uniform(0.5, 2), 2)}),
             ("pg_lock", {"service": chance.choice(list(OWN_POINTS)), "seconds": round(chance.uniform(0.5, 2.5), 2)}),
             ("redis_oom", {"seconds": round(chance.uniform(1, 3), 2)}),
             ("redis_read_only", {"seconds": round(chance.uniform(1, 3), 2)}),
             ("redis_loading", {"seconds": 2}),
             ("blackhole", {"route": "redis", "seconds": round(chance.uniform(1, 4), 2)})]
    deck = []
    for route in PG_ROUTES:
        deck.append(("cut_commit", {"route": route, "count": 8, "when": chance.choice(["before", "inside", "after"]),
                                    "seed": chance.randrange(10**6)}))
    for route in (*ROUTES, chance.choice(PG_ROUTES)):
        deck.append(("cut", {"route": route, "direction": chance.choice(["up", "down"]),
                             "bytes": int(chance.expovariate(1 / 400)), "count": chance.randrange(1, 4)}))
    for route in chance.sample([*ROUTES, *PG_ROUTES], 3):
        deck.append((chance.choice(["swizzle", "blackhole", "refuse"]),
                     {"route": route, "seconds": round(chance.uniform(0.5, 2.5), 2), "seed": chance.randrange(10**6)}))
    deck += [("sms", {"mode": mode, "count": chance.randrange(1, 4)})
             for mode in ("drop_reply", "drop_request", "reject_temporary", "down")]
    deck += [("smtp", {"mode": mode, "count": chance.randrange(1, 3)})
             for mode in ("drop_after_data", "drop_before_store", "tempfail", "down")]
    chance.shuffle(stores)
    chance.shuffle(deck)
    return {"stores": stores, "network": deck}


def surrounding_steps(options, lane):
    """Endless: what happens around the services, in decks. A script takes the place of them all."""
    if options.script:
        yield [Step(lane, number, do, how) for number, (do, how) in enumerate(options.script, 1) if lane == "network"]
        return
    chance = random.Random(f"{options.seed}/around")
    number = 0
    while True:
        deck = []
        dealt = surrounding_deck(chance)[lane]
        if options.failover and number == 0 and lane == "stores":
            dealt.insert(len(dealt) // 2, ("failover", {"notice": 1}))
        for do, how in dealt:
            if do in options.only or not options.only:
                number += 1
                deck.append(Step(lane, number, do, how))
        yield deck


KILLS_PER_DECK = 100
