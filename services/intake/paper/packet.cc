#include <google/protobuf/repeated_field.h>

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/edge/noun.h"
#include "services/intake/cases/cases.h"
#include "services/intake/paper/paper.h"
#include "services/intake/slices.h"
#include "xixinting/intake/v1/packet.grpc.pb.h"

namespace xxt::intake {
namespace {

const store::Table<v1::Packet> kPackets("intake.packets", &cases::kCases,
                                        {.lists = {{"of_case", {"case_id"}, "id DESC"}}});

using Names = google::protobuf::RepeatedPtrField<std::string>;

// Which papers are not there: looked at each time, never stored. Errors: RESOURCE_NOT_FOUND.
absl::StatusOr<Names> MissingOf(Tx& tx, const v1::Packet& packet) {
  Names missing;
  for (const std::string& name : packet.papers()) {
    v1::Paper paper;
    XXT_RETURN_IF_ERROR(tx.Get(paper::kPapers, name, &paper));
    if (!paper::InHand(paper)) *missing.Add() = name;
  }
  return missing;
}

absl::Status CheckPapers(const v1::Case& about, const v1::Packet& packet) {
  const std::set<std::string> names(packet.papers().begin(), packet.papers().end());
  if (names.size() < 2 || packet.papers_size() != static_cast<int>(names.size())) {
    return errors::FieldInvalid("packet.papers", "须有两份以上不同的材料", "must be two or more different papers");
  }
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, absl::StrCat(about.name(), "/")))
      return errors::NotFound("intake.xixinting/Paper", name);
  }
  return absl::OkStatus();
}

absl::Status Create(Tx& tx, const v1::CreatePacketRequest& request, v1::Packet& made) {
  made = request.packet();
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.parent()));
  XXT_RETURN_IF_ERROR(CheckPapers(about, made));
  XXT_ASSIGN_OR_RETURN(const Names missing, MissingOf(tx, made));
  made.set_name(kPackets.NewName(about.name(), tx.now));
  made.set_state(v1::Packet::STATE_OPEN);
  made.set_author(tx.caller.subject);
  tx.Insert(kPackets, made);
  *made.mutable_missing() = missing;
  tx.Tell(about, "packet.created.v1", absl::StrCat("归集材料包，共 ", made.papers_size(), " 份"));
  return absl::OkStatus();
}

absl::Status Get(Tx& tx, const v1::GetPacketRequest& request, v1::Packet& found) {
  XXT_RETURN_IF_ERROR(tx.Get(kPackets, request.name(), &found));
  XXT_ASSIGN_OR_RETURN(*found.mutable_missing(), MissingOf(tx, found));
  return absl::OkStatus();
}

absl::Status List(Tx& tx, const v1::ListPacketsRequest& request, v1::ListPacketsResponse& response) {
  return tx.List(kPackets, "of_case", request, &response);
}

absl::Status HandOver(Tx& tx, const v1::HandOverPacketRequest& request, v1::Packet& packet) {
  XXT_ASSIGN_OR_RETURN(const v1::Case about, cases::LockOpen(tx, request.name()));
  XXT_RETURN_IF_ERROR(tx.Load(kPackets, request.name(), request.etag(), &packet));
  if (packet.state() == v1::Packet::STATE_HANDED_OVER) {
    return errors::StateForbids(packet.name(), "材料包已转交", "the packet was handed over before");
  }
  if (!cases::HasParty(about, request.recipient())) {
    return errors::NotFound("intake.xixinting/Party", request.recipient());
  }
  XXT_ASSIGN_OR_RETURN(const Names missing, MissingOf(tx, packet));
  if (!missing.empty()) {
    return errors::StateForbids(packet.name(), absl::StrCat("还有 ", missing.size(), " 份材料未到齐"),
                                absl::StrCat(missing.size(), " papers are not there yet"));
  }
  packet.set_state(v1::Packet::STATE_HANDED_OVER);
  packet.set_recipient(request.recipient());
  packet.set_identity_check(request.identity_check());
  packet.set_receipt(request.receipt());
  rpc::ToProto(tx.now, packet.mutable_hand_over_time());
  tx.Save(kPackets, packet);
  tx.Tell(about, "packet.handed_over.v1", "材料包已一次性转交");
  return absl::OkStatus();
}

class Service final : public edge::Serves<v1::PacketService> {
 public:
  using Serves::Serves;
  XXT_CHANGE(CreatePacket, Packet, Create)
  XXT_READ(GetPacket, Packet, Get)
  XXT_READ(ListPackets, ListPacketsResponse, List)
  XXT_CHANGE(HandOverPacket, Packet, HandOver)
};

}  // namespace

edge::Slice PacketSlice() { return {{}, {}, {edge::ServiceOf<Service>()}}; }

}  // namespace xxt::intake
