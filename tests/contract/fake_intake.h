#ifndef XXT_TESTS_CONTRACT_FAKE_INTAKE_H_
#define XXT_TESTS_CONTRACT_FAKE_INTAKE_H_

#include <grpcpp/grpcpp.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "common/identifiers/uuid.h"
#include "common/rpc/timestamp.h"
#include "common/rpc/wire_status.h"
#include "common/status/errors.h"
#include "tests/contract/service_world.h"
#include "xixinting/intake/v1/case_service.grpc.pb.h"
#include "xixinting/intake/v1/contact.grpc.pb.h"
#include "xixinting/intake/v1/feed.grpc.pb.h"
#include "xixinting/intake/v1/hall.grpc.pb.h"
#include "xixinting/intake/v1/paper.grpc.pb.h"

namespace xxt::contract {

// Intake, for the services that report to it and ask it for cases: remembers what
// it is told, and is away or refuses when a test says so. Thread-safe.
class FakeIntake final : public ::xixinting::intake::v1::CaseService::Service {
 public:
  using Case = ::xixinting::intake::v1::Case;
  using Contact = ::xixinting::intake::v1::Contact;
  using Paper = ::xixinting::intake::v1::Paper;
  using Staff = ::xixinting::intake::v1::Staff;
  using ReferralReport = ::xixinting::intake::v1::ReportReferralRequest;
  using MessageReport = ::xixinting::intake::v1::ReportMessageRequest;

  // A case that takes no reports, for the examples.
  static constexpr char kNoCase[] = "cases/00000000-0000-7000-8000-000000000000";
  // The name of every case's applicant, behind the case's.
  static constexpr char kApplicant[] = "/parties/00000000-0000-4000-8000-0000000000a7";

  grpc::Service* feed() { return &feed_; }
  grpc::Service* contacts() { return &log_; }
  grpc::Service* papers() { return &shelf_; }
  grpc::Service* halls() { return &register_; }

  // As the examples make one.
  grpc::Status CreateCase(grpc::ServerContext*, const ::xixinting::intake::v1::CreateCaseRequest* request,
                          Case* made) override {
    *made = request->case_();
    made->set_name(absl::StrCat("cases/", identifiers::NewUuid(absl::Now())));
    made->set_display_code("0102-26-000042-1");
    made->mutable_parties(0)->set_name(made->name() + kApplicant);
    return grpc::Status::OK;
  }

  // Every case is there, open, and of the hall that tests are about, unless said otherwise.
  grpc::Status GetCase(grpc::ServerContext*, const ::xixinting::intake::v1::GetCaseRequest* request,
                       Case* found) override {
    const MutexLock lock(mu_);
    if (asked_away_) return {grpc::StatusCode::UNAVAILABLE, "away"};
    if (drops_ > 0) {
      --drops_;
      return {grpc::StatusCode::CANCELLED, "dropped"};
    }
    if (missing_.count(request->name()) > 0) {
      return rpc::ToGrpcStatus(errors::NotFound("intake.xixinting/Case", request->name()));
    }
    const auto other = cases_.find(request->name());
    if (other != cases_.end()) *found = other->second;
    found->set_name(request->name());
    if (found->hall().empty()) found->set_hall("halls/110102016");
    if (found->state() == Case::STATE_UNSPECIFIED) found->set_state(Case::STATE_IN_PROGRESS);
    for (const char* id : {"/parties/y", kApplicant}) {
      auto& party = *found->add_parties();
      party.set_name(request->name() + id);
      party.set_display_name("沈玉兰");
    }
    return grpc::Status::OK;
  }

