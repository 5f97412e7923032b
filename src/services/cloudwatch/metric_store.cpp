#include "services/cloudwatch/metric_store.h"

#include <algorithm>
#include <array>

namespace matinee::cloudwatch {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t hour = 3'600;
constexpr std::int64_t day = 24 * hour;
constexpr std::uint64_t next_metric = 0;

/// How often the time of a metric's latest data is written.
constexpr auto latest_step = minutes(5);
/// AWS keeps the last of a metric's data so long.
constexpr auto longest_kept = hours(455 * 24);

struct Layer {
  std::int64_t seconds;  // of a point
  std::int64_t slot;     // seconds, a multiple of the next layer's points
  std::int64_t kept;     // seconds
};

constexpr std::array<Layer, 4> layers = {{{.seconds = 1, .slot = hour, .kept = 3 * hour},
                                          {.seconds = 60, .slot = day, .kept = 15 * day},
                                          {.seconds = 300, .slot = 7 * day, .kept = 63 * day},
                                          {.seconds = hour, .slot = 30 * day, .kept = 455 * day}}};

const Layer& layer_of(Resolution resolution) {
  return layers[static_cast<std::size_t>(resolution)];
}

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  const std::int64_t rest = value % step;
  return rest < 0 ? value - rest - step : value - rest;
}

std::int64_t slot_of(Resolution resolution, std::int64_t second) {
  const std::int64_t length = layer_of(resolution).slot;
  return floor_to(second, length) / length;
}

/// Of the point at that resolution in which the begin of `key` lies.
PointKey at_resolution(Resolution resolution, PointKey key) {
  std::int64_t& begin = std::get<4>(key);
  begin = floor_to(begin, layer_of(resolution).seconds);
  std::get<0>(key) = resolution;
  std::get<1>(key) = slot_of(resolution, begin);
  return key;
}

/// The slots before this one hold nothing that has to be kept.
std::int64_t first_kept_slot(Resolution resolution, runtime::Time now) {
  return slot_of(resolution, runtime::to_seconds(now) - layer_of(resolution).kept);
}

}  // namespace

std::int64_t seconds_of(Resolution resolution) {
  return layer_of(resolution).seconds;
}

MetricKey key_of(const MetricName& name) {
  Dimensions sorted = name.dimensions;
  std::ranges::sort(sorted);
  storage::RawKey bytes;
  storage::KeyWriter writer(bytes.bytes);
  for (const auto& [key, value] : sorted) {
    writer.add(key);
    writer.add(value);
  }
  return {name.account, name.region, name.name_space, name.name, std::move(bytes)};
}

SeriesReader::SeriesReader(const PointsTable& points, SeriesQuery query, runtime::Time now)
    : points_(points), query_(std::move(query)) {
  // Periods below a minute see points of seconds, and of minutes what was put as such.
  add_stretches(Resolution::second, now);
  add_stretches(Resolution::minute, now);
  if (query_.period >= seconds_of(Resolution::five_minutes))
    add_stretches(Resolution::five_minutes, now);
  if (query_.period >= hour) add_stretches(Resolution::hour, now);
}

/// Those slots of the range that can hold points of the resolution. One that is to be merged, but
/// is not yet, counts as well.
void SeriesReader::add_stretches(Resolution resolution, runtime::Time now) {
  const Layer& layer = layer_of(resolution);
  const std::int64_t oldest = runtime::to_seconds(now) - layer.kept - 2 * layer.slot;
  const std::int64_t newest = runtime::to_seconds(now) + 3 * hour;
  const std::int64_t from = std::max(floor_to(query_.from, layer.seconds), oldest);
  const std::int64_t to = std::min(query_.to, newest);
  if (from >= to) return;
  const std::int64_t last = slot_of(resolution, to - 1);
  for (std::int64_t slot = slot_of(resolution, from); slot <= last; ++slot)
    stretches_.push_back({.resolution = resolution, .slot = slot});
}

void SeriesReader::open(const Stretch& stretch) {
  const auto place = [&](std::int64_t second) {
    return std::tuple{stretch.resolution, stretch.slot, query_.account, query_.metric, second};
  };
  cursor_.emplace(points_.cursor(points_.between(place(query_.from), place(query_.to))));
}

bool SeriesReader::read_some() {
  constexpr int piece = 32;
  for (int i = 0; i < piece; ++i) {
    if (!cursor_ || !cursor_->valid()) {
      if (next_ == stretches_.size()) return false;
      open(stretches_[next_++]);
      continue;
    }
    const auto [resolution, slot, account, metric, begin, unit] = cursor_->key();
    if (!query_.unit || *query_.unit == unit)
      buckets_[{floor_to(begin - query_.anchor, query_.period) + query_.anchor, unit}].add(
          cursor_->record());
    cursor_->next();
  }
  return true;
}

std::vector<Bucket> SeriesReader::take() {
  std::vector<Bucket> result;
  result.reserve(buckets_.size());
  for (auto& [place, statistics] : buckets_)
    result.push_back(
        {.begin = place.first, .unit = place.second, .statistics = std::move(statistics)});
  return result;
}

