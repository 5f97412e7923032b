// The metrics and their data points, as AWS keeps them: seconds for 3 hours, minutes for 15 days,
// five minutes for 63 days, hours for 455 days. What grows old is merged by `age`.
//
// Nothing is in memory. On the state thread only; writes are part of the current transaction.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "services/cloudwatch/records.h"
#include "services/reset.h"

namespace matinee::cloudwatch {

/// Which metric: a name with other dimensions is another one.
struct MetricName {
  std::string account;
  std::string region;
  std::string name_space;
  std::string name;
  Dimensions dimensions;  // in any order
};

struct Sample {
  runtime::Time time;
  std::uint8_t unit = 0;
  bool is_fine = false;  // StorageResolution 1
  Statistics statistics;
};

/// What lies in one period of a metric.
struct Bucket {
  std::int64_t begin = 0;  // seconds since 1970
  std::uint8_t unit = 0;
  Statistics statistics;
};

/// from <= begin < to, in seconds since 1970.
struct SeriesQuery {
  std::string account;
  std::uint64_t metric = 0;
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int32_t period = 60;
  std::optional<std::uint8_t> unit;
  std::int64_t anchor = 0;  // where a period begins, and with it all others
};

/// Reads the points of a metric piece by piece, as they were when it was made, or, made in a
/// transaction, as that sees them.
class SeriesReader {
 public:
  SeriesReader(const PointsTable& points, SeriesQuery query, runtime::Time now);

  /// Reads some points; whether there are more.
  bool read_some();
  /// By time, and then by unit. Once read_some has said that there are no more.
  std::vector<Bucket> take();

 private:
  struct Stretch {
    Resolution resolution;
    std::int64_t slot;
  };

  const PointsTable points_;
  SeriesQuery query_;
  std::vector<Stretch> stretches_;
  std::size_t next_ = 0;
  std::optional<storage::TableCursor<PointKey, Statistics>> cursor_;
  std::map<std::pair<std::int64_t, std::uint8_t>, Statistics> buckets_;

  void add_stretches(Resolution resolution, runtime::Time now);
  void open(const Stretch& stretch);
};

class MetricStore {
 public:
  explicit MetricStore(storage::Store& store);

  void put(const MetricName& name, const Sample& sample, runtime::Time now);
  std::optional<std::uint64_t> find(const MetricName& name) const;
  const MetricsTable& metrics() const { return metrics_; }

  SeriesReader read(SeriesQuery query, runtime::Time now) const {
    return {points_, std::move(query), now};
  }
  /// All at once: for few points.
  std::vector<Bucket> read_now(SeriesQuery query, runtime::Time now) const;

  /// Merges and removes what is too old, but not more than `most` points: whether there is more to
  /// do.
  bool age(runtime::Time now, std::size_t most);
  /// Once a day looks through all metrics for those without any data left, `most` at a time:
  /// whether there is more to do today.
  bool forget_some(runtime::Time now, std::size_t most);

  void reset(const services::ResetScope& scope);

 private:
  MetricsTable metrics_;
  PointsTable points_;
  CountersTable counters_;
  std::int64_t looked_through_ = 0;  // the day
  std::optional<MetricKey> looks_at_;

  std::uint64_t new_id();
  MetricRecord require(const MetricName& name, runtime::Time time);
  void add_point(const PointKey& key, const Statistics& statistics);
  bool age(Resolution resolution, runtime::Time now, std::size_t& most);
  void merge_up(const PointKey& key, const Statistics& statistics);
};

/// How long a point of a resolution is, in seconds.
std::int64_t seconds_of(Resolution resolution);
/// The key of a metric in the table, whose dimensions are in order.
MetricKey key_of(const MetricName& name);

}  // namespace matinee::cloudwatch
