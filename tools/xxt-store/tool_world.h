#ifndef XXT_TOOLS_XXT_STORE_TOOL_WORLD_H_
#define XXT_TOOLS_XXT_STORE_TOOL_WORLD_H_

#include <initializer_list>
#include <optional>
#include <pqxx/pqxx>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/store/tx_world.h"
#include "common/testing/keys.h"
#include "tools/xxt-store/access.h"
#include "tools/xxt-store/commands.h"
#include "tools/xxt-store/register.h"

// The folders of common/store's tests, looked at by the operator's tool in its own role.
namespace xxt::store_tool {

using store::Folder;
using store::kFolders;
using store::kLines;
using store::kNotes;
using store::Line;
using store::NewerNote;
using store::Note;
using test::KeysOf;

class ToolTest : public store::TxTest {
 protected:
  ToolTest() {
    Sql("SELECT backbone.holds_messages('things.folders', 'INSERT, UPDATE'), "
        "backbone.holds_messages('things.notes', 'INSERT, UPDATE'), backbone.holds_messages('things.lines', 'INSERT')");
    connection_.emplace(*Conninfo(db_.options().dsn, kRole, db_.options().password.value()));
    service_.emplace(*Conninfo(db_.options().dsn, "", db_.options().password.value()));
    BeginWith({1});
  }

  Surroundings Around() { return {*connection_, &keys_, Language::kEnglish, out_, err_}; }
  Surroundings AroundAsService() { return {*service_, &keys_, Language::kEnglish, out_, err_}; }

  // From now on the service's key file is this one, and a replica has started with it.
  void BeginWith(std::initializer_list<int> ids) {
    keys_ = KeysOf(ids);
    pqxx::work transaction(*service_);
    NoteKey(transaction, keys_);
    transaction.commit();
  }

  // Looks at everything and returns the faults, one a line.
  std::vector<std::string> Faults() {
    const ExitCode code = Verify(Around(), {&kFolders, &kLines, &kNotes});
    const std::vector<std::string> lines = absl::StrSplit(Out(), '\n', absl::SkipEmpty());
    EXPECT_EQ(code, lines.empty() ? kDone : kFailed);
    return lines;
  }

  // What PostgreSQL says to the tool's role, "" if it does it.
  std::string Refusal(const std::string& sql) {
    try {
      pqxx::work transaction(*connection_);
      transaction.exec("SET TRANSACTION READ WRITE");
      transaction.exec(sql);
      return "";
    } catch (const pqxx::sql_error& error) {
      return error.what();
    }
  }

  // What was said since the last time.
  std::string Out() { return std::exchange(out_, std::ostringstream()).str(); }
  std::string Err() { return std::exchange(err_, std::ostringstream()).str(); }

  std::ostringstream out_;
  std::ostringstream err_;
  std::optional<pqxx::connection> connection_;
  std::optional<pqxx::connection> service_;
};

}  // namespace xxt::store_tool

#endif  // XXT_TOOLS_XXT_STORE_TOOL_WORLD_H_
