#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <string>
#include <vector>

#include "common/seal/split.h"
#include "common/testing/thing.pb.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/targets.h"

namespace xxt::fuzz {
namespace {

using ::xixinting::testing::v1::Note;

// The same message gives the same bytes, also of a map.
std::string BytesOf(const Note& note) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  XXT_MUST(note.SerializeToCodedStream(&coded));
  coded.Trim();
  return bytes;
}

// What is taken out of a message is put back, and is the same however often.
void Splits(const std::string& bytes, const std::vector<seal::Leaf>& before) {
  Note note;
  if (!note.ParseFromString(bytes)) return;
  seal::PutBack(before, &note);
  seal::PutBack(seal::TakeOut(&note, before), &note);  // what is left for a newer version is in one order now
  const std::string whole = BytesOf(note);
  Note open;
  if (!open.ParseFromString(whole)) return;  // what was sealed is no text
  const std::vector<seal::Leaf> leaves = seal::TakeOut(&open, before);
  XXT_MUST(seal::TakeOut(&open, {}).empty());

  const auto read = seal::Decode(seal::Encode(leaves));
  XXT_MUST(read.ok() && *read == leaves);
  seal::PutBack(*read, &open);
  XXT_MUST(BytesOf(open) == whole);
  XXT_MUST(seal::TakeOut(&open, leaves) == leaves);
}

}  // namespace

// The first byte says how many of the following are the message; the rest are
// what was sealed.
bool Row(absl::string_view bytes) {
  if (bytes.empty()) return false;
  const std::size_t size = static_cast<unsigned char>(bytes[0]);
  const std::string message(bytes.substr(1, size));
  Splits(message, {});
  if (size + 1 > bytes.size()) return true;
  const auto sealed = seal::Decode(bytes.substr(1 + size));
  if (sealed.ok()) Splits(message, *sealed);
  return true;
}

}  // namespace xxt::fuzz
