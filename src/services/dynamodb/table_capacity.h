// The capacities that tables and global indexes are given: provisioned ones, limits on demand, and
// what they can do at once. They are kept and described, and nothing is throttled.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dynamodb/shapes.h"
#include "runtime/clock.h"
#include "services/dynamodb/records.h"

namespace matinee::dynamodb {

/// What every table on demand can do at once, a second: AWS's defaults of WarmThroughput.
inline constexpr Throughput on_demand_warmth{.reads = 12'000, .writes = 4'000};

/// Empty where nothing is given. Throws a ValidationException above AWS's largest number.
std::optional<Throughput> read_throughput(const std::optional<ProvisionedThroughput>& given);

/// Of a new table or of its new index (`index` is its name, empty for the table). An empty
/// structure is none. Throws a ValidationException for numbers below 1.
std::optional<OnDemandLimits> read_limits(const std::optional<OnDemandThroughput>& given,
                                          std::string_view index);
/// Member by member: what is not given stays, and -1 takes a limit away.
void change_limits(const OnDemandThroughput& given, std::string_view index,
                   std::optional<OnDemandLimits>& limits);
/// The member that is given, in the words of refusals. Empty where none is.
std::string_view given_limit(const OnDemandThroughput& given);

/// Of a new table or index; `provisioned` is what it has. Throws a ValidationException for less
/// than it can do anyway.
std::optional<Throughput> read_warmth(const std::optional<WarmThroughput>& given,
                                      const std::optional<Throughput>& provisioned,
                                      std::string_view index);
/// What a table or index can do at once.
Throughput warmth(const std::optional<Throughput>& warm,
                  const std::optional<Throughput>& provisioned);
/// Throws a ValidationException for less than before: that is never taken away.
void raise_warmth(const WarmThroughput& given, std::string_view index, Throughput now,
                  std::optional<Throughput>& warm);

/// What a table or an index has of it: members of its record.
struct CapacityOf {
  std::optional<Throughput>& throughput;
  ThroughputChanges& changes;
  std::optional<Throughput>& warm;
};

/// Another provisioned capacity, or none, at a time. What a table has been able to do it goes on to
/// be able to do.
void set_throughput(const CapacityOf& capacity, const std::optional<Throughput>& wanted,
                    runtime::Time now);

}  // namespace matinee::dynamodb
