// The parameters of all accounts in the store, with the tables that must change together: versions,
// counts and expirations.
#pragma once

#include <optional>
#include <string>

#include "services/reset.h"
#include "services/ssm/names.h"
#include "services/ssm/records.h"

namespace matinee::ssm {

class Catalog {
 public:
  explicit Catalog(storage::Store& store);

  std::optional<ParameterRecord> find(const Place& place, const std::string& name) const;
  /// Of a name, or of an ARN, which does not tell whether the name has a slash in front: the name
  /// is made the one that exists.
  std::optional<ParameterRecord> find(Reference& reference) const;
  /// Throws ParameterNotFound, which has no message.
  ParameterRecord require(const Place& place, const std::string& name) const;

  std::optional<VersionRecord> find_version(const Place& place, const std::string& name,
                                            std::uint64_t version) const;
  /// The version that the selector asks for. Throws ParameterVersionNotFound.
  VersionRecord require_version(const Reference& reference, const ParameterRecord& record) const;

  /// Writes the parameter with a new version, `record.latest`; `before` is what it was.
  void put(const Reference& reference, const ParameterRecord& record, const std::string& value,
           const std::optional<ParameterRecord>& before);
  /// Labels and tags: what no version has.
  void update(const Place& place, const std::string& name, const ParameterRecord& record);
  void erase_version(const Place& place, const std::string& name, std::uint64_t version);
  /// With its versions and policies. False where there is none.
  bool erase(const Place& place, const std::string& name);

  CountRecord counts(const Place& place) const;
  void reset(const services::ResetScope& scope);

  /// The next expiration, if any.
  std::optional<runtime::Time> next_expiration() const;
  /// Erases up to `most` parameters whose time has come; false once there are no more.
  bool expire(runtime::Time now, int most);

  Parameters parameters;
  Versions versions;
  Settings settings;
  ResourcePolicies resource_policies;

 private:
  Counts counts_;
  Expirations expirations_;

  void count(const Place& place, const std::string& tier, int change);
  void schedule(const Place& place, const std::string& name, const ParameterRecord* before,
                const ParameterRecord* after);
};

}  // namespace matinee::ssm
