#include "tools/xxt-store/app.h"

#include <sys/stat.h>

#include <fstream>
#include <streambuf>
#include <vector>

#include "common/testing/scratch_dir.h"
#include "tools/xxt-store/tool_world.h"

namespace xxt::store_tool {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class AppTest : public ToolTest {
 protected:
  AppTest() {
    const std::string keys = dir_.Write("keys", absl::StrCat("1 ", absl::Base64Escape(std::string(32, 1)), "\nsearch ",
                                                             absl::Base64Escape(std::string(32, 's'))));
    ::chmod(keys.c_str(), 0600);
    password_ = dir_.Write("password", db_.options().password.value() + "\n");
    ::chmod(password_.c_str(), 0600);
    // As a service has it, with a secret that the operator may not read.
    config_ = dir_.Write(
        "things.yaml",
        absl::StrCat("postgres: {dsn: \"", db_.options().dsn, "\", connections: 12, password_file: \"", password_,
                     "\"}\n", "redis: {password_file: /nowhere/at/all}\n", "seal: {key_file: \"", keys, "\"}\n"));
  }

  ExitCode Run(const std::vector<const char*>& words, const char* language = "en") {
    return Run(words, language, out_);
  }
  ExitCode Run(const std::vector<const char*>& words, const char* language, std::ostream& out) {
    std::vector<const char*> all = {"xxt-store",       "--service",       "things", "--config", config_.c_str(),
                                    "--password-file", password_.c_str(), "--lang", language};
    all.insert(all.end(), words.begin(), words.end());
    return RunApp(static_cast<int>(all.size()), all.data(), out, err_);
  }

