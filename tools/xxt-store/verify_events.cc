#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/events/chain.h"
#include "tools/xxt-store/commands.h"
#include "tools/xxt-store/ledger.h"
#include "tools/xxt-store/progress.h"

namespace xxt::store_tool {
namespace {

using events::Flaw;

Text WhatOf(Flaw flaw) {
  switch (flaw) {
    case Flaw::kChanged:
      return {"封存之后被改过", "was changed after it was sealed"};
    case Flaw::kMissing:
      return {"它前面少了封存过的事件", "in front of it an event is missing that was sealed"};
    case Flaw::kInserted:
      return {"是封存之后插进来的", "was inserted after what is behind it was sealed"};
    case Flaw::kOrder:
      return {"次序不对，封存时在后面", "stands before its time: the order is another than was sealed"};
    case Flaw::kUnsealed:
      return {"该封存而没有封存：没有副本在封存，或封存的块被删了",
              "was not sealed in time: no replica seals, or blocks were taken away"};
    case Flaw::kBlockChanged:
      return {"块被改过：与它自己的散列值不符", "the block was changed: its hash is not of what is in it"};
    case Flaw::kBlockMissing:
      return {"它前面少了块", "in front of this block one is missing"};
    case Flaw::kFork:
      return {"分叉：不是接着前一块的，或与留存的块首不是同一块",
              "fork: it does not go on from the block in front of it, or is another than the head that was kept"};
    case Flaw::kMac:
      return {"不是密钥文件里的密钥封的", "the key file has no key that has sealed it"};
    case Flaw::kOldKey:
      return {"用已被替换的密钥封的", "was sealed with a key that had been replaced"};
    case Flaw::kTruncated:
      return {"尾部被截掉：留存的块首不在", "truncated: the head that was kept is not there"};
  }
  return {};
}

std::string Line(const events::Finding& finding, Language language) {
  std::string line =
      finding.block == 0 ? "" : absl::StrCat(language == Language::kChinese ? "块 " : "block ", finding.block, " ");
  if (finding.position.has_value()) {
    absl::StrAppend(&line, language == Language::kChinese ? "位置 " : "position ", NameOf(*finding.position), " ",
                    finding.event.empty() ? (language == Language::kChinese ? "之后" : "and behind") : finding.event);
  }
  return absl::StrCat("backbone.event ", line, ": ", WhatOf(finding.flaw).In(language));
}

// InfinitePast where nothing is ever dropped.
absl::Time TimeOf(const pqxx::field& micros) {
  return micros.is_null() ? absl::InfinitePast() : absl::FromUnixMicros(micros.as<std::int64_t>());
}

// How much there is, and what is known of it. A day is left for housekeeping of this very moment.
struct Known {
  events::Trust trust;
  std::int64_t last_block = 0;
  std::int64_t events = 0;  // about
};

Known Learn(const Surroundings& around, const std::optional<events::Head>& head) {
  pqxx::read_transaction transaction(around.db);
  const pqxx::row row = transaction.exec1(R"sql(
    SELECT (extract(epoch FROM now()) * 1000000)::bigint,
           (SELECT (extract(epoch FROM date_trunc(step, now() + interval '1 day' - term)) * 1000000)::bigint
              FROM backbone.retention WHERE relation = 'backbone.event'::regclass),
           (SELECT (extract(epoch FROM now() + interval '1 day' - term) * 1000000)::bigint
              FROM backbone.retention WHERE relation = 'backbone.event_seal'::regclass),
           (SELECT coalesce(max(number), 0) FROM backbone.event_seal), (SELECT count(*) FROM backbone.event))sql");
  Known known{{*around.keys, {}, TimeOf(row[0]), TimeOf(row[1]), TimeOf(row[2]), head},
              row[3].as<std::int64_t>(),
              row[4].as<std::int64_t>()};
  for (const pqxx::row& key :
       transaction.exec("SELECT id, (extract(epoch FROM use_time) * 1000000)::bigint FROM backbone.seal_key")) {
    known.trust.used_until[key[0].as<std::uint32_t>()] = TimeOf(key[1]);
  }
  return known;
}

std::string Summary(const events::Checked& checked, Language language) {
  std::string zh = absl::StrCat("核对了 ", checked.events, " 件，块 ", checked.first_block, " 至 ", checked.last_block);
  std::string en =
      absl::StrCat(checked.events, " as they were sealed, blocks ", checked.first_block, " to ", checked.last_block);
  if (checked.unsealed > 0) {
    absl::StrAppend(&zh, "，", checked.unsealed, " 件还没有封存");
    absl::StrAppend(&en, ", ", checked.unsealed, " not sealed yet");
  }
  if (checked.aged > 0 || checked.first_block > 1) {
    absl::StrAppend(&zh, "；更早的已过保留期，", checked.aged, " 件已不在");
    absl::StrAppend(&en, "; what is older is past its term: ", checked.aged, " are gone");
    if (checked.first_whole_block > 0) {
      absl::StrAppend(&zh, "，从块 ", checked.first_whole_block, " 起齐全");
      absl::StrAppend(&en, ", all are there from block ", checked.first_whole_block, " on");
    }
  }
  if (checked.unproven > 0) {
    absl::StrAppend(&zh, "；", checked.unproven, " 块的密钥不在密钥文件里，由其后的块作证");
    absl::StrAppend(&en, "; the key file lacks the key of ", checked.unproven, " blocks, later ones vouch for them");
  }
  if (checked.head_aged) {
    absl::StrAppend(&zh, "；留存的块首已过保留期，无从比对");
    absl::StrAppend(&en, "; the head that was kept is past its term and was not compared");
  }
  return language == Language::kChinese ? zh : en;
}

}  // namespace

ExitCode VerifyEvents(const Surroundings& around, const std::optional<events::Head>& head) {
  const Known known = Learn(around, head);
  Progress progress(around.err, around.live, "backbone.event", known.events);
  const auto next = Events(around.db);
  const events::Checked checked = events::Check(
      Blocks(around.db, known.last_block),
      [&] {
        std::optional<events::Record> record = next();
        if (record.has_value()) progress.Add(1, "");
        return record;
      },
      known.trust);
  progress.End(Summary(checked, around.language));
  if (checked.finding.has_value()) {
    around.out << Line(*checked.finding, around.language) << "\n";
    return kFailed;
  }
  if (checked.last_block > 0) around.out << ToText({checked.last_block, checked.last_hash}) << "\n";
  return kDone;
}

}  // namespace xxt::store_tool
