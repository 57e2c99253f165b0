// Feeds every target what is in its folder of the corpus, in any build.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/fuzz/targets.h"

namespace xxt::fuzz {
namespace {

using Target = std::pair<std::string, bool (*)(absl::string_view)>;

class Corpus : public testing::TestWithParam<Target> {};

TEST_P(Corpus, IsReadWithoutHarm) {
  const auto& [name, target] = GetParam();
  int read = 0;
  target("");
  for (const auto& file : std::filesystem::directory_iterator(XXT_SOURCE_DIR "/tests/fuzz/corpus/" + name)) {
    SCOPED_TRACE(file.path());
    std::ostringstream bytes;
    bytes << std::ifstream(file.path(), std::ios::binary).rdbuf();
    if (target(bytes.str())) ++read;
    // Whatever is cut off.
    const std::string whole = bytes.str();
    for (std::size_t size = 0; size < whole.size(); size += whole.size() / 16 + 1) target(whole.substr(0, size));
  }
  EXPECT_GE(read, 3);
}

INSTANTIATE_TEST_SUITE_P(Of, Corpus,
                         testing::Values(Target{"token", Token}, Target{"page_token", PageToken},
                                         Target{"resume_token", ResumeToken}, Target{"mail", Mail},
                                         Target{"imap_answers", ImapAnswers}, Target{"gateway_answer", GatewayAnswer},
                                         Target{"receipts", Receipts}, Target{"document", Document}, Target{"row", Row},
                                         Target{"trace_parent", TraceParent}),
                         [](const testing::TestParamInfo<Target>& instance) { return instance.param.first; });

// What a run says to have stood is as many.
TEST(Readings, AreOnlyWhatAReaderWasGiven) {
  EXPECT_TRUE(Document("3{}"));
  EXPECT_FALSE(Document("3{"));
  EXPECT_TRUE(GatewayAnswer("200{"));
  EXPECT_FALSE(GatewayAnswer("2xx{}"));
  EXPECT_TRUE(Token("s{"));
  for (const auto nothing : {Document, GatewayAnswer, ImapAnswers, Row, Token}) EXPECT_FALSE(nothing(""));
}

}  // namespace
}  // namespace xxt::fuzz
