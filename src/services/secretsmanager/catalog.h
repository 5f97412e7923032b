// The secrets of all accounts in the store, with the tables that must change together: the orders
// of lists, and the moments at which deleted secrets end.
#pragma once

#include <optional>
#include <string>

#include "services/reset.h"
#include "services/secretsmanager/names.h"
#include "services/secretsmanager/records.h"

namespace matinee::secretsmanager {

class Catalog {
 public:
  explicit Catalog(storage::Store& store);

  std::optional<SecretRecord> find(const Place& place, const std::string& name) const;
  std::optional<SecretRecord> find(const Reference& reference) const;

  void put(const Place& place, const SecretRecord& record);
  /// With its values.
  void erase(const Place& place, const SecretRecord& record);

  std::optional<ValueRecord> find_value(const Place& place, const SecretRecord& secret,
                                        const std::string& version) const;
  void put_value(const Place& place, const std::string& secret_id, const std::string& version,
                 const ValueRecord& value);
  void erase_value(const Place& place, const SecretRecord& secret, const std::string& version);

  void reset(const services::ResetScope& scope);

  /// When the next deleted secret ends, if any.
  std::optional<runtime::Time> next_ending();
  /// Erases up to `most` secrets whose time has come.
  void end(runtime::Time now, int most);

  /// Visits when secrets are due for their rotation, the earliest first, until `visit` says false.
  template <class Visit>
  void visit_rotations(Visit visit) {
    rotations_.scan(rotations_.left(), [&](const Endings::KeyType& key, const NothingRecord&) {
      const auto& [time, account, region, name] = key;
      return visit(time, Place{account, region}, name);
    });
  }

  Secrets secrets;
  Orders orders;

 private:
  Values values_;
  Endings endings_;
  Endings rotations_;

  void index(const Place& place, const SecretRecord* before, const SecretRecord* after);
};

/// When the moment was; long ago for a secret that was never read.
runtime::Time moment_of(const SecretRecord& secret, Moment moment);

}  // namespace matinee::secretsmanager
