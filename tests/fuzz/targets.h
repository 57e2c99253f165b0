#ifndef XXT_TESTS_FUZZ_TARGETS_H_
#define XXT_TESTS_FUZZ_TARGETS_H_

#include "absl/strings/string_view.h"

// Readers of bytes that come from outside, one function each: whatever `bytes`
// are, it returns, or aborts because something that must hold does not. The
// preset "fuzz" makes a program of each; everywhere else one test feeds them
// the corpus.
namespace xxt::fuzz {

// A bearer token that nobody signed, and the claims of a signed one.
void Token(absl::string_view bytes);
void PageToken(absl::string_view bytes);
// Where a watch goes on.
void ResumeToken(absl::string_view bytes);
// A mail as a body's server sends it.
void Mail(absl::string_view bytes);
// What a mail server says to our commands.
void ImapAnswers(absl::string_view bytes);
// What an SMS gateway says to a message, and to the question for one.
void GatewayAnswer(absl::string_view bytes);
// A page of an SMS gateway's receipts.
void Receipts(absl::string_view bytes);
// What is stored as JSON: cases, referrals, entries, route sheets, tasks' payloads.
void Document(absl::string_view bytes);
// A message that is stored as bytes, and what is personal in it.
void Row(absl::string_view bytes);

}  // namespace xxt::fuzz

#endif  // XXT_TESTS_FUZZ_TARGETS_H_
