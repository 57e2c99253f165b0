#include "common/pg/insert.h"

#include <gtest/gtest.h>

#include <string>

namespace xxt::pg {
namespace {

const Insert kPaper("test.paper", "papers", {{"id", "int"}, {"note", "text"}}, "ON CONFLICT DO NOTHING");
const Insert kPerson("test.person", "people", {{"id", "int"}, {"note", "text"}});
constexpr Statement kDelete{"test.delete", "DELETE FROM papers"};

using Pending = Connection::Pending;

// "test.paper.many({"1","2"}, {"a",NULL})"
std::string Joined(const std::vector<Pending>& statements) {
  std::vector<const Pending*> pointers;
  for (const Pending& statement : statements) pointers.push_back(&statement);
  std::string shown;
  for (const Pending& statement : JoinRows(pointers)) {
    shown.append(shown.empty() ? "" : " ").append(statement.statement->name).append("(");
    for (std::size_t i = 0; i < statement.params.size(); ++i) {
      shown.append(i == 0 ? "" : "; ").append(statement.params[i].AsText().value_or("NULL"));
    }
    shown.append(")");
  }
  return shown;
}

TEST(Insert, HasAStatementForOneRowAndOneForMany) {
  const Statement& one = kPaper;
  EXPECT_STREQ(one.sql, "INSERT INTO papers (id, note) VALUES ($1::int, $2::text) ON CONFLICT DO NOTHING");
  EXPECT_STREQ(one.for_many->sql,
               "INSERT INTO papers (id, note) SELECT * FROM unnest($1::int[], $2::text[]) ON CONFLICT DO NOTHING");
}

TEST(JoinRows, PutsRowsOfOneTableTogetherInTheirOrder) {
  EXPECT_EQ(Joined({{&static_cast<const Statement&>(kPaper), {1, "a"}},
                    {&static_cast<const Statement&>(kPerson), {7, "p"}},
                    {&static_cast<const Statement&>(kPaper), {2, std::nullopt}},
                    {&static_cast<const Statement&>(kPaper), {3, "q\"\\,{}"}}}),
            R"(test.paper.many({"1","2","3"}; {"a",NULL,"q\"\\,{}"}) test.person(7; p))");
}

TEST(JoinRows, MovesNoRowOverAnythingButRows) {
  const Statement& paper = kPaper;
  EXPECT_EQ(Joined({{&paper, {1, "a"}}, {&kDelete, {}}, {&paper, {2, "b"}}}),
            "test.paper(1; a) test.delete() test.paper(2; b)");
}

}  // namespace
}  // namespace xxt::pg
