#ifndef XXT_COMMON_TESTING_PROTOS_H_
#define XXT_COMMON_TESTING_PROTOS_H_

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>
#include <google/protobuf/util/message_differencer.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "gmock/gmock.h"

// Messages as text, in tests: what they say is read at a glance.
namespace xxt::test {

// Aborts on a text that is none of M: a mistake of the test.
template <typename M>
M Text(const std::string& text) {
  M message;
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) {
    std::fprintf(stderr, "not a %s: %s\n", M::descriptor()->full_name().c_str(), text.c_str());
    std::abort();
  }
  return message;
}

// As a newer version would send or store it.
inline void AddUnknownField(google::protobuf::Message* message) {
  message->GetReflection()->MutableUnknownFields(message)->AddLengthDelimited(1000, "of a newer version");
}

MATCHER_P(EqualsProto, text, std::string("equals ") + text) {
  std::string difference;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  const bool same = differencer.Compare(Text<std::decay_t<arg_type>>(text), arg);
  *result_listener << difference;
  return same;
}

// Whether `arg` holds at least what `text` says.
MATCHER_P(Partially, text, std::string("has ") + text) {
  std::string difference;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  differencer.set_scope(google::protobuf::util::MessageDifferencer::PARTIAL);
  const bool same = differencer.Compare(Text<std::decay_t<arg_type>>(text), arg);
  *result_listener << difference;
  return same;
}

}  // namespace xxt::test

#endif  // XXT_COMMON_TESTING_PROTOS_H_
