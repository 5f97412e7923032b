// In what a resource has come to differ from its template: what drift detection tells. Pure.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "resources/schema.h"
#include "storage/record.h"
#include "templates/tree.h"

namespace matinee::cloudformation {

struct DifferenceRecord {
  std::string path;  // "/Environment/Variables/X"
  std::string expected;
  std::string actual;
  std::string type;  // "ADD", "REMOVE", "NOT_EQUAL"

  bool operator==(const DifferenceRecord&) const = default;
  static constexpr auto fields = std::tuple{
      storage::field<1>(&DifferenceRecord::path), storage::field<2>(&DifferenceRecord::expected),
      storage::field<3>(&DifferenceRecord::actual), storage::field<4>(&DifferenceRecord::type)};
};

/// Only what the template sets is compared: services have defaults for all else. In maps whose keys
/// are the user's (variables of a function) what was added counts too; so do elements of lists, of
/// which tags (Key, Value) have no order, and AWS's own ones do not count. Properties that cannot
/// be read are passed over.
std::vector<DifferenceRecord> find_differences(const resources::Schema& schema,
                                               const templates::Value& expected,
                                               const templates::Value& actual);

/// The top-level properties of `actual` that `expected` has.
templates::Value only_expected(const templates::Value& expected, const templates::Value& actual);

}  // namespace matinee::cloudformation
