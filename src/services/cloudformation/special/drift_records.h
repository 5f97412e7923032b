// What the store keeps of comparisons of resources with their templates.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "runtime/clock.h"
#include "services/cloudformation/catalog/records.h"
#include "services/cloudformation/special/differences.h"
#include "services/reset.h"
#include "storage/table.h"

namespace matinee::cloudformation {

inline constexpr storage::TableId drifts_table{0x1414};
inline constexpr storage::TableId detections_table{0x1415};

/// Account, region, id.
using DetectionKey = std::tuple<std::string, std::string, std::string>;

/// Of the resource with that key.
struct DriftRecord {
  std::string type;
  std::string physical_id;
  std::string status;    // "IN_SYNC", "MODIFIED", "DELETED", "NOT_CHECKED"
  std::string expected;  // JSON
  std::string actual;    // JSON; empty where it could not be read
  std::vector<DifferenceRecord> differences;
  runtime::Time time;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&DriftRecord::type),   storage::field<2>(&DriftRecord::physical_id),
      storage::field<3>(&DriftRecord::status), storage::field<4>(&DriftRecord::expected),
      storage::field<5>(&DriftRecord::actual), storage::field<6>(&DriftRecord::differences),
      storage::field<7>(&DriftRecord::time)};
};

/// One comparison of a whole stack.
struct DetectionRecord {
  std::string stack_id;
  std::string status;   // "IN_SYNC", "DRIFTED"
  std::string failure;  // empty: none
  std::int32_t drifted = 0;
  runtime::Time time;

  static constexpr auto fields = std::tuple{
      storage::field<1>(&DetectionRecord::stack_id), storage::field<2>(&DetectionRecord::status),
      storage::field<3>(&DetectionRecord::failure), storage::field<4>(&DetectionRecord::drifted),
      storage::field<5>(&DetectionRecord::time)};
};

struct Drifts {
  explicit Drifts(storage::Store& store)
      : resources(store, drifts_table), detections(store, detections_table) {}

  storage::Table<ResourceKey, DriftRecord> resources;
  storage::Table<DetectionKey, DetectionRecord> detections;

  void remove_all(const services::ResetScope& scope) {
    const auto erase = [&](auto& table) {
      table.erase_range(scope.account ? table.prefix(*scope.account) : table.all());
    };
    erase(resources);
    erase(detections);
  }
};

}  // namespace matinee::cloudformation
