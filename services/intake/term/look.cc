#include <algorithm>
#include <functional>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/calendar/shanghai_time.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/cases/next_action.h"
#include "services/intake/cases/tell.h"
#include "services/intake/cases/told.h"
#include "services/intake/term/silence_rules.h"
#include "services/intake/term/term.h"

namespace xxt::intake::term {
namespace {

std::optional<absl::Time> TimeIf(bool known, const google::protobuf::Timestamp& time) {
  return known ? std::optional<absl::Time>(rpc::FromProto(time)) : std::nullopt;
}

CaseClocks ClocksOf(const v1::Case& about) {
  return {.opened = rpc::FromProto(about.create_time()),
          .respond_due = TimeIf(about.has_respond_due_time(), about.respond_due_time()),
          .responded = TimeIf(about.has_respond_time(), about.respond_time()),
          .told = TimeIf(about.has_told_time(), about.told_time()),
          .silent = about.silence_watch().silent(),
          .no_news_since = TimeIf(about.silence_watch().has_no_news_since(), about.silence_watch().no_news_since())};
}

// Of that kind, what is broken; null: nothing.
v1::Term* FindBroken(Terms& terms, v1::Term::Kind kind) {
  const auto found = std::find_if(terms.begin(), terms.end(), [kind](const v1::Term& it) {
    return it.kind() == kind && it.state() == v1::Term::STATE_BROKEN;
  });
  return found == terms.end() ? nullptr : &*found;
}

// Lists that a clock of the case itself was broken at `due`.
v1::Term Break(Tx& tx, const v1::Case& about, v1::Term::Kind kind, absl::Time due) {
  v1::Term made;
  made.set_kind(kind);
  made.set_state(v1::Term::STATE_BROKEN);
  rpc::ToProto(due, made.mutable_due_time());
  rpc::ToProto(calendar::ToCivilDay(due), made.mutable_due_date());
  Add(tx, about, made);
  return made;
}

// An officer's first contact. Who has to make it is asked by the next action. One that is noted late may have come in
// time.
void FollowResponse(Tx& tx, const v1::Case& about, Terms& terms, bool late) {
  const bool listed =
      std::any_of(terms.begin(), terms.end(), [](const v1::Term& it) { return it.kind() == v1::Term::KIND_RESPOND; });
  v1::Term* broken = FindBroken(terms, v1::Term::KIND_RESPOND);
  if (late && !listed) {
    tx.Tell(about, "term.broken.v1", "首次联系已超时");
    broken = terms.Add();
    *broken = Break(tx, about, v1::Term::KIND_RESPOND, rpc::FromProto(about.respond_due_time()));
  }
  if (broken == nullptr || !about.has_respond_time()) return;
  Meet(tx, *broken, rpc::FromProto(about.respond_time()));
  tx.Tell(about, "term.met.v1", "首次联系已补上");
}

void TellNoNews(Tx& tx, v1::Case& about, absl::Time last_word) {
  rpc::ToProto(last_word, about.mutable_silence_watch()->mutable_no_news_since());
  cases::TellApplicant(
      tx, about, "case-no-news", absl::StrCat("no-news.", absl::ToUnixSeconds(last_word)),
      {cases::Named("as_of", calendar::ToCivilDay(tx.now)), cases::Named("waiting", about.open_referrals_size())});
  cases::Save(tx, about, "case.no_news_told.v1", "久无进展，告知当事人仍在办");
}

void FallSilent(Tx& tx, v1::Case& about, absl::Time since) {
  const v1::Term made = Break(tx, about, v1::Term::KIND_SILENCE, since);
  about.mutable_silence_watch()->set_silent(true);
  about.set_silence_count(about.silence_count() + 1);
  cases::AskOwner(tx, about, kCaseSilentKind, made.name(),
                  absl::StrCat("很久没有告知当事人了，请联系并记下：", about.display_code()));
  cases::Save(tx, about, "case.fell_silent.v1", "超过期限没有告知当事人");
}

void HearAgain(Tx& tx, v1::Case& about, Terms& terms) {
  about.mutable_silence_watch()->set_silent(false);
  if (v1::Term* broken = FindBroken(terms, v1::Term::KIND_SILENCE))
    Meet(tx, *broken, rpc::FromProto(about.told_time()));
  cases::Save(tx, about, "case.heard.v1", "已与当事人联系上，此前超过期限没有告知");
}

absl::Status Look(const Policy& policy, Tx& tx, const tasks::Task& task) {
  XXT_ASSIGN_OR_RETURN(v1::Case about, cases::Lock(tx, task.subject));
  if (!cases::IsOpen(about)) return absl::OkStatus();
  const ClockLook look = LookAt(ClocksOf(about), policy, tx.now);
  XXT_ASSIGN_OR_RETURN(Terms terms, LoadAll(tx, about));
  FollowResponse(tx, about, terms, look.late_response);
  if (look.tell_no_news) TellNoNews(tx, about, look.last_word);
  if (look.falls_silent) FallSilent(tx, about, look.silent_from);
  if (look.heard) HearAgain(tx, about, terms);
  edge::Never(tx, cases::kLookKind, about.name());
  edge::Later(tx, cases::kLookKind, about.name(), look.next);
  return absl::OkStatus();
}

}  // namespace

tasks::MachineKind LookKind(const edge::Host& host, const Policy& policy) {
  return edge::Timer(host, cases::kLookKind, std::bind_front(Look, policy), cases::ShowDead);
}

}  // namespace xxt::intake::term
