#include "services/ssm/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

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
      expirations_(store, expirations_id) {}

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
  schedule(place, reference.name, before ? &*before : nullptr, &record);
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
  schedule(place, name, &*record, nullptr);
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

void Catalog::schedule(const Place& place, const std::string& name, const ParameterRecord* before,
                       const ParameterRecord* after) {
  const auto old_time = expiration_of(before);
  const auto new_time = expiration_of(after);
  if (old_time == new_time) return;
  if (old_time) expirations_.erase({*old_time, place.account, place.region, name});
  if (new_time) expirations_.put({*new_time, place.account, place.region, name}, {});
}

std::optional<runtime::Time> Catalog::next_expiration() const {
  const auto next = expirations_.first(expirations_.all());
  if (!next) return std::nullopt;
  return std::get<0>(next->first);
}

bool Catalog::expire(runtime::Time now, int most) {
  std::vector<std::pair<Place, std::string>> due;
  bool more = false;
  expirations_.scan(expirations_.all(), [&](const auto& key, const NothingRecord&) {
    if (std::get<0>(key) > now) return false;
    more = std::ssize(due) == most;
    if (more) return false;
    due.push_back({{std::get<1>(key), std::get<2>(key)}, std::get<3>(key)});
    return true;
  });
  for (const auto& [place, name] : due) erase(place, name);
  return more;
}

void Catalog::reset(const services::ResetScope& scope) {
  const auto clear = [&](auto& table) {
    table.erase_range(scope.account ? table.prefix(*scope.account) : table.all());
  };
  if (!scope.account) {
    expirations_.erase_range(expirations_.all());
  } else {
    std::vector<Expirations::KeyType> keys;
    expirations_.scan(expirations_.all(), [&](const auto& key, const NothingRecord&) {
      if (scope.covers(std::get<1>(key))) keys.push_back(key);
      return true;
    });
    for (const auto& key : keys) expirations_.erase(key);
  }
  clear(parameters);
  clear(versions);
  clear(settings);
  clear(resource_policies);
  clear(counts_);
}

}  // namespace matinee::ssm
