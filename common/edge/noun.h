#ifndef XXT_COMMON_EDGE_NOUN_H_
#define XXT_COMMON_EDGE_NOUN_H_

// What the .cc of every slice needs, and the one precompiled header of them
// all: the edge, tables and transactions, tasks, errors, times. Headers name
// what they use themselves.

#include "common/edge/edge.h"       // IWYU pragma: export
#include "common/edge/sentinels.h"  // IWYU pragma: export
#include "common/edge/slice.h"      // IWYU pragma: export
#include "common/rpc/timestamp.h"   // IWYU pragma: export
#include "common/status/errors.h"   // IWYU pragma: export
#include "common/status/macros.h"   // IWYU pragma: export
#include "common/store/table.h"     // IWYU pragma: export
#include "common/store/tx.h"        // IWYU pragma: export
#include "common/tasks/task.h"      // IWYU pragma: export

#endif  // XXT_COMMON_EDGE_NOUN_H_
