// Opening, merging and locking of a ledger.
#include "jobs/publish/ledger.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>

#include "jobs/report.h"
#include "jobs/sha256.h"

namespace matinee::jobs::publish {

namespace {

constexpr std::uint64_t format = 1;
constexpr std::string_view lane_prefix = "lane-";
/// Entries merged before anybody else has a turn: a Ctrl-C, for example.
constexpr std::uint64_t merged_in_a_row = 20'000;

template <class T>
T require(runtime::DiskResult<T> result) {
  if (!result) throw JobError(fmt::format("The ledger: {}.", result.error().message));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::string to_json(const LedgerState& state) {
  JsonObject json;
  json.add("format", format);
  json.add("run_id", state.run_id);
  json.add("finished", state.finished);
  json.add("again", state.again);
  json.add("edition", std::uint64_t{state.edition});
  json.add("selection", state.selection);
  return json.take();
}

/// Nothing where the text is no state.
std::optional<LedgerState> read_json(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  if (parser.parse(text).get(root)) return std::nullopt;
  LedgerState state;
  std::uint64_t edition = 0;
  std::string_view run_id;
  std::string_view selection;
  if (root["run_id"].get(run_id) || root["finished"].get(state.finished) ||
      root["again"].get(state.again) || root["edition"].get(edition) ||
      root["selection"].get(selection))
    return std::nullopt;
  state.run_id = run_id;
  state.selection = selection;
  state.edition = static_cast<std::uint32_t>(edition);
  return state;
}

std::uint64_t format_of(const std::string& text) {
  simdjson::dom::parser parser;
  std::uint64_t version = 0;
  if (parser.parse(text)["format"].get(version)) return 0;
  return version;
}

}  // namespace

Ledger::Ledger(runtime::Runtime& runtime, std::string directory)
    : runtime_(runtime), directory_(std::move(directory)) {
  require(runtime_.disk.create_directories(directory_));
  take_lock();
  read_state();
  read_lanes();
  published_.emplace(runtime_.disk, path("published"));
}

std::string Ledger::path(std::string_view name) const {
  return fmt::format("{}/{}", directory_, name);
}

void Ledger::take_lock() {
  auto lock = runtime_.disk.lock(path("lock"));
  if (!lock && lock.error().kind == runtime::DiskError::Kind::locked) {
    const auto holder = runtime_.disk.find_lock_holder(path("lock"));
    throw JobError(
        fmt::format("Another publisher{} is at work on this bucket and queue; wait for its end.",
                    holder ? fmt::format(" (process {})", holder->process_id) : ""));
  }
  lock_ = require(std::move(lock));
  require(lock_->write_text("publish"));
}

void Ledger::read_state() {
  if (!runtime_.disk.exists(path("state"))) return;
  const std::string text = require(runtime_.disk.read(path("state")));
  if (format_of(text) > format)
    throw JobError(
        fmt::format("The ledger {} was written by a newer version of matinee.", directory_));
  const auto state = read_json(text);
  if (!state) throw JobError(fmt::format("The ledger's file {} is damaged.", path("state")));
  state_ = *state;
}

void Ledger::write_state(LedgerState state) {
  state_ = std::move(state);
  require(runtime_.disk.write_atomically(path("state"), to_json(state_)));
}

void Ledger::read_lanes() {
  lanes_.clear();
  for (const std::string& name : require(runtime_.disk.list(directory_))) {
    std::uint64_t number = 0;
    const char* end = name.data() + name.size();
    if (!name.starts_with(lane_prefix) ||
        std::from_chars(name.data() + lane_prefix.size(), end, number).ptr != end)
      continue;
    next_lane_ = number + 1;
    lanes_.push_back(read_lane(runtime_.disk, path(name)));
  }
}

std::vector<Entry> Ledger::read_doubts() const {
  std::map<std::string, Entry> doubts;
  for (const LaneContent& lane : lanes_) {
    for (const auto& [batch, entries] : lane.open)
      for (const Entry& entry : entries) doubts[entry.key] = entry;
    for (const std::string& key : lane.settled_keys) doubts.erase(key);
  }
  std::vector<Entry> sorted;
  for (auto& [key, entry] : doubts) sorted.push_back(std::move(entry));
  return sorted;
}

runtime::Task<> Ledger::merge() {
  open_lanes_.clear();
  read_lanes();
  if (lanes_.empty()) co_return;
  PublishedWriter merged(require(runtime_.disk.create(path("published.new"))));
  Merge entries(runtime_.disk, *published_, lanes_);
  std::uint64_t count = 0;
  while (const std::optional<Entry> entry = entries.next()) {
    merged.add(*entry);
    if (++count % merged_in_a_row != 0) continue;
    runtime::Clock& clock = runtime_.clock;
    co_await runtime::sleep_until(clock, clock.now() + std::chrono::microseconds(1));
  }
  merged.finish();
  require(runtime_.disk.rename(path("published.new"), path("published")));
  require(runtime_.disk.sync_directory(directory_));
  published_.emplace(runtime_.disk, path("published"));
  for (const LaneContent& lane : lanes_) require(runtime_.disk.remove(lane.path));
  lanes_.clear();
}

std::unique_ptr<LaneWriter> Ledger::open_lane() {
  const std::string name = path(fmt::format("{}{:08}", lane_prefix, next_lane_++));
  auto writer = std::make_unique<LaneWriter>(require(runtime_.disk.create(name)));
  open_lanes_.push_back(name);
  return writer;
}

std::string ledger_directory(const std::string& base, const std::string& title,
                             const std::string& where) {
  Sha256 digest;
  digest.add(where);
  return fmt::format("{}/{}-{}", base, title, digest.finish().substr(0, 8));
}

}  // namespace matinee::jobs::publish
