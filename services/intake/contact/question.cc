#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "common/edge/room.h"
#include "services/intake/cases/cases.h"
#include "services/intake/contact/contact.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/question.grpc.pb.h"

namespace xxt::intake {
namespace {

const store::Table<v1::Question> kQuestions("intake.questions", &cases::kCases,
                                            {.lists = {{"of_case", {"case_id"}, "id"}}});

// Counts that it was asked in `contact`, one of the case `about`.
absl::Status Ask(Tx& tx, const v1::Case& about, const std::string& contact, v1::Question& question) {
  XXT_ASSIGN_OR_RETURN(const v1::Contact asked, contact::Load(tx, about, contact));
  if (std::find(question.contacts().begin(), question.contacts().end(), contact) != question.contacts().end()) {
    return errors::StateForbids(contact, "这次联系已经计过", "the question was counted in this contact already");
  }
  XXT_RETURN_IF_ERROR(edge::CheckRoom(question, "contacts"));
  question.add_contacts(contact);
  question.set_asked_count(question.contacts_size());
  if (question.last_ask_time().seconds() < asked.occur_time().seconds()) {
    *question.mutable_last_ask_time() = asked.occur_time();
  }
  return absl::OkStatus();
}

absl::Status Create(Tx& tx, const v1::CreateQuestionRequest& request, v1::Question& made) {
  made = request.question();
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::Lock(tx, request.parent()));
  XXT_RETURN_IF_ERROR(Ask(tx, about, request.contact(), made));
  made.set_name(kQuestions.NewName(about.name(), tx.now));
  if (!made.answer().empty()) made.set_author(tx.caller.subject);
  tx.Insert(kQuestions, made);
  tx.Tell(about, "question.asked.v1", "当事人问了一个问题");
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetQuestionRequest& request, v1::Question& found) {
  return tx.Get(kQuestions, request.name(), &found);
}

absl::Status List(Tx& tx, const v1::ListQuestionsRequest& request, v1::ListQuestionsResponse& response) {
  return tx.List(kQuestions, "of_case", request, &response);
}

absl::Status Repeat(Tx& tx, const v1::RepeatQuestionRequest& request, v1::Question& question) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about,
                       cases::LockWith(tx, kQuestions, request.name(), request.etag(), &question));
  XXT_RETURN_IF_ERROR(Ask(tx, about, request.contact(), question));
  tx.Save(kQuestions, question);
  tx.Tell(about, "question.asked.v1", absl::StrCat("同一个问题问了第 ", question.asked_count(), " 次"));
  return absl::OkStatus();
}

absl::Status Answer(Tx& tx, const v1::AnswerQuestionRequest& request, v1::Question& question) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about,
                       cases::LockWith(tx, kQuestions, request.name(), request.etag(), &question));
  question.set_answer(request.answer());
  question.set_author(tx.caller.subject);
  tx.Save(kQuestions, question);
  tx.Tell(about, "question.answered.v1", "问题有了统一答复");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::QuestionService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreateQuestion, Question, Create)
  XXT_READ(GetQuestion, Question, Get)
  XXT_READ(ListQuestions, ListQuestionsResponse, List)
  XXT_CHANGE(RepeatQuestion, Question, Repeat)
  XXT_CHANGE(AnswerQuestion, Question, Answer)
};

}  // namespace

edge::Slice QuestionSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
