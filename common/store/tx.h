#ifndef XXT_COMMON_STORE_TX_H_
#define XXT_COMMON_STORE_TX_H_

#include <google/protobuf/message.h>
#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/concurrency/steady_time.h"
#include "common/identity/caller.h"
#include "common/paging/page.h"
#include "common/paging/page_token.h"
#include "common/pg/pool.h"
#include "common/pg/session.h"
#include "common/seal/seal.h"
#include "common/seal/split.h"
#include "common/store/row.h"
#include "common/store/table.h"

namespace xxt {

// What a transaction is about: the same for RPCs, task effects and completions
// of the desk. Outlives the transaction.
struct Circumstances {
  const identity::Caller& caller;  // of a task: this service, of all halls; of the desk: the person
  absl::Time now;                  // business time, read once; as PostgreSQL keeps it
  SteadyTime deadline = SteadyTime::InfiniteFuture();
  std::string method = {};  // of an RPC: what page tokens are bound to
  const seal::Keyring& keys;
  bool reads_only = false;  // pg::Read: nothing may be changed
  // A blob that does not open, though nothing was erased, is an error instead of
  // words left out, and so is a state that only a newer version knows. For the
  // machine: people see that something is missing or unknown, it would act as if
  // that had never been said.
  bool must_open = false;
};

// One transaction, for a use case: what it may ask and change. Made anew for
// each run of a body, which may run again: nothing in it outlives the run.
//
// Who changes something locks its root first (Load of a root), then what hangs
// on it; tasks go last by themselves (Session::QueueLast). Insert, Save and Tell
// only queue, so that a use case that asks nothing shares its commit (decision
// 0013). What goes wrong in them makes the transaction fail: see `failure`.
class Tx {
 public:
  Tx(pg::Session& in, const Circumstances& of)
      : session(in), caller(of.caller), now(of.now), deadline(of.deadline), of_(of) {}
  Tx(const Tx&) = delete;
  Tx& operator=(const Tx&) = delete;

  pg::Session& session;
  const identity::Caller& caller;
  const absl::Time now;
  const SteadyTime deadline;

  // Reads one, whole. Of a child, hall and key come from its root in the same
  // statement. A blob that does not open leaves its texts out. Errors:
  // RESOURCE_NOT_FOUND, also for a name that is none of the table; OTHER_HALL;
  // INTERNAL if the bytes cannot be read, or the blob does not open, or the state
  // is not known, and must (Circumstances::must_open).
  absl::Status Get(const store::TableBase& table, absl::string_view name, google::protobuf::Message* found);

  // The same for this transaction to change: a root is locked by it; a child's
  // root must be locked already (else INTERNAL), and is lock enough for it.
  // `etag` may be empty: not checked. Errors: ETAG_MISMATCH, too; INTERNAL also of
  // a state that only a newer version knows, for nobody here can say what may
  // follow it.
  absl::Status Load(const store::TableBase& table, absl::string_view name, absl::string_view etag,
                    google::protobuf::Message* found);

  // Whose it is, by its columns: also of a row whose bytes nobody can read. Errors:
  // RESOURCE_NOT_FOUND, OTHER_HALL.
  absl::StatusOr<std::string> HallOf(const store::TableBase& table, absl::string_view name);

  // Everything of `list`, one of Of::kParent that asks for nothing but the
  // parent, in its order and for this transaction to change: each may be saved.
  // For who decides by all of them, so that none may be missed: INTERNAL if the
  // root is not locked, if there are more than 1,000, or one cannot be read, or
  // opened where it must, or is in a state that only a newer version knows.
  template <typename M>
  absl::Status LoadAll(const store::Table<M>& table, const char* list, absl::string_view parent,
                       google::protobuf::RepeatedPtrField<M>* found) {
    found->Clear();
    return LoadEach(table, list, parent, [found]() -> google::protobuf::Message* { return found->Add(); });
  }

  // Whether what is personal under the root of `name`, which this transaction
  // has locked, was erased: nothing personal may be added there.
  bool IsErased(absl::string_view name) const;

  // The data key of `root`: known, if this transaction has locked or made it, else
  // read (store::WrappedKeyOf). For who keeps what tells of it elsewhere.
  absl::StatusOr<store::RootKey> FindKey(absl::string_view root);

  // Queues the row of a new resource. Its `name` must be set (NewName); sets
  // create_time, update_time and etag "1", where it has them. Of a root, makes
  // its key; a child's root must be locked, or made in this transaction.
  void Insert(const store::TableBase& table, google::protobuf::Message& made);

  // Queues what has changed of a resource that this transaction had from Load
  // or Insert: counts its etag on, sets update_time, writes `sealed` only if
  // something personal differs from what was loaded. A root whose key was
  // erased, and a blob that does not open, keep their rows without what was
  // personal; new personal words in them are PERSONAL_DATA_ERASED and INTERNAL.
  // What a newer version has in the row goes with the part of the message that it
  // lies in (seal/split.h), so that any part, or all, may be replaced.
  void Save(const store::TableBase& table, google::protobuf::Message& changed);

