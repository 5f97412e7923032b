// The configurations of buckets: tagging, lifecycle, CORS and all the others, in one table. What is
// kept is the document that the client sent, as the model reads it: so every kind is stored and
// returned by the same few functions, and a directory written by one release of AWS's model is read
// by the next, which knows at least the same elements.
//
// State thread only; writes inside a transaction.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "protocol/shape.h"
#include "storage/table.h"

namespace matinee::s3 {

/// Stored in keys: numbers are for ever.
enum class ConfigurationKind : std::uint8_t {
  tagging = 1,
  encryption = 2,
  lifecycle = 3,
  logging = 4,
  website = 5,
  request_payment = 6,
  accelerate = 7,
  replication = 8,
  cors = 9,
  abac = 10,
  inventory = 11,
  analytics = 12,
  metrics = 13,
  intelligent_tiering = 14,
};

struct ConfigurationRecord {
  std::string document;  // XML
  /// x-amz-transition-default-minimum-object-size, which travels beside a lifecycle's document.
  std::optional<std::string> transition_default_minimum_object_size;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&ConfigurationRecord::document),
                 storage::field<2>(&ConfigurationRecord::transition_default_minimum_object_size)};
};

class Configurations {
 public:
  explicit Configurations(storage::Store& store);

  /// Bucket, kind, and the id of those that a bucket has several of; empty for the others.
  using Key = std::tuple<std::string, ConfigurationKind, std::string>;

  static Key key(const std::string& bucket, ConfigurationKind kind, const std::string& id = "") {
    return {bucket, kind, id};
  }

  bool contains(const Key& key) const { return table_.contains(key); }
  std::optional<ConfigurationRecord> find_record(const Key& key) const { return table_.find(key); }
  /// The configuration as a structure of the model, such as CORSConfiguration. Another structure
  /// with the same elements will do, such as a reply.
  template <class Configuration>
  std::optional<Configuration> find(const Key& key) const {
    const std::optional<ConfigurationRecord> record = table_.find(key);
    if (!record) return std::nullopt;
    std::optional<Configuration> configuration(std::in_place);
    read(*record, Configuration::shape, &*configuration);
    return configuration;
  }

  template <class Configuration>
  void put(const Key& key, const Configuration& configuration) {
    table_.put(key, {.document = write(Configuration::shape, &configuration)});
  }
  void put_record(const Key& key, const ConfigurationRecord& record) { table_.put(key, record); }
  void erase(const Key& key) { table_.erase(key); }
  /// All of a bucket that goes away.
  void erase_all(const std::string& bucket) { table_.erase_range(table_.prefix(bucket)); }

  using Visit = std::function<bool(const Key& key, const ConfigurationRecord& record)>;
  /// Those of one kind in the order of their ids, without the first up to and including `after`,
  /// until `visit` returns false.
  void scan(const std::string& bucket, ConfigurationKind kind, const std::string& after,
            const Visit& visit) const;
  /// Those of all buckets.
  void scan_all(const Visit& visit) const { table_.scan(table_.all(), visit); }

  static std::string write(const protocol::Structure& shape, const void* configuration);
  /// Fills `object`, or its payload where the shape has one. Throws storage::DamagedRecord.
  static void read(const ConfigurationRecord& record, const protocol::Structure& shape,
                   void* object);

 private:
  storage::Table<Key, ConfigurationRecord> table_;
};

}  // namespace matinee::s3
