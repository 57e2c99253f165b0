#ifndef XXT_COMMON_IDENTIFIERS_UUID_H_
#define XXT_COMMON_IDENTIFIERS_UUID_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace xxt::identifiers {

// The instance of the system that made an id: one district's, say. Its number is the
// last four digits of every id that it makes, so that whoever holds a name can tell where
// to ask; see docs/architecture.md, "When one machine is not enough".
using Cell = std::uint16_t;

// Of this process; 0 until SetOwnCell is called, before the first id. Thread-safe.
Cell OwnCell();
void SetOwnCell(Cell cell);

// A cell as ids spell it, four hexadecimal digits in lower case: "00a7"; and the cell
// that is spelled so, or nullopt.
std::string CellName(Cell cell);
std::optional<Cell> ParseCell(absl::string_view text);

// The cell that the id of a resource names: the first UUID in its name, for a child is
// made where its root is. nullopt if there is none ("halls/110102016"), or it is none that
// NewUuid makes: the digits of other versions are random.
std::optional<Cell> CellOf(absl::string_view resource_name);

// Returns a new UUIDv7 (RFC 9562) in lower case, with the milliseconds of `now` in front
// and this process's cell at the end.
//
// Thread-safe. Within the process every id sorts after the ones made before it: if `now`
// stands still or goes back, the random part counts up from the last id instead (RFC 9562,
// 6.2, method 2). Ids of different processes sort by their clocks and never collide.
std::string NewUuid(absl::Time now);

// True if `text` is a UUID of any version in its one canonical spelling: 8-4-4-4-12
// lower-case hexadecimal digits, RFC 9562 variant. Upper case is refused, so that equal
// ids are equal texts.
bool IsUuid(absl::string_view text);

}  // namespace xxt::identifiers

#endif  // XXT_COMMON_IDENTIFIERS_UUID_H_
