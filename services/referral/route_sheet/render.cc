#include "services/referral/route_sheet/render.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "common/calendar/in_words.h"
#include "common/calendar/shanghai_time.h"
#include "common/rpc/timestamp.h"
#include "services/referral/body/body.h"
#include "xixinting/common/v1/common.pb.h"

namespace xxt::referral::route_sheet {
namespace {

using ::google::protobuf::RepeatedPtrField;
using ::xixinting::common::v1::CHANNEL_PHONE;
using ::xixinting::common::v1::CHANNEL_POST;

std::string DayOf(const v1::RouteSheet& sheet) {
  return calendar::DayInWords(calendar::ToCivilDay(rpc::FromProto(sheet.issue_time())));
}

// "2" of "referrals/{uuid}/routeSheets/2".
absl::string_view NumberOf(const v1::RouteSheet& sheet) {
  return absl::string_view(sheet.name()).substr(sheet.name().rfind('/') + 1);
}

// Whom to ring: the office, or else somebody there at a number of their own. Null if nobody can be.
const v1::ContactPoint* PhoneOf(const v1::Unit& unit) {
  if (const v1::ContactPoint* office = body::ContactBy(unit, CHANNEL_PHONE); office != nullptr) return office;
  const auto found = std::find_if(
      unit.contact_points().begin(), unit.contact_points().end(),
      [](const v1::ContactPoint& point) { return point.channel() == CHANNEL_PHONE && !point.direct_number().empty(); });
  return found == unit.contact_points().end() ? nullptr : &*found;
}

// Columns that the character at the front of `text` takes, and its bytes.
struct Glyph {
  int columns;
  std::size_t bytes;
};

Glyph FirstGlyph(absl::string_view text) {
  utf8proc_int32_t codepoint = 0;
  const utf8proc_ssize_t bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                  static_cast<utf8proc_ssize_t>(text.size()), &codepoint);
  if (bytes <= 0) return {1, 1};
  return {std::max(0, utf8proc_charwidth(codepoint)), static_cast<std::size_t>(bytes)};
}

int ColumnsOf(absl::string_view text) {
  int columns = 0;
  while (!text.empty()) {
    const Glyph glyph = FirstGlyph(text);
    columns += glyph.columns;
    text.remove_prefix(glyph.bytes);
  }
  return columns;
}

// Marks that may not begin a line (避头标点): they hang over on the line before.
bool MayNotBeginLine(absl::string_view glyph) {
  constexpr absl::string_view kClosing[] = {"，", "。", "、", "；", "：", "？", "！", "）", "》", "”"};
  return std::find(std::begin(kClosing), std::end(kClosing), glyph) != std::end(kClosing);
}

// What stays together on a line: one character, or a run of ASCII (a number, a
// time, a word) if it fits on a line of `room` columns.
absl::string_view FirstUnit(absl::string_view text, int room) {
  const auto is_word = [](char c) { return absl::ascii_isgraph(static_cast<unsigned char>(c)); };
  std::size_t end = 0;
  while (end < text.size() && is_word(text[end])) ++end;
  return end > 0 && static_cast<int>(end) <= room ? text.substr(0, end) : text.substr(0, FirstGlyph(text).bytes);
}

// Adds `text` in lines of at most kColumns columns, the first after
// `lead`, the others indented as far as `lead` is wide.
void AddWrapped(absl::string_view lead, absl::string_view text, std::string* out) {
  // Two columns are left for a mark that may not begin a line.
  constexpr int kHang = 2;
  const int indent = ColumnsOf(lead);
  std::string line(lead);
  int used = indent;
  while (!text.empty()) {
    const absl::string_view unit = FirstUnit(text, kColumns - kHang - indent);
    text.remove_prefix(unit.size());
    const int columns = ColumnsOf(unit);
    const bool full = used + columns > kColumns - (MayNotBeginLine(unit) ? 0 : kHang);
    if (unit == "\n" || full) {
      absl::StrAppend(out, line, "\n");
      line.assign(static_cast<std::size_t>(indent), ' ');
      used = indent;
      if (unit == "\n" || unit == " ") continue;
    }
    absl::StrAppend(&line, unit);
    used += columns;
  }
  absl::StrAppend(out, line, "\n");
}

void AddRule(char with, std::string* out) {
  absl::StrAppend(out, std::string(static_cast<std::size_t>(kColumns), with), "\n");
}

void AddIfSet(absl::string_view lead, absl::string_view text, std::string* out) {
  if (!text.empty()) AddWrapped(lead, text, out);
}

std::string Escape(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}, {"\n", "<br>"}});
}

void AddHtmlLine(absl::string_view label, absl::string_view text, std::string* out) {
  if (!text.empty()) absl::StrAppend(out, "<p><b>", label, "</b>", Escape(text), "</p>\n");
}

void AddHtmlList(absl::string_view css_class, absl::string_view label, const RepeatedPtrField<std::string>& items,
                 std::string* out) {
  if (items.empty()) return;
  absl::StrAppend(out, "<div class=\"", css_class, "\"><b>", label, "</b><ul>");
  for (const std::string& item : items) absl::StrAppend(out, "<li>", Escape(item), "</li>");
  absl::StrAppend(out, "</ul></div>\n");
}

