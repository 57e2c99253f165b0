#ifndef XXT_TOOLS_XXT_STORE_COMMANDS_H_
#define XXT_TOOLS_XXT_STORE_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/events/chain.h"
#include "common/seal/seal.h"
#include "common/store/table.h"
#include "tools/xxt-store/text.h"

// What the tool does. Each command says what was asked for to `out`, and how
// far it is and what went wrong to `err`; it returns the program's exit code.
namespace xxt::store_tool {

enum ExitCode {
  kDone = 0,
  kFailed = 1,  // also: faults were found
  kUsage = 2,
};

// All of it outlives the command.
struct Surroundings {
  pqxx::connection_base& db;
  const seal::Keyring* keys = nullptr;  // null: what is sealed stays so
  Language language = Language::kChinese;
  std::ostream& out;
  std::ostream& err;
  bool live = false;  // `err` is a terminal

  void Complain(const Text& what) const { err << what.In(language) << "\n"; }
};

// Why somebody looks at what is personal.
struct Reveal {
  std::string who;  // as the operating system knows them
  std::string reason;
};

// One resource as text. What is personal is ***; with `reveal` as it is, once
// who looks, when, at what and why is committed in backbone.reveal. Needs
// `keys` for that. Faults of the row are told before it; an unreadable one is
// kFailed.
ExitCode Show(const Surroundings& around, const store::TableBase& table, const std::string& name,
              const std::optional<Reveal>& reveal);

// Looks at every row of the tables: it can be read, parses and is of its name,
// the version and the derived columns agree with the message, nothing personal
// stands open, the root is there, its key unwraps and is wrapped by a key that the
// database has noted and not retired, the blob opens. One line per fault, then
// kFailed. An erased key is no fault: it is counted. Needs `keys`, unless the
// service seals nothing.
ExitCode Verify(const Surroundings& around, const std::vector<const store::TableBase*>& tables);

// The table as JSON lines, a resource each, what is personal as ***. A row that
// cannot be read is told in `err`, and the command is kFailed when it is through.
// If `out` throws, it ends there.
ExitCode Export(const Surroundings& around, const store::TableBase& table);

// Looks whether the ledger is what services have sealed (common/events/chain.h), names the first event or block that is
// not, and then is kFailed; else says the head, which the operator may keep where no database is and give as `head`
// later. Needs `keys`.
ExitCode VerifyEvents(const Surroundings& around, const std::optional<events::Head>& head);

// The events of one subject, or of all if that is empty, as JSON lines: each with its hash, and the block that has it.
ExitCode ExportEvents(const Surroundings& around, const std::string& subject);

struct BackfillOptions {
  int batch = 200;
  std::string after;  // name of the last row that is done; empty: from the first
};
// Writes anew the rows whose derived columns this version derives otherwise, and
// those in which something stands open that is personal now. Etags stay. To run when
// all replicas of the service are of this version. How it writes: change.h. A run
// that was broken off is simply begun again: what is done is read only; `after`
// skips it. kFailed if a row had to be left as it is, or if rows of the table are found
// by hashes and the keys are not those that the database has noted.
ExitCode Backfill(const Surroundings& around, const store::TableBase& table, const BackfillOptions& options);

struct RekeyOptions {
  int batch = 200;
};
// Wraps the data keys of all roots of `tables`, which are all of the service that
// have any (row.h: TablesOf), anew with the first key of the key
// file; then retires the other keys that the database has noted, if all of it was
// written and no service has noted one for five minutes: a key file may lack
// them from then on. Refuses to begin with a key that is not the one a service
// has noted last, for then others could not read what it writes. What is sealed
// and erased stays so. How it writes: change.h; a run that was broken off is
// begun again. kFailed while a key is left that is not retired. As the service's
// own role, for the tool's may not write keys. Needs `keys`.
ExitCode Rekey(const Surroundings& around, const std::vector<const store::TableBase*>& tables,
               const RekeyOptions& options);

struct SeedOptions {
  std::int64_t cases = 0;
  int facts = 0;            // of each case
  std::int64_t bodies = 0;  // of the referral service: these, and nothing else
  bool add = false;         // also where there are some already
  int batch = 10000;
  absl::Time now;
};
// Made-up cases for benches, nine of ten closed, the last one made at `now`, or
// bodies: rows alone, without tasks and events. By COPY, `batch` rows a transaction.
// As the service's own role, for the tool's may not insert. Needs `keys`.
ExitCode Seed(const Surroundings& around, const SeedOptions& options);

}  // namespace xxt::store_tool

#endif  // XXT_TOOLS_XXT_STORE_COMMANDS_H_
