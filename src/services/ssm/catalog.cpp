#include "services/ssm/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "services/ssm/parameter_policies.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

std::optional<runtime::Time> expiration_of(const ParameterRecord* record) {
  if (!record) return std::nullopt;
  for (const PolicyRecord& policy : record->latest.policies)
    if (policy.type == "Expiration") return policy.at;
  return std::nullopt;
}

std::optional<std::uint64_t> to_version(std::string_view text) {
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return version;
}

}  // namespace

Catalog::Catalog(storage::Store& store)
    : parameters(store, parameters_id),
      versions(store, versions_id),
      settings(store, settings_id),
      resource_policies(store, resource_policies_id),
      counts_(store, counts_id),
      expirations_(store, expirations_id),
      notices_(store, notices_id) {}

std::optional<ParameterRecord> Catalog::find(const Place& place, const std::string& name) const {
  return parameters.find({place.account, place.region, storage::RawKey{name}});
}

std::optional<ParameterRecord> Catalog::find(Reference& reference) const {
  auto found = find(reference.place, reference.name);
  if (found || !reference.by_arn) return found;
  std::string plain = reference.name.substr(1);
  if (plain.contains('/')) return std::nullopt;
  found = find(reference.place, plain);
  if (found) reference.name = std::move(plain);
  return found;
}

ParameterRecord Catalog::require(const Place& place, const std::string& name) const {
  auto found = find(place, name);
  if (!found) throw ParameterNotFound("");
  return *std::move(found);
}

std::optional<VersionRecord> Catalog::find_version(const Place& place, const std::string& name,
                                                   std::uint64_t version) const {
  return versions.find({place.account, place.region, name, version});
}

VersionRecord Catalog::require_version(const Reference& reference,
                                       const ParameterRecord& record) const {
  std::uint64_t version = record.latest.version;
  if (!reference.selector.empty()) {
    const std::string selector = reference.selector.substr(1);
    const auto label = record.labels.find(selector);
    if (const auto number = to_version(selector)) {
      version = *number;
    } else if (label != record.labels.end()) {
      version = label->second;
    } else {
      throw ParameterVersionNotFound(
          fmt::format("Systems Manager could not find label {} for parameter {}. Verify the label "
                      "and try again.",
                      selector, reference.name));
    }
  }
  auto found = find_version(reference.place, reference.name, version);
  if (!found)
    throw ParameterVersionNotFound(fmt::format(
        "Systems Manager could not find version {} of {}. Verify the version and try again.",
        version, reference.name));
  return *std::move(found);
}

void Catalog::put(const Reference& reference, const ParameterRecord& record,
                  const std::string& value, const std::optional<ParameterRecord>& before) {
  const Place& place = reference.place;
  if (before) count(place, before->latest.tier, -1);
  count(place, record.latest.tier, 1);
  schedule(reference, before ? &*before : nullptr, &record);
  versions.put({place.account, place.region, reference.name, record.latest.version},
               {.details = record.latest, .value = value});
  update(place, reference.name, record);
}

void Catalog::update(const Place& place, const std::string& name, const ParameterRecord& record) {
  parameters.put({place.account, place.region, storage::RawKey{name}}, record);
}

void Catalog::erase_version(const Place& place, const std::string& name, std::uint64_t version) {
  versions.erase({place.account, place.region, name, version});
}

bool Catalog::erase(const Place& place, const std::string& name) {
  const auto record = find(place, name);
  if (!record) return false;
  count(place, record->latest.tier, -1);
  schedule({.place = place, .name = name}, &*record, nullptr);
  parameters.erase({place.account, place.region, storage::RawKey{name}});
  versions.erase_range(versions.prefix(place.account, place.region, name));
  resource_policies.erase_range(resource_policies.prefix(place.account, place.region, name));
  return true;
}

CountRecord Catalog::counts(const Place& place) const {
  return counts_.find({place.account, place.region}).value_or(CountRecord{});
}

void Catalog::count(const Place& place, const std::string& tier, int change) {
  CountRecord record = counts(place);
  std::uint64_t& number = tier == "Advanced" ? record.advanced : record.standard;
  number += static_cast<std::uint64_t>(change);
  counts_.put({place.account, place.region}, record);
}

void Catalog::schedule(const Reference& reference, const ParameterRecord* before,
                       const ParameterRecord* after) {
  const auto& [account, region] = reference.place;
  if (const auto time = expiration_of(before))
    expirations_.erase({*time, account, region, reference.name});
  if (const auto time = expiration_of(after))
    expirations_.put({*time, account, region, reference.name}, {});
  if (before) schedule_notices(reference, before->latest, false);
  if (after) schedule_notices(reference, after->latest, true);
}

/// What lay in the past when the parameter was written has been told, or came too late.
void Catalog::schedule_notices(const Reference& reference, const VersionDetails& details, bool on) {
  for (std::size_t place = 0; place < details.policies.size(); ++place) {
    const PolicyRecord& policy = details.policies[place];
    const auto moment = moment_of(policy, details);
    if (policy.type == "Expiration" || !moment || *moment <= details.modified) continue;
    const Notices::KeyType key{*moment, reference.place.account, reference.place.region,
                               reference.name, place};
    if (on)
      notices_.put(key, {});
    else
      notices_.erase(key);
  }
}

std::optional<runtime::Time> Catalog::next_moment() {
  std::optional<runtime::Time> next;
  if (const auto first = notices_.first()) next = std::get<0>(first->first);
  if (const auto first = expirations_.first())
    next = std::min(next.value_or(runtime::Time::max()), std::get<0>(first->first));
  return next;
}

std::optional<Catalog::Due> Catalog::take_due(runtime::Time now) {
  const auto moment = next_moment();
  if (!moment || *moment > now) return std::nullopt;
  const auto notice = notices_.first();
  // Somebody is told before there is nothing any more to be told of.
  if (notice && std::get<0>(notice->first) == *moment) {
    const auto& [time, account, region, name, place] = notice->first;
    notices_.erase(notice->first);
    const auto record = find({account, region}, name);
    if (!record || place >= record->latest.policies.size()) return take_due(now);
    return Due{.reference = {.place = {account, region}, .name = name},
               .details = record->latest,
               .policy = record->latest.policies[place]};
  }
  const auto expiration = expirations_.first();
  const auto& [time, account, region, name] = expiration->first;
  expirations_.erase(expiration->first);
  const auto record = find({account, region}, name);
  if (!record) return take_due(now);
  const auto policy =
      std::ranges::find(record->latest.policies, std::string("Expiration"), &PolicyRecord::type);
  erase({account, region}, name);
  if (policy == record->latest.policies.end()) return take_due(now);
  return Due{.reference = {.place = {account, region}, .name = name},
             .details = record->latest,
             .policy = *policy};
}

void Catalog::reset(const services::ResetScope& scope) {
  const auto clear = [&](auto& table) {
    table.erase_range(scope.account ? table.prefix(*scope.account) : table.all());
  };
  const auto clear_by_time = [&](auto& table) {
    if (!scope.account) return table.erase_range(table.all());
    std::vector<typename std::remove_reference_t<decltype(table)>::KeyType> keys;
    table.scan(table.all(), [&](const auto& key, const NothingRecord&) {
      if (scope.covers(std::get<1>(key))) keys.push_back(key);
      return true;
    });
    for (const auto& key : keys) table.erase(key);
  };
  clear_by_time(expirations_);
  clear_by_time(notices_);
  clear(parameters);
  clear(versions);
  clear(settings);
  clear(resource_policies);
  clear(counts_);
}

}  // namespace matinee::ssm
