// What the store keeps of scalable targets.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "runtime/clock.h"
#include "storage/table.h"

namespace matinee::applicationautoscaling {

/// Account, region, service namespace, resource id, scalable dimension.
using TargetKey = std::tuple<std::string, std::string, std::string, std::string, std::string>;
/// The same, and the name of a policy or a scheduled action.
using PartKey =
    std::tuple<std::string, std::string, std::string, std::string, std::string, std::string>;

struct TargetRecord {
  std::string id;  // in its ARN
  std::int32_t minimum = 0;
  std::int32_t maximum = 0;
  bool suspends_in = false;
  bool suspends_out = false;
  bool suspends_schedules = false;
  runtime::Time created;
  std::map<std::string, std::string> tags;

  static constexpr auto fields = std::tuple{storage::field<1>(&TargetRecord::id),
                                            storage::field<2>(&TargetRecord::minimum),
                                            storage::field<3>(&TargetRecord::maximum),
                                            storage::field<4>(&TargetRecord::suspends_in),
                                            storage::field<5>(&TargetRecord::suspends_out),
                                            storage::field<6>(&TargetRecord::suspends_schedules),
                                            storage::field<7>(&TargetRecord::created),
                                            storage::field<8>(&TargetRecord::tags)};
};

/// A policy or a scheduled action.
struct PartRecord {
  std::string id;    // in its ARN
  std::string json;  // TargetTrackingScalingPolicyConfiguration; of an action PutScheduledAction
  runtime::Time created;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&PartRecord::id), storage::field<2>(&PartRecord::json),
                 storage::field<3>(&PartRecord::created)};
};

using Targets = storage::Table<TargetKey, TargetRecord>;
using Parts = storage::Table<PartKey, PartRecord>;

inline constexpr storage::TableId targets_table{0x1901};
inline constexpr storage::TableId policies_table{0x1902};
inline constexpr storage::TableId actions_table{0x1903};

}  // namespace matinee::applicationautoscaling