constexpr absl::string_view kStyle = R"css(
body{font:24px/1.6 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei",SimHei,sans-serif;color:#000;background:#fff;
max-width:21cm;margin:0 auto;padding:1cm}
h1{font-size:40px;text-align:center;margin:0 0 .5em}h2{font-size:32px;margin:0}p{margin:.2em 0}
.last{font-size:34px;font-weight:bold;border:4px solid #000;padding:.4em;text-align:center;margin:.5em 0}
.step{border-top:3px solid #000;padding:.5em 0;break-inside:avoid}
.bring,.take{border:2px solid #000;padding:.3em .6em;margin:.3em 0}.bring ul{list-style:"\2610  "}
ul{margin:0;padding-left:1.5em}footer{border-top:3px solid #000;font-size:20px}
@page{size:A4;margin:1.2cm}@media print{body{padding:0}}
)css";

}  // namespace

void FillFromDirectory(const v1::Body& body, v1::RouteSheet* sheet) {
  const auto fill = [](std::string* field, const std::string& value) {
    if (field->empty()) *field = value;
  };
  for (v1::RouteSheet::Step& step : *sheet->mutable_steps()) {
    const v1::Unit* unit = body::FindUnit(body, step.unit());
    if (unit == nullptr) continue;
    fill(step.mutable_office(), absl::StrCat(body.title(), " ", unit->title()));
    const std::string* post = body::AddressBy(*unit, CHANNEL_POST);
    fill(step.mutable_address(), post != nullptr ? *post : body.address());
    if (const v1::ContactPoint* phone = PhoneOf(*unit); phone != nullptr) {
      fill(step.mutable_phone_number(), phone->address().empty() ? phone->direct_number() : phone->address());
      fill(step.mutable_person(), phone->person());
    }
    fill(step.mutable_hours(), calendar::HoursInWords(unit->opening_hours()));
    fill(step.mutable_transport(), body.transport());
  }
}

std::string RenderText(const v1::RouteSheet& sheet, absl::string_view last_day) {
  std::string out;
  AddRule('=', &out);
  absl::StrAppend(&out, std::string(static_cast<std::size_t>((kColumns - 11) / 2), ' '), "办 理 路 线\n");
  AddRule('=', &out);
  if (!last_day.empty()) {
    AddWrapped("★ ", last_day, &out);
    AddRule('-', &out);
  }
  int number = 0;
  for (const v1::RouteSheet::Step& step : sheet.steps()) {
    AddWrapped(absl::StrCat("第", ++number, "步  "), step.title(), &out);
    AddIfSet("  去哪里：", step.office(), &out);
    AddIfSet("  地址：", step.address(), &out);
    AddIfSet("  电话：", step.phone_number(), &out);
    AddIfSet("  找谁：", step.person(), &out);
    AddIfSet("  时间：", step.hours(), &out);
    AddIfSet("  怎么去：", step.transport(), &out);
    if (!step.bring().empty()) absl::StrAppend(&out, "  要带的：\n");
    for (const std::string& item : step.bring()) AddWrapped("    [ ] ", item, &out);
    if (!step.take_away().empty()) absl::StrAppend(&out, "  要取回的：\n");
    for (const std::string& item : step.take_away()) AddWrapped("    → ", item, &out);
    AddRule('-', &out);
  }
  if (!sheet.remark().empty()) {
    AddWrapped("说明：", sheet.remark(), &out);
    AddRule('-', &out);
  }
  absl::StrAppend(&out, "开具日期：", DayOf(sheet), "  第", NumberOf(sheet), "版\n");
  return out;
}

std::string RenderHtml(const v1::RouteSheet& sheet, absl::string_view last_day) {
  std::string out = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<title>办理路线</title><style>",
      kStyle, "</style></head><body>\n<h1>办理路线</h1>\n");
  if (!last_day.empty()) absl::StrAppend(&out, "<div class=\"last\">", Escape(last_day), "</div>\n");
  int number = 0;
  for (const v1::RouteSheet::Step& step : sheet.steps()) {
    absl::StrAppend(&out, "<div class=\"step\"><h2>第", ++number, "步 ", Escape(step.title()), "</h2>\n");
    AddHtmlLine("去哪里：", step.office(), &out);
    AddHtmlLine("地址：", step.address(), &out);
    AddHtmlLine("电话：", step.phone_number(), &out);
    AddHtmlLine("找谁：", step.person(), &out);
    AddHtmlLine("时间：", step.hours(), &out);
    AddHtmlLine("怎么去：", step.transport(), &out);
    AddHtmlList("bring", "要带的：", step.bring(), &out);
    AddHtmlList("take", "要取回的：", step.take_away(), &out);
    absl::StrAppend(&out, "</div>\n");
  }
  AddHtmlLine("说明：", sheet.remark(), &out);
  absl::StrAppend(&out, "<footer>开具日期：", DayOf(sheet), "　第", NumberOf(sheet), "版</footer>\n</body></html>\n");
  return out;
}

}  // namespace xxt::referral::route_sheet
