#ifndef XXT_COMMON_PG_PARAM_H_
#define XXT_COMMON_PG_PARAM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace xxt::pg {

// One parameter of a statement: a value, or NULL. It has a text that PostgreSQL
// parses as whatever the statement takes it for, and for the types that are
// written most a binary form, too. Which of them is sent is the connection's
// business (wire.h): whoever makes a parameter need not know its type.
class Param {
 public:
  Param(std::nullopt_t) {}                                                        // NOLINT(google-explicit-constructor)
  Param(absl::string_view text) : value_(std::string(text)) {}                    // NOLINT(google-explicit-constructor)
  Param(const std::string& text) : value_(text) {}                                // NOLINT(google-explicit-constructor)
  Param(std::string&& text) : value_(std::move(text)) {}                          // NOLINT(google-explicit-constructor)
  Param(const char* text) : value_(std::string(text)) {}                          // NOLINT(google-explicit-constructor)
  Param(bool value) : value_(std::in_place_type<bool>, value) {}                  // NOLINT(google-explicit-constructor)
  Param(int value) : value_(std::in_place_type<std::int64_t>, value) {}           // NOLINT(google-explicit-constructor)
  Param(std::int64_t value) : value_(std::in_place_type<std::int64_t>, value) {}  // NOLINT(google-explicit-constructor)
  Param(std::uint64_t value) : value_(std::to_string(value)) {}                   // NOLINT(google-explicit-constructor)
  Param(absl::Time time) : value_(time) {}                                        // NOLINT(google-explicit-constructor)
  Param(absl::CivilDay day);                                                      // NOLINT(google-explicit-constructor)
  Param(const std::vector<std::string>& array);                                   // NOLINT(google-explicit-constructor)
  template <typename T>
  Param(const std::optional<T>& value) {  // NOLINT(google-explicit-constructor)
    if (value.has_value()) *this = Param(*value);
  }
  // Bytes for a bytea parameter.
  static Param Bytes(absl::string_view bytes);
  // The array of these values.
  static Param Array(const std::vector<const Param*>& values);

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }

  // The text; nullopt for NULL.
  std::optional<std::string> AsText() const;
  // Appends the text to `out`; nothing for NULL.
  void AppendText(std::string* out) const;
  // Appends what PostgreSQL reads as a binary value of the type whose pg_type.oid
  // is `type`. False, with `out` as it was, if this has no such form: NULL, a
  // type that is not written here, or a value that PostgreSQL has to judge.
  bool AppendBinary(unsigned type, std::string* out) const;

 private:
  struct Raw {
    std::string bytes;
  };

  bool TryBinary(unsigned type, std::string* out) const;

  std::variant<std::monostate, std::string, Raw, std::int64_t, bool, absl::Time, std::vector<Param>> value_;
};

}  // namespace xxt::pg

#endif  // XXT_COMMON_PG_PARAM_H_