  // What GetCase says of the case from now on.
  void Say(const Case& of) {
    const MutexLock lock(mu_);
    cases_[of.name()] = of;
  }
  void Place(const std::string& case_name, const std::string& hall) {
    Case placed;
    placed.set_name(case_name);
    placed.set_hall(hall);
    Say(placed);
  }
  void CloseCase(const std::string& case_name, absl::Time when = absl::Now()) {
    Case closed;
    closed.set_name(case_name);
    closed.set_state(Case::STATE_CLOSED);
    rpc::ToProto(when, closed.mutable_close_time());
    Say(closed);
  }
  // What GetContact and GetPaper say from now on. Unless something was said of it, every contact is an officer's talk
  // with the applicant, and every paper was received.
  void Say(const Contact& of) {
    const MutexLock lock(mu_);
    said_contacts_[of.name()] = of;
  }
  void Say(const Paper& of) {
    const MutexLock lock(mu_);
    said_papers_[of.name()] = of;
  }
  // What GetStaff says from now on. Unless something was said of them, everybody works at the hall that tests are
  // about.
  void Say(const Staff& of) {
    const MutexLock lock(mu_);
    said_staff_[of.name()] = of;
  }
  // Of a case, contact, paper or staff: it is not there.
  void Miss(const std::string& name) {
    const MutexLock lock(mu_);
    missing_.insert(name);
  }
  void AnswerNoQuestions(bool away) {
    const MutexLock lock(mu_);
    asked_away_ = away;
  }

  // How many reports of `kind` there were about `referral`.
  int Count(const std::string& referral, ReferralReport::Kind kind) {
    const MutexLock lock(mu_);
    int count = 0;
    for (const ReferralReport& report : referrals_) {
      if (report.referral() == referral && report.kind() == kind) ++count;
    }
    return count;
  }
  // The newest of those, by its version; none if there is none.
  ReferralReport Newest(const std::string& referral, ReferralReport::Kind kind) {
    const MutexLock lock(mu_);
    ReferralReport newest;
    for (const ReferralReport& report : referrals_) {
      const bool one = report.referral() == referral && report.kind() == kind;
      if (one && report.version() >= newest.version()) newest = report;
    }
    return newest;
  }
  // The report of `kind` about `referral`, waiting for it.
  ReferralReport Await(const std::string& referral, ReferralReport::Kind kind) {
    ReferralReport found;
    Eventually([&] {
      const MutexLock lock(mu_);
      for (const ReferralReport& report : referrals_) {
        if (report.referral() != referral || report.kind() != kind) continue;
        found = report;
        return true;
      }
      return false;
    });
    return found;
  }
  // How many originals the newest report of `referral` that counts them says to be out; -1: there is none.
  int OriginalsOut(const std::string& referral) {
    const MutexLock lock(mu_);
    const ReferralReport* newest = nullptr;
    for (const ReferralReport& report : referrals_) {
      if (report.referral() != referral || !report.originals_counted()) continue;
      if (newest == nullptr || newest->version() < report.version()) newest = &report;
    }
    return newest == nullptr ? -1 : newest->unreturned_originals();
  }
  // What was reported of a message so far, in order.
  std::vector<MessageReport> Of(const std::string& message) {
    const MutexLock lock(mu_);
    std::vector<MessageReport> found;
    for (const MessageReport& report : messages_) {
      if (report.message() == message) found.push_back(report);
    }
    return found;
  }

  // As a replica that stops does with what arrives in that instant.
  void DropQuestions(int questions) {
    const MutexLock lock(mu_);
    drops_ = questions;
  }
  // Takes none of the next reports.
  void BeAway(int calls) {
    const MutexLock lock(mu_);
    away_ = calls;
  }
  void Refuse(bool refuses) {
    const MutexLock lock(mu_);
    refuses_ = refuses;
  }
  // Says of every report that its id was used before with other bytes.
  void KnowAllIds(bool knows) {
    const MutexLock lock(mu_);
    knows_ids_ = knows;
  }

 private:
  template <typename Report>
  grpc::Status Take(const Report& report, std::vector<Report> FakeIntake::*kept) {
    const MutexLock lock(mu_);
    if (away_ > 0) {
      --away_;
      return {grpc::StatusCode::UNAVAILABLE, "away"};
    }
    if (refuses_ || report.case_name() == kNoCase) return {grpc::StatusCode::NOT_FOUND, "no such case"};
    if (knows_ids_) return rpc::ToGrpcStatus(errors::RequestIdReused(report.request_id()));
    (this->*kept).push_back(report);
    return grpc::Status::OK;
  }

  // Finds what was said of `name`, or else `usual`; not there if it is missing.
  template <typename Noun>
  grpc::Status Find(const std::string& type, const std::string& name, const std::map<std::string, Noun>& said,
                    const Noun& usual, Noun* found) {
    const MutexLock lock(mu_);
    if (asked_away_) return {grpc::StatusCode::UNAVAILABLE, "away"};
    if (missing_.count(name) > 0) return rpc::ToGrpcStatus(errors::NotFound(type, name));
    const auto one = said.find(name);
    *found = one == said.end() ? usual : one->second;
    found->set_name(name);
    return grpc::Status::OK;
  }