  test::ScratchDir dir_;
  std::string config_;
  std::string password_;
  const Folder folder_ = MakeFolder();
};

TEST_F(AppTest, ShowsByNameAsTheOperatorsRole) {
  EXPECT_EQ(Run({"show", folder_.name().c_str()}), kDone);
  EXPECT_THAT(Out(), AllOf(HasSubstr("title: \"a folder\""), HasSubstr("summary: \"***\""), Not(HasSubstr("canary"))));
  EXPECT_EQ(Run({"show", folder_.name().c_str(), "--reveal", "a letter came back"}), kDone);
  EXPECT_THAT(Out(), HasSubstr("canary summary"));
  EXPECT_THAT(Sql("SELECT who || ' ' || role || ' ' || reason FROM backbone.reveal"),
              HasSubstr(" xxt_store a letter came back"));
}

TEST_F(AppTest, SpeaksChineseToo) {
  EXPECT_EQ(Run({"show", folder_.name().c_str()}, "zh"), kDone);
  EXPECT_THAT(Out(), HasSubstr("# things.folders，个人信息已遮盖\n"));
  EXPECT_EQ(Run({"show", "--help"}, "zh"), kDone);
  EXPECT_THAT(Out(), HasSubstr("何人、何时、何故都记录在案"));
}

TEST_F(AppTest, RevealsNothingWithoutAReason) {
  EXPECT_EQ(Run({"show", folder_.name().c_str(), "--reveal", "  "}), kUsage);
  EXPECT_THAT(Err(), HasSubstr("needs a reason"));
  EXPECT_EQ(Out(), "");
}

TEST_F(AppTest, RevealsNothingWithoutTheKeyFile) {
  EXPECT_EQ(Run({"--key-file", "/nowhere/at/all", "show", folder_.name().c_str(), "--reveal", "curious"}), kUsage);
  EXPECT_EQ(Sql("SELECT count(*) FROM backbone.reveal"), "0");
  EXPECT_EQ(Run({"--key-file", "/nowhere/at/all", "show", folder_.name().c_str()}), kDone);
  EXPECT_THAT(Out(), HasSubstr("sealed (no key file)"));
}

// Takes nothing, as a disk that is full.
class Full final : public std::streambuf {};

TEST_F(AppTest, FailsAtOnceWhereItsOutputIsNotTaken) {
  Full full;
  const std::vector<std::vector<const char*>> commands = {
      {"export", "folders"}, {"show", folder_.name().c_str()}, {"--help"}};
  for (const std::vector<const char*>& words : commands) {
    std::ostream out(&full);
    EXPECT_EQ(Run(words, "en", out), kFailed) << words[0];
    EXPECT_EQ(Err(), "standard output cannot be written\n") << words[0];
  }
}

TEST_F(AppTest, FailsWhereWhatItHasWrittenIsNotTakenAtTheEnd) {
  std::ofstream out("/dev/full");  // its buffer takes a few lines
  EXPECT_EQ(Run({"export", "folders"}, "en", out), kFailed);
  EXPECT_THAT(Err(), HasSubstr("standard output cannot be written\n"));
}

TEST_F(AppTest, VerifiesAllTablesOrThoseThatAreNamed) {
  EXPECT_EQ(Run({"verify"}), kDone);
  EXPECT_THAT(Err(), AllOf(HasSubstr("things.folders 1 rows, 0 faults"), HasSubstr("things.lines 0 rows"),
                           HasSubstr("things.notes 0 rows")));
  EXPECT_EQ(Run({"verify", "lines", "things.notes"}), kDone);
  EXPECT_THAT(Err(), Not(HasSubstr("folders")));
  Set(kFolders, folder_.name(), "hall = 'halls/1'");
  EXPECT_EQ(Run({"verify"}), kFailed);
  EXPECT_EQ(Out(), absl::StrCat("things.folders ", folder_.name(), ": column hall is halls/1, the message says ",
                                store::kHall, "\n"));
  EXPECT_EQ(Run({"backfill", "folders"}), kDone);
  EXPECT_EQ(Run({"verify"}), kDone);
}

TEST_F(AppTest, KeysAnewAsTheServicesRole) {
  EXPECT_EQ(Run({"rekey"}), kDone);
  EXPECT_THAT(Err(), HasSubstr("things.folders 1 rows, 0 written, 0 left"));
  Sql("INSERT INTO backbone.seal_key (id, mark) VALUES (7, '\\x00')");
  EXPECT_EQ(Run({"rekey"}, "zh"), kFailed);
  EXPECT_EQ(Err(), "密钥文件与这个库不符：少了 7 号主密钥\n");
}

TEST_F(AppTest, VerifiesNothingWithoutTheKeysOfAServiceThatSeals) {
  config_ = dir_.Write("unsealed.yaml", absl::StrCat("postgres: {dsn: \"", db_.options().dsn, "\"}\n"));
  EXPECT_EQ(Run({"verify"}), kUsage);
  EXPECT_EQ(Err(), "the configuration has no seal.key_file\n");
  EXPECT_EQ(Run({"backfill", "notes"}), kUsage);
  EXPECT_EQ(Run({"export", "notes"}), kDone);
}

TEST_F(AppTest, SaysWhichTablesThereAre) {
  EXPECT_EQ(Run({"export", "promises"}), kUsage);
  EXPECT_EQ(Err(), "no table promises; there are: folders lines notes\n");
  EXPECT_EQ(Run({"show", "cases/1"}), kUsage);
  EXPECT_EQ(Err(), "cases/1 is no name of a resource here\n");
  EXPECT_EQ(Run({"--service", "nothing", "verify"}), kUsage);
}

TEST_F(AppTest, SaysWhatIsWrongWithTheDatabase) {
  config_ = dir_.Write("other.yaml", "postgres: {dsn: \"host=127.0.0.1 port=1 dbname=none user=nobody\"}\n");
  EXPECT_EQ(Run({"export", "notes"}), kFailed);
  EXPECT_THAT(Err(), HasSubstr("PostgreSQL: "));
  config_ = dir_.Write("none.yaml", "redis: {address: x}\n");
  EXPECT_EQ(Run({"verify"}), kUsage);
  EXPECT_THAT(Err(), HasSubstr("has no postgres.dsn"));
  config_ = dir_.Write("cell.yaml", "cell: 7\npostgres: {dsn: \"dbname=none\"}\n");
  EXPECT_EQ(Run({"verify"}), kUsage);
  EXPECT_THAT(Err(), HasSubstr("cell.yaml: cell is none"));
}

TEST_F(AppTest, TakesAUriAndLeavesItsUserAndPassword) {
  const auto conninfo =
      Conninfo("postgresql://xxt_intake:secret@db1,db2:5433/xxt_intake?sslmode=require", kRole, "it's");
  ASSERT_TRUE(conninfo.ok()) << conninfo.status();
  EXPECT_THAT(*conninfo,
              AllOf(HasSubstr("host='db1,db2'"), HasSubstr("sslmode='require'"),
                    HasSubstr("user='xxt_store' password='it\\'s' "), HasSubstr("target_session_attrs='primary'")));
  EXPECT_FALSE(Conninfo("nonsense", kRole, "").ok());
}

}  // namespace
}  // namespace xxt::store_tool
