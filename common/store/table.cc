#include "common/store/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/identifiers/uuid.h"
#include "common/store/compiled.h"

namespace xxt::store {
namespace {

// Of the program. Never destroyed: tables are, in any order.
std::vector<const TableBase*>& Tables() {
  static auto* const tables = new std::vector<const TableBase*>();
  return *tables;
}

// The parameters of what changes a row, in the order of compiled.h.
std::vector<std::string> RowParameters(const TableBase::Compiled& compiled) {
  std::vector<std::string> parameters;
  const Pattern& ids = compiled.pattern;
  for (std::size_t i = 0; i < ids.columns.size(); ++i) {
    parameters.push_back(absl::StrCat(ids.columns[i], " ", ids.types[i]));
  }
  for (const auto& column : compiled.columns) parameters.push_back(absl::StrCat(column.name, " ", column.type));
  if (compiled.etag_field != nullptr) parameters.emplace_back("version bigint");
  parameters.emplace_back("message bytea");
  return parameters;
}

void Describe(const TableBase& table, std::vector<TableBase::Described>* all) {
  const TableBase::Compiled& compiled = table.compiled();
  const std::vector<std::string> row = RowParameters(compiled);
  const std::vector<std::string> ids(row.begin(),
                                     row.begin() + static_cast<std::ptrdiff_t>(compiled.pattern.columns.size()));
  std::vector<std::string> sealed = row;
  sealed.emplace_back("sealed bytea");
  if (compiled.searched) sealed.emplace_back("search bytea");
  std::vector<std::string> inserted = sealed;
  if (compiled.has_key) inserted.emplace_back("key bytea");
  const pg::Statement& insert = *compiled.insert;
  all->push_back({&insert, std::move(inserted)});
  all->push_back({&compiled.get, ids});
  if (!table.spec().append_only) {
    all->push_back({&compiled.load, ids});
    all->push_back({&compiled.save, row});
    all->push_back({&compiled.save_sealed, std::move(sealed)});
  }
  for (const auto& list : compiled.lists) {
    all->push_back({&list.statement, list.parameters});
    if (list.all_halls.sql == nullptr) continue;
    std::vector<std::string> parameters = list.parameters;
    parameters.erase(std::find(parameters.begin(), parameters.end(), "hall text"));
    all->push_back({&list.all_halls, std::move(parameters)});
  }
}

}  // namespace

TableBase::TableBase(const google::protobuf::Descriptor* (*descriptor)(), const char* name, const TableBase* root,
                     TableSpec spec)
    : type_(descriptor), name_(name), root_(root), spec_(std::move(spec)) {
  Tables().push_back(this);
}

TableBase::~TableBase() { Tables().erase(std::find(Tables().begin(), Tables().end(), this)); }

std::string TableBase::NewName(absl::string_view parent, absl::Time now) const {
  return absl::StrCat(parent, parent.empty() ? "" : "/", compiled().pattern.collections.back(), "/",
                      identifiers::NewUuid(now));
}

const TableBase::Compiled& TableBase::compiled() const {
  std::call_once(once_, [this] { compiled_ = std::make_unique<Compiled>(*this); });
  return *compiled_;
}

std::vector<const TableBase*> TableBase::All() { return Tables(); }

std::vector<TableBase::Described> TableBase::Statements() {
  std::vector<Described> all;
  for (const TableBase* table : Tables()) {
    Describe(*table, &all);
  }
  return all;
}

}  // namespace xxt::store