  struct Log final : ::xixinting::intake::v1::ContactService::Service {
    explicit Log(FakeIntake& of) : told(of) {}
    // As the examples make one.
    grpc::Status LogContact(grpc::ServerContext*, const ::xixinting::intake::v1::LogContactRequest* request,
                            Contact* made) override {
      *made = request->contact();
      made->set_name(absl::StrCat(request->parent(), "/contacts/", identifiers::NewUuid(absl::Now())));
      return grpc::Status::OK;
    }
    grpc::Status GetContact(grpc::ServerContext*, const ::xixinting::intake::v1::GetContactRequest* request,
                            Contact* found) override {
      Contact usual;
      usual.set_counterpart(Contact::COUNTERPART_APPLICANT);
      usual.set_result(Contact::RESULT_REACHED);
      usual.set_author("staff/wang");
      return told.Find("intake.xixinting/Contact", request->name(), told.said_contacts_, usual, found);
    }
    FakeIntake& told;
  };

  struct Shelf final : ::xixinting::intake::v1::PaperService::Service {
    explicit Shelf(FakeIntake& of) : told(of) {}
    grpc::Status GetPaper(grpc::ServerContext*, const ::xixinting::intake::v1::GetPaperRequest* request,
                          Paper* found) override {
      Paper usual;
      usual.set_state(Paper::STATE_RECEIVED);
      return told.Find("intake.xixinting/Paper", request->name(), told.said_papers_, usual, found);
    }
    // Those of which something was said.
    grpc::Status ListPapers(grpc::ServerContext*, const ::xixinting::intake::v1::ListPapersRequest* request,
                            ::xixinting::intake::v1::ListPapersResponse* listed) override {
      const MutexLock lock(told.mu_);
      if (told.asked_away_) return {grpc::StatusCode::UNAVAILABLE, "away"};
      for (const auto& [name, paper] : told.said_papers_) {
        if (absl::StartsWith(name, absl::StrCat(request->parent(), "/papers/"))) *listed->add_papers() = paper;
      }
      return grpc::Status::OK;
    }
    FakeIntake& told;
  };

  struct Register final : ::xixinting::intake::v1::HallService::Service {
    explicit Register(FakeIntake& of) : told(of) {}
    grpc::Status GetStaff(grpc::ServerContext*, const ::xixinting::intake::v1::GetStaffRequest* request,
                          Staff* found) override {
      Staff usual;
      usual.set_hall("halls/110102016");
      return told.Find("intake.xixinting/Staff", request->name(), told.said_staff_, usual, found);
    }
    FakeIntake& told;
  };

  struct Feed final : ::xixinting::intake::v1::FeedService::Service {
    explicit Feed(FakeIntake& of) : told(of) {}
    grpc::Status ReportReferral(grpc::ServerContext*, const ReferralReport* request,
                                ::xixinting::intake::v1::ReportReferralResponse*) override {
      return told.Take(*request, &FakeIntake::referrals_);
    }
    grpc::Status ReportMessage(grpc::ServerContext*, const MessageReport* request,
                               ::xixinting::intake::v1::ReportMessageResponse*) override {
      return told.Take(*request, &FakeIntake::messages_);
    }
    FakeIntake& told;
  };

  Mutex mu_;
  int away_ = 0;
  bool asked_away_ = false;
  int drops_ = 0;
  bool refuses_ = false;
  bool knows_ids_ = false;
  std::map<std::string, Case> cases_;  // of which something was said
  std::map<std::string, Contact> said_contacts_;
  std::map<std::string, Paper> said_papers_;
  std::map<std::string, Staff> said_staff_;
  std::set<std::string> missing_;
  std::vector<ReferralReport> referrals_;
  std::vector<MessageReport> messages_;
  Feed feed_{*this};
  Log log_{*this};
  Shelf shelf_{*this};
  Register register_{*this};
};

}  // namespace xxt::contract

#endif  // XXT_TESTS_CONTRACT_FAKE_INTAKE_H_
