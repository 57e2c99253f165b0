"""Compares the ledger with the resources it tells of: every change of a resource is one version and one event."""
import collections


# What others report of a case, whether it is open or not.
REPORTS = ("case.contact_logged.v1", "case.message_reported.v1", "case.trouble_seen.v1", "case.referral_opened.v1",
           "case.referral_progressed.v1", "case.referral_answered.v1", "case.referral_ended.v1", "case.referral_taken_back.v1",
           "case.route_sheet_ready.v1", "case.cut_off_near.v1", "case.cut_off_passed.v1")


# What has versions of its own, and tells its case only.
OF_PARTS = ("paper.", "promise.", "term.")


def walk_versions(versions, events, first="case.created.v1", last=("case.closed.v1",), after_last=REPORTS):
    """Names each history that has a gap, a fork or a wrong end.

    `versions` maps a resource's name to its version, which begins with 1 and grows by one with every change; `events` are
    the ledger's rows, {"id", "subject", "type"}, in the order of (transaction, row_number). What may come after the
    `last` event is in `after_last`: whoever reports late is heard, and changes nothing of the end.
    """
    problems = [f"event {event} is there {count} times"
                for event, count in collections.Counter(event["id"] for event in events).items() if count > 1]
    kind = next(iter(versions), "").partition("/")[0]
    histories = {name: [] for name in versions}
    for event in events:
        if event["subject"].partition("/")[0] == kind and not event["type"].startswith(OF_PARTS):
            histories.setdefault(event["subject"], []).append(event["type"])
    for name, types in histories.items():
        problems += [f"{name}: {problem}" for problem in problems_of(types, versions.get(name), first, last, after_last)]
    return problems


def problems_of(types, version, first, last, after_last):
    if version is None:
        return ["is told of and does not exist"]
    found = []
    if len(types) < version:
        found.append(f"a gap: {len(types)} events for {version} versions")
    if len(types) > version:
        found.append(f"a fork: {len(types)} events for {version} versions")
    if types and types[0] != first:
        found.append(f"begins with {types[0]}")
    if first in types[1:]:
        found.append(f"{first} again")
    ends = [place for place, type_ in enumerate(types) if type_ in last]
    if len(ends) > 1:
        found.append("ends more than once")
    if ends:
        found += [f"{type_} after {types[ends[0]]}" for type_ in types[ends[0] + 1:]
                  if type_ not in after_last and type_ not in last]
    return found
