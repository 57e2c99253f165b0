#include "services/intake/progress/progress_rules.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace xxt::intake {
namespace {

ProgressLine WhatWeDo(const ProgressFacts& facts, bool english) {
  if (facts.bodies_asked > 0) {
    return {ProgressKind::kWeWait, english ? absl::StrCat("We wait for answers of other offices: ", facts.bodies_asked)
                                           : absl::StrCat("正在等外单位答复，共 ", facts.bodies_asked, " 件")};
  }
  if (facts.in_review) {
    return {ProgressKind::kWeAreDoing, english ? "A colleague checks the result" : "结果正在由同事复核"};
  }
  return {ProgressKind::kWeAreDoing, english ? "The window works on your matter" : "窗口正在办理您的事"};
}

}  // namespace

std::string NormaliseProgressCode(absl::string_view typed) {
  std::string code;
  for (const char c : typed) {
    const char upper = absl::ascii_toupper(static_cast<unsigned char>(c));
    if (upper == ' ' || upper == '-') continue;
    if (upper == 'O') {
      code += '0';
    } else {
      code += upper == 'I' || upper == 'L' ? '1' : upper;
    }
  }
  return code;
}

std::string ProofOf(absl::string_view phone_number) {
  const absl::string_view number = phone_number.substr(0, phone_number.find_first_not_of("+0123456789"));
  std::string digits;
  for (const char c : number) {
    if (c != '+') digits += c;
  }
  return digits.size() < 4 ? "" : digits.substr(digits.size() - 4);
}

std::vector<ProgressLine> SayProgress(const ProgressFacts& facts, bool english) {
  std::vector<ProgressLine> lines = {
      {ProgressKind::kDone, english ? "We have taken in your matter" : "您的事已受理", facts.opened}};
  for (const ProgressFacts::Paper& paper : facts.papers) {
    if (paper.received) {
      lines.push_back({ProgressKind::kDone, absl::StrCat(english ? "We have seen: " : "已收到：", paper.title)});
    }
  }
  if (facts.closed != absl::InfiniteFuture()) {
    lines.push_back({ProgressKind::kDone, english ? "Your matter is done" : "您的事已办结", facts.closed});
    return lines;
  }
  lines.push_back(WhatWeDo(facts, english));
  for (const ProgressFacts::Paper& paper : facts.papers) {
    if (paper.from_applicant && !paper.received) {
      lines.push_back({ProgressKind::kPleaseDo, absl::StrCat(english ? "Please bring: " : "请您准备：", paper.title)});
    }
  }
  for (const std::string& step : facts.steps) {
    lines.push_back(
        {ProgressKind::kPleaseDo, absl::StrCat(english ? "For you or your family to do: " : "请您或家人办理：", step)});
  }
  if (facts.next != absl::InfiniteFuture()) {
    lines.push_back(
        {ProgressKind::kComing, english ? "Our next step, at the latest" : "我们的下一步，不晚于", facts.next});
  }
  return lines;
}

}  // namespace xxt::intake
