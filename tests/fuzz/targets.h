#ifndef XXT_TESTS_FUZZ_TARGETS_H_
#define XXT_TESTS_FUZZ_TARGETS_H_

#include "absl/strings/string_view.h"

// Readers of bytes that come from outside, one function each: whatever `bytes`
// are, it returns, or aborts because something that must hold does not. It says
// whether a reader was given any of them: only that counts as a reading. The
// preset "fuzz" makes a program of each; everywhere else one test feeds them
// the corpus.
namespace xxt::fuzz {

// A bearer token that nobody signed, and the claims of a signed one.
bool Token(absl::string_view bytes);
bool PageToken(absl::string_view bytes);
// Where a watch goes on.
bool ResumeToken(absl::string_view bytes);
// A mail as a body's server sends it.
bool Mail(absl::string_view bytes);
// What a mail server says to our commands.
bool ImapAnswers(absl::string_view bytes);
// What an SMS gateway says to a message, and to the question for one.
bool GatewayAnswer(absl::string_view bytes);
// A page of an SMS gateway's receipts.
bool Receipts(absl::string_view bytes);
// What is stored as JSON: tasks' payloads.
bool Document(absl::string_view bytes);
// A message that is stored as bytes, and what is personal in it.
bool Row(absl::string_view bytes);
// In which trace a caller says that it calls.
bool TraceParent(absl::string_view bytes);

}  // namespace xxt::fuzz

#endif  // XXT_TESTS_FUZZ_TARGETS_H_
