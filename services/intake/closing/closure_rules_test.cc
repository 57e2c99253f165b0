#include "services/intake/closing/closure_rules.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace xxt::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kOpened = absl::FromUnixSeconds(1'770'000'000);
const absl::Time kTold = kOpened + absl::Hours(48);
const absl::Time kNow = kOpened + absl::Hours(50);

CaseFacts Facts() { return {.opened_time = kOpened, .outcome_confirmed = true, .holds_route_sheet = true}; }

// One that lacks nothing.
ClosureFacts Of(Resolution resolution) {
  return {.resolution = resolution,
          .has_explanation = true,
          .told_in = ContactFact{kTold, true, true, true, true},
          .has_basis = true,
          .alternatives = {{true, true}},
          .has_next_route = true,
          .has_acceptance = true,
          .accepted_in = ContactFact{.occur_time = kTold, .reached = true, .with_body = true}};
}

std::vector<std::string> MissingOf(const CaseFacts& facts, const ClosureFacts& closure) {
  std::vector<std::string> fields;
  for (const errors::Violation& violation : FindMissing(facts, closure, kNow)) fields.push_back(violation.field);
  return fields;
}

constexpr Resolution kResolutions[] = {Resolution::kResolved, Resolution::kGuided, Resolution::kHandedOver,
                                       Resolution::kWithdrawn, Resolution::kNotPossible};

TEST(FindMissing, FindsNothingInOneThatIsComplete) {
  for (const Resolution resolution : kResolutions) EXPECT_THAT(MissingOf(Facts(), Of(resolution)), IsEmpty());
}

TEST(FindMissing, NobodyClosesACaseAsMerged) {
  EXPECT_THAT(MissingOf(Facts(), Of(Resolution::kMerged)), ElementsAre("closure.resolution"));
}

TEST(FindUnfinished, OfADuplicateIsWhatIsUnderWay) {
  CaseFacts facts = Facts();
  facts.referrals = {{.name = "referrals/1", .open = true, .successor = ""},
                     {.name = "referrals/2", .negative = true, .successor = ""},
                     {.name = "referrals/3", .successor = "", .away = true}};
  facts.unreturned_originals = 1;
  facts.awaits_escalation = true;
  facts.seeks_successor = true;
  std::vector<std::string> fields;
  for (const errors::Violation& one : FindUnfinished(facts, Resolution::kMerged)) fields.push_back(one.field);
  EXPECT_THAT(fields, ElementsAre("referrals/1", "referrals/3", "case.escalation", "case.originals", "case.parties"));
}

TEST(FindMissing, NothingClosesWithoutAToldContact) {
  const std::vector<std::optional<ContactFact>> untold = {
      std::nullopt,
      ContactFact{kTold, true, true, false, false},
      ContactFact{kTold, true, true, true, false},  // a message arrived
      ContactFact{kTold, false, false, true, true},
      ContactFact{kOpened - absl::Hours(1), true, true, true, true},
      ContactFact{kNow + absl::Seconds(1), true, true, true, true}};
  for (const Resolution resolution : kResolutions) {
    for (const auto& contact : untold) {
      ClosureFacts closure = Of(resolution);
      closure.told_in = contact;
      EXPECT_THAT(MissingOf(Facts(), closure), ElementsAre("closure.told_in"));
      const bool own_word = FindMissing(Facts(), closure, kNow)[0].zh.find("本人") != std::string::npos;
      EXPECT_EQ(own_word, resolution == Resolution::kWithdrawn);
    }
  }
}

TEST(FindMissing, OnlyTheApplicantsOwnWordWithdrawsTheMatter) {
  for (const Resolution resolution : kResolutions) {
    ClosureFacts closure = Of(resolution);
    closure.told_in->with_applicant = false;
    EXPECT_EQ(MissingOf(Facts(), closure).empty(), resolution != Resolution::kWithdrawn);
  }
}

TEST(FindMissing, NothingClosesWhileASuccessorIsSought) {
  CaseFacts facts = Facts();
  facts.seeks_successor = true;
  for (const Resolution resolution : kResolutions)
    EXPECT_THAT(MissingOf(facts, Of(resolution)), ElementsAre("case.parties"));
}