  // A page of the list `name`, as `request` asks by its page_size, page_token
  // and the fields that the list's `equal` names (ids: those of its `parent`), into the
  // repeated field of `response`, with next_page_token. Of::kParent shows what
  // is personal and returns RESOURCE_NOT_FOUND and OTHER_HALL for its root;
  // Of::kHalls never reads `sealed`, and `request.hall`, if there is one, narrows it. A
  // row whose bytes cannot be read is listed with its name alone, logged and
  // counted: one bad row hides no other. Errors: PAGE_TOKEN_INVALID, OTHER_HALL.
  absl::Status List(const store::TableBase& table, const char* name, const google::protobuf::Message& request,
                    google::protobuf::Message* response);

  // The same by a statement of the slice's own, for lists that are no walk of
  // one index. It sees to the halls itself, and reads nothing personal.
  struct OwnList {
    const pg::Statement& statement;  // → ids, message, key. Parameters: `first`, those of the key, how many rows
    std::vector<pg::Param> first;
    std::vector<std::string> key;  // what rows are ordered by: "timestamptz", "uuid"
    bool descending = false;
  };
  absl::Status List(const store::TableBase& table, OwnList list, const google::protobuf::Message& request,
                    google::protobuf::Message* response);

  // The page that `request` asks for, of a list that is no table's; its token is
  // bound as those of List are. Errors: PAGE_TOKEN_INVALID.
  absl::StatusOr<paging::Page> PageOf(const google::protobuf::Message& request,
                                      const std::vector<paging::Part>& parts) const;

  // By what rows are found in which `field`, one that is marked `search`, says `text`.
  std::string SearchHash(const google::protobuf::FieldDescriptor& field, absl::string_view text) const {
    return of_.keys.SearchHash(field.full_name(), text);
  }

  // Queues an event about `subject`, a resource or a root: its name and hall,
  // this caller and now. `summary` for people, without personal data.
  template <typename Subject>
  void Tell(const Subject& subject, absl::string_view type, absl::string_view summary) {
    if constexpr (std::is_base_of_v<google::protobuf::Message, Subject>) {
      TellOf(subject.name(), subject.hall(), type, summary);
    } else {
      TellOf(subject.name, subject.hall, type, summary);
    }
  }

  // Why it must not be committed whatever the body returned: a change in a
  // read, a Save of what was not loaded, a child of a root that is not locked,
  // more than a megabyte, words for an erased person. Whoever made this Tx
  // asks after the body.
  const absl::Status& failure() const { return failure_; }

 private:
  // What the row had when it was read or written last.
  struct Loaded {
    std::int64_t version = 0;
    store::Unsealed unsealed;
  };

  // The row that Get reads. Errors: RESOURCE_NOT_FOUND, OTHER_HALL.
  absl::StatusOr<pg::Result> Find(const store::TableBase& table, absl::string_view name);
  // store::ReadRow, with the errors of Get.
  absl::Status ReadRow(const store::TableBase& table, absl::string_view name, const store::RootKey& key,
                       const pg::Row& row, int at, google::protobuf::Message* found, store::Unsealed* unsealed) const;
  // Reads each row of LoadAll into what `add` returns.
  absl::Status LoadEach(const store::TableBase& table, const char* list, absl::string_view parent,
                        absl::FunctionRef<google::protobuf::Message*()> add);
  // Notes what was loaded, so that it can be saved. Errors: INTERNAL if its etag is
  // none, or its state only a newer version's.
  absl::Status Remember(const store::TableBase& table, const google::protobuf::Message& found, Loaded loaded);
  // Notes that this transaction has locked a root, with its key as the row has it (empty: erased).
  void Locked(absl::string_view root, absl::string_view wrapped_key);
  // Makes the key of a root that is new, for the row.
  std::string MakeKey(absl::string_view root);
  // The key of the root of `name`, which this transaction has locked; null if it has not.
  const store::RootKey* KeyOf(absl::string_view name) const;
  // Seals for `name`; nullopt, and the transaction fails, if that cannot be.
  std::optional<std::string> Seal(const store::TableBase& table, absl::string_view name, const store::RootKey& key,
                                  const std::vector<seal::Leaf>& leaves);
  // Whether a change of the table may be queued, of as much as this.
  bool MayChange(const store::TableBase& table, const store::Written& written);
  void Fail(absl::Status why);
  void TellOf(absl::string_view subject, absl::string_view hall, absl::string_view type, absl::string_view summary);

  const Circumstances& of_;
  std::map<std::string, store::RootKey, std::less<>> keys_;  // of locked roots
  std::map<std::string, Loaded, std::less<>> loaded_;        // by name
  absl::Status failure_;
};

// Runs `body` in one transaction (pg::InTransaction), or in one that exists
// already (a task's effect, a completion). Fails with the body's status, else
// with Tx::failure(). The one door to what is sealed: as long as the keys are not
// known to be the database's (Keyring::checked) it answers STORE_UNAVAILABLE and
// does not run `body`, so that nothing is sealed with others, for good.
absl::Status InTx(pg::Pool& pool, const Circumstances& of, absl::FunctionRef<absl::Status(Tx&)> body);
absl::Status InTx(pg::Session& session, const Circumstances& of, absl::FunctionRef<absl::Status(Tx&)> body);

}  // namespace xxt

#endif  // XXT_COMMON_STORE_TX_H_