MetricStore::MetricStore(storage::Store& store)
    : metrics_(store, metrics_table),
      points_(store, points_table),
      counters_(store, counters_table) {}

std::uint64_t MetricStore::new_id() {
  const std::uint64_t id = counters_.find(next_metric).value_or(1);
  counters_.put(next_metric, id + 1);
  return id;
}

MetricRecord MetricStore::require(const MetricName& name, runtime::Time time) {
  const MetricKey key = key_of(name);
  std::optional<MetricRecord> record = metrics_.find(key);
  if (record && time < record->latest + latest_step) return *record;
  if (!record) {
    record = MetricRecord{.id = new_id(), .dimensions = name.dimensions, .latest = {}};
    std::ranges::sort(record->dimensions);
  }
  record->latest = time;
  metrics_.put(key, *record);
  return *record;
}

void MetricStore::add_point(const PointKey& key, const Statistics& statistics) {
  std::optional<Statistics> point = points_.find(key);
  if (!point) return points_.put(key, statistics);
  point->add(statistics);
  points_.put(key, *point);
}

void MetricStore::put(const MetricName& name, const Sample& sample, runtime::Time now) {
  const MetricRecord record = require(name, sample.time);
  const std::int64_t second = runtime::to_seconds(sample.time);
  const bool is_recent = second > runtime::to_seconds(now) - layer_of(Resolution::second).kept;
  const Resolution resolution =
      sample.is_fine && is_recent ? Resolution::second : Resolution::minute;
  add_point(
      at_resolution(resolution, {resolution, 0, name.account, record.id, second, sample.unit}),
      sample.statistics);
}

std::optional<std::uint64_t> MetricStore::find(const MetricName& name) const {
  const std::optional<MetricRecord> record = metrics_.find(key_of(name));
  if (!record) return std::nullopt;
  return record->id;
}

std::vector<Bucket> MetricStore::read_now(SeriesQuery query, runtime::Time now) const {
  SeriesReader reader = read(std::move(query), now);
  while (reader.read_some()) {
  }
  return reader.take();
}

void MetricStore::merge_up(const PointKey& key, const Statistics& statistics) {
  const auto coarser = static_cast<Resolution>(static_cast<std::uint8_t>(std::get<0>(key)) + 1);
  add_point(at_resolution(coarser, key), statistics);
}

/// The points of a slot follow each other by metric and time, so those that become one are read
/// together.
bool MetricStore::age(Resolution resolution, runtime::Time now, std::size_t& most) {
  const auto old = points_.between(std::tuple{resolution},
                                   std::tuple{resolution, first_kept_slot(resolution, now)});
  if (resolution == Resolution::hour) {
    if (!points_.is_empty(old)) points_.erase_range(old);
    return false;
  }
  const std::int64_t coarser = layers[static_cast<std::size_t>(resolution) + 1].seconds;
  std::optional<std::pair<PointKey, Statistics>> merged;
  bool is_more = false;
  points_.scan(old, [&](PointKey key, Statistics statistics) {
    is_more = most == 0;
    if (is_more) return false;
    --most;
    points_.erase(key);
    auto target = key;
    std::get<4>(target) = floor_to(std::get<4>(key), coarser);
    if (merged && merged->first == target) {
      merged->second.add(statistics);
      return true;
    }
    if (merged) merge_up(merged->first, merged->second);
    merged.emplace(std::move(target), std::move(statistics));
    return true;
  });
  if (merged) merge_up(merged->first, merged->second);
  return is_more;
}

bool MetricStore::age(runtime::Time now, std::size_t most) {
  for (const Resolution resolution :
       {Resolution::second, Resolution::minute, Resolution::five_minutes, Resolution::hour})
    if (age(resolution, now, most)) return true;
  return false;
}

bool MetricStore::forget_some(runtime::Time now, std::size_t most) {
  const std::int64_t today = runtime::to_seconds(now) / day;
  if (looked_through_ == today && !looks_at_) return false;
  looked_through_ = today;
  const storage::KeyRange all = metrics_.all();
  const storage::KeyRange range = looks_at_ ? metrics_.from(all, *looks_at_) : all;
  looks_at_.reset();
  metrics_.scan(range, [&](const MetricKey& key, const MetricRecord& record) {
    if (most-- == 0) {
      looks_at_ = key;
      return false;
    }
    if (record.latest < now - longest_kept) metrics_.erase(key);
    return true;
  });
  return looks_at_.has_value();
}

void MetricStore::reset(const services::ResetScope& scope) {
  if (!scope.account) {
    metrics_.erase_range(metrics_.all());
    points_.erase_range(points_.all());
    return;
  }
  metrics_.erase_range(metrics_.prefix(*scope.account));
  // The slots that hold anything are found by going from one to the next.
  auto cursor = points_.cursor();
  while (cursor.valid()) {
    const PointKey key = cursor.key();
    const auto [resolution, slot] = std::tuple{std::get<0>(key), std::get<1>(key)};
    points_.erase_range(points_.prefix(resolution, slot, *scope.account));
    cursor.seek(std::tuple{resolution, slot + 1});
  }
}

}  // namespace matinee::cloudwatch