TEST(FindMissing, ResolvedNeedsTheConfirmedOutcome) {
  CaseFacts facts = Facts();
  facts.outcome_confirmed = false;
  EXPECT_THAT(MissingOf(facts, Of(Resolution::kResolved)), ElementsAre("case.outcome"));
  EXPECT_THAT(MissingOf(facts, Of(Resolution::kGuided)), IsEmpty());
}

TEST(FindMissing, GuidedNeedsTheRouteInHand) {
  CaseFacts facts = Facts();
  facts.holds_route_sheet = false;
  EXPECT_THAT(MissingOf(facts, Of(Resolution::kGuided)), ElementsAre("case.route_sheet"));
}

TEST(FindMissing, HandedOverNeedsWhoAccepted) {
  ClosureFacts closure = Of(Resolution::kHandedOver);
  closure.has_acceptance = false;
  EXPECT_THAT(MissingOf(Facts(), closure), ElementsAre("closure.accepted_by"));
}

TEST(FindMissing, HandedOverNeedsThatTheOfficeSaidSo) {
  const std::vector<std::optional<ContactFact>> unsaid = {
      std::nullopt,
      ContactFact{.occur_time = kTold, .with_body = true},
      ContactFact{kTold, true, true, true, true},
      ContactFact{.occur_time = kTold, .reached = true, .corrected_by = "cases/c/contacts/2", .with_body = true},
      ContactFact{.occur_time = kOpened - absl::Hours(1), .reached = true, .with_body = true},
      ContactFact{.occur_time = kNow + absl::Seconds(1), .reached = true, .with_body = true}};
  for (const auto& contact : unsaid) {
    ClosureFacts closure = Of(Resolution::kHandedOver);
    closure.accepted_in = contact;
    EXPECT_THAT(MissingOf(Facts(), closure), ElementsAre("closure.accepted_in"));
    CaseFacts facts = Facts();
    facts.taken_over = true;
    EXPECT_THAT(MissingOf(facts, closure), IsEmpty()) << "they have answered a referral";
  }
}

TEST(FindMissing, WhatWasCorrectedIsNoTellingAndNamesWhatCounts) {
  ClosureFacts closure = Of(Resolution::kNotPossible);
  closure.told_in->corrected_by = "cases/c/contacts/2";
  EXPECT_THAT(MissingOf(Facts(), closure), ElementsAre("closure.told_in"));
  EXPECT_NE(FindMissing(Facts(), closure, kNow)[0].zh.find("cases/c/contacts/2"), std::string::npos);
}

TEST(FindMissing, OfANoTellsEverythingAtOnce) {
  EXPECT_THAT(MissingOf(Facts(), {.resolution = Resolution::kNotPossible}),
              ElementsAre("closure.explanation", "closure.told_in", "closure.basis", "closure.next_route",
                          "closure.alternatives"));
}

TEST(FindMissing, AMatterThatLeadsOnIsNoGroundForANoAndEndsOtherwise) {
  CaseFacts facts = Facts();
  facts.leads_on = true;
  for (const Resolution resolution : kResolutions) {
    if (resolution == Resolution::kNotPossible) {
      EXPECT_THAT(MissingOf(facts, Of(resolution)), ElementsAre("case.verdict"));
    } else {
      EXPECT_THAT(MissingOf(facts, Of(resolution)), IsEmpty());
    }
  }
}

TEST(FindMissing, NothingClosesWhileTheLevelAboveIsAsked) {
  CaseFacts facts = Facts();
  facts.awaits_escalation = true;
  for (const Resolution resolution : kResolutions) {
    EXPECT_THAT(MissingOf(facts, Of(resolution)), ElementsAre("case.escalation"));
  }
}

TEST(FindMissing, NothingClosesWhileAnOriginalIsNotBackWithItsPerson) {
  CaseFacts facts = Facts();
  facts.unreturned_originals = 2;
  for (const Resolution resolution : kResolutions) {
    EXPECT_THAT(MissingOf(facts, Of(resolution)), ElementsAre("case.originals"));
  }
}

