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

  /// When the next policy is carried out, if any.
  std::optional<runtime::Time> next_moment();
  /// A policy whose time has come, of the parameter as it was then.
  struct Due {
    Reference reference;
    VersionDetails details;
    PolicyRecord policy;
  };
  /// The next of those up to `now`, in the order of their times. What expires is erased.
  std::optional<Due> take_due(runtime::Time now);

  Parameters parameters;
  Versions versions;
  Settings settings;
  ResourcePolicies resource_policies;

 private:
  Counts counts_;
  Expirations expirations_;
  Notices notices_;

  void count(const Place& place, const std::string& tier, int change);
  void schedule(const Reference& reference, const ParameterRecord* before,
                const ParameterRecord* after);
  void schedule_notices(const Reference& reference, const VersionDetails& details, bool on);
};

}  // namespace matinee::ssm
