#include "services/dynamodb/table_capacity.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

constexpr std::int64_t max_capacity = 1'000'000'000'000;
constexpr std::int64_t no_limit = -1;

void require_limit(const std::optional<std::int64_t>& given, std::string_view member,
                   std::string_view index) {
  if (!given || *given >= 1) return;
  throw invalid_parameter(
      fmt::format("Requested {} for OnDemandThroughput for {} is outside of valid range", member,
                  index.empty() ? "table" : fmt::format("index : {}", index)));
}

void change_limit(const std::optional<std::int64_t>& given, std::optional<std::int64_t>& limit) {
  if (!given) return;
  if (*given == no_limit)
    limit.reset();
  else
    limit = given;
}

std::optional<std::int64_t> without_removal(const std::optional<std::int64_t>& given) {
  return given == no_limit ? std::nullopt : given;
}

void require_warm(std::int64_t wanted, std::int64_t least, const std::string& refusal) {
  if (wanted < least) throw invalid_parameter(refusal);
}

std::string too_low(std::string_view member, std::string_view index) {
  return fmt::format("Requested {} for WarmThroughput for {} is lower than ", member,
                     index.empty() ? "table" : fmt::format("index {}", index));
}

bool same_day(runtime::Time one, runtime::Time other) {
  return std::chrono::floor<std::chrono::days>(one) == std::chrono::floor<std::chrono::days>(other);
}

}  // namespace

std::optional<Throughput> read_throughput(const std::optional<ProvisionedThroughput>& given) {
  if (!given) return std::nullopt;
  const auto check = [](std::int64_t units, std::string_view name) {
    if (units > max_capacity) {
      throw validation_error(fmt::format("Given value {} for {} is out of bounds", units, name));
    }
  };
  check(given->read_capacity_units, "ReadCapacityUnits");
  check(given->write_capacity_units, "WriteCapacityUnits");
  return Throughput{given->read_capacity_units, given->write_capacity_units};
}

std::string_view given_limit(const OnDemandThroughput& given) {
  if (given.max_read_request_units) return "MaxReadRequestUnits";
  return given.max_write_request_units ? "MaxWriteRequestUnits" : "";
}

std::optional<OnDemandLimits> read_limits(const std::optional<OnDemandThroughput>& given,
                                          std::string_view index) {
  if (!given || given_limit(*given).empty()) return std::nullopt;
  require_limit(given->max_read_request_units, "MaxReadRequestUnits", index);
  require_limit(given->max_write_request_units, "MaxWriteRequestUnits", index);
  return OnDemandLimits{given->max_read_request_units, given->max_write_request_units};
}

void change_limits(const OnDemandThroughput& given, std::string_view index,
                   std::optional<OnDemandLimits>& limits) {
  require_limit(without_removal(given.max_read_request_units), "MaxReadRequestUnits", index);
  require_limit(without_removal(given.max_write_request_units), "MaxWriteRequestUnits", index);
  OnDemandLimits changed = limits.value_or(OnDemandLimits{});
  change_limit(given.max_read_request_units, changed.reads);
  change_limit(given.max_write_request_units, changed.writes);
  limits = changed.reads || changed.writes ? std::optional(changed) : std::nullopt;
}

std::optional<Throughput> read_warmth(const std::optional<WarmThroughput>& given,
                                      const std::optional<Throughput>& provisioned,
                                      std::string_view index) {
  if (!given) return std::nullopt;
  const Throughput usual = provisioned.value_or(on_demand_warmth);
  const Throughput wanted{given->read_units_per_second.value_or(usual.reads),
                          given->write_units_per_second.value_or(usual.writes)};
  const auto check = [&](std::int64_t units, std::int64_t least, std::string_view member,
                         std::string_view capacity) {
    require_warm(
        units, least,
        too_low(member, index) +
            (provisioned ? fmt::format("{} of ProvisionedThroughput", capacity)
                         : "initial throughput for OnDemand. See: https://docs.aws.amazon.com/"
                           "amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
                           "#on-demand-capacity-mode-initial"));
  };
  check(wanted.reads, usual.reads, "ReadUnitsPerSecond", "ReadCapacityUnits");
  check(wanted.writes, usual.writes, "WriteUnitsPerSecond", "WriteCapacityUnits");
  return wanted;
}

Throughput warmth(const std::optional<Throughput>& warm,
                  const std::optional<Throughput>& provisioned) {
  const Throughput usual = provisioned.value_or(on_demand_warmth);
  if (!warm) return usual;
  return {std::max(warm->reads, usual.reads), std::max(warm->writes, usual.writes)};
}

void raise_warmth(const WarmThroughput& given, std::string_view index, Throughput now,
                  std::optional<Throughput>& warm) {
  constexpr std::string_view refusal =
      "current WarmThroughput, decreasing WarmThroughput is not supported";
  const Throughput wanted{given.read_units_per_second.value_or(now.reads),
                          given.write_units_per_second.value_or(now.writes)};
  require_warm(wanted.reads, now.reads, too_low("ReadUnitsPerSecond", index).append(refusal));
  require_warm(wanted.writes, now.writes, too_low("WriteUnitsPerSecond", index).append(refusal));
  warm = wanted;
}

void set_throughput(const CapacityOf& capacity, const std::optional<Throughput>& wanted,
                    runtime::Time now) {
  auto& [throughput, changes, warm] = capacity;
  warm = warmth(warm, throughput);
  if (wanted && throughput) {
    if (wanted->reads > throughput->reads || wanted->writes > throughput->writes)
      changes.increased_at = now;
    if (wanted->reads < throughput->reads || wanted->writes < throughput->writes) {
      const bool again = changes.decreased_at && same_day(*changes.decreased_at, now);
      changes.decreases = again ? changes.decreases + 1 : 1;
      changes.decreased_at = now;
    }
  }
  throughput = wanted;
  warm = warmth(warm, throughput);
}

}  // namespace matinee::dynamodb