TEST(FindMissing, NothingClosesAgainBeforeTheBodiesKnow) {
  CaseFacts facts = Facts();
  facts.owes_retelling = true;
  for (const Resolution resolution : kResolutions) {
    EXPECT_THAT(MissingOf(facts, Of(resolution)), ElementsAre("dispute.retellings"));
  }
}

TEST(FindMissing, EachAlternativeNeedsItsOutcome) {
  ClosureFacts closure = Of(Resolution::kNotPossible);
  closure.alternatives = {{true, true}, {true, false}, {false, true}};
  EXPECT_THAT(MissingOf(Facts(), closure),
              ElementsAre("closure.alternatives[1].outcome", "closure.alternatives[2].summary"));
}

TEST(FindMissing, AnOpenReferralBlocksEveryResolution) {
  CaseFacts facts = Facts();
  facts.referrals = {{"referrals/1", false, false, ""}, {"referrals/2", true, false, ""}};
  for (const Resolution resolution : kResolutions) {
    EXPECT_THAT(MissingOf(facts, Of(resolution)), ElementsAre("referrals/2"));
  }
}

TEST(FindMissing, NothingClosesBeforeTheVisitHasBroughtThePersonHome) {
  CaseFacts facts = Facts();
  facts.referrals = {{"referrals/1", false, false, "", true}};
  for (const Resolution resolution : kResolutions) {
    EXPECT_THAT(MissingOf(facts, Of(resolution)), ElementsAre("referrals/1"));
  }
}

TEST(FindMissing, AReferralInVainNeedsWhatFollowedOnIt) {
  CaseFacts facts = Facts();
  facts.referrals = {{"referrals/1", false, true, ""}};
  EXPECT_THAT(MissingOf(facts, Of(Resolution::kResolved)), ElementsAre("referrals/1"));
  EXPECT_THAT(MissingOf(facts, Of(Resolution::kWithdrawn)), IsEmpty());
  EXPECT_THAT(MissingOf(facts, Of(Resolution::kNotPossible)), IsEmpty());
  facts.referrals[0].successor = "referrals/2";
  EXPECT_THAT(MissingOf(facts, Of(Resolution::kResolved)), IsEmpty());
}

TEST(FindMissing, AResolutionOfANewerVersionIsForThatVersion) {
  EXPECT_THAT(MissingOf(Facts(), Of(static_cast<Resolution>(77))), ElementsAre("closure.resolution"));
}

TEST(FindMissing, SpeaksBothLanguages) {
  for (const errors::Violation& violation : FindMissing(Facts(), {.resolution = Resolution::kNotPossible}, kNow)) {
    EXPECT_FALSE(violation.zh.empty());
    EXPECT_FALSE(violation.en.empty());
  }
}

TEST(MayReview, IsNeverForTheProposerNorWhereAnOutsiderIsNeededForWhoOwnsOrOwnedTheCase) {
  for (const bool outsider : {false, true}) {
    EXPECT_TRUE(MayReview(outsider, "staff/wang", {"staff/zhao", "staff/li"}, "staff/zhang"));
    EXPECT_FALSE(MayReview(outsider, "staff/wang", {"staff/zhao", "staff/li"}, "staff/wang"));
    for (const char* owner : {"staff/zhao", "staff/li"}) {
      EXPECT_EQ(MayReview(outsider, "staff/wang", {"staff/zhao", "staff/li"}, owner), !outsider);
    }
  }
}

TEST(NeedsOutsider, IsSoOfANoAndOfHandingOnWhatIsNotOurs) {
  CaseFacts not_ours = Facts();
  not_ours.not_ours = true;
  CaseFacts leads_on = Facts();
  leads_on.leads_on = true;
  for (const Resolution resolution : kResolutions) {
    const bool no = resolution == Resolution::kNotPossible;
    EXPECT_EQ(NeedsOutsider(Facts(), resolution), no);
    EXPECT_EQ(NeedsOutsider(not_ours, resolution), no || resolution == Resolution::kHandedOver);
    EXPECT_EQ(NeedsOutsider(leads_on, resolution), no || resolution == Resolution::kHandedOver);
  }
}

}  // namespace
}  // namespace xxt::intake
