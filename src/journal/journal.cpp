#include "journal/journal.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace matinee::journal {

namespace {

constexpr storage::TableId hops_table{0x1001};
constexpr storage::TableId index_table{0x1002};
constexpr std::size_t longest_token = 128;

std::string_view shortened(std::string_view text, std::size_t longest) {
  return text.substr(0, longest);
}

}  // namespace

Journal::Journal(storage::Store& store, runtime::Loop& loop, JournalLimits limits)
    : store_(store),
      loop_(loop),
      limits_(limits),
      hops_(store, hops_table),
      index_(store, index_table),
      sampling_(limits.sampling),
      payloads_(store, limits.payloads) {
  if (const auto newest = hops_.first(hops_.all(), storage::Order::backward))
    last_number_ = newest->first;
}

std::string_view Journal::root_of(std::string_view header) {
  constexpr std::string_view mark = "Root=";
  const std::size_t start = header.find(mark);
  if (start == std::string_view::npos) return shortened(header, longest_token);
  const std::string_view root = header.substr(start + mark.size());
  return shortened(root.substr(0, root.find(';')), longest_token);
}

bool Journal::wants(std::string_view trace, std::string_view message) const {
  if (wants_new(trace, message)) return true;
  return sampling_.follows(trace.empty() ? message : root_of(trace));
}

bool Journal::wants_new(std::string_view trace, std::string_view message) const {
  if (sampling_.keeps_all()) return true;
  // Nothing may have been kept for long: who asks first after a quiet time is to be told of.
  sampling_.look(loop_.elapsed());
  return sampling_.wants(trace.empty() ? message : root_of(trace));
}

/// A number that was given out in a transaction that was rolled back is left out.
std::uint64_t Journal::next_number() {
  const std::uint64_t number = ++last_number_;
  if (number % limits_.chapter == 0) forget_old(number / limits_.chapter);
  return number;
}

/// Before `chapter` begins.
void Journal::forget_old(std::uint64_t chapter) {
  if (chapter < limits_.chapters) return;
  const std::uint64_t first = chapter - limits_.chapters + 1;
  hops_.erase_range(
      hops_.between(std::tuple{std::uint64_t{0}}, std::tuple{first * limits_.chapter}));
  index_.erase_range(index_.between(std::tuple{std::uint64_t{0}}, std::tuple{first}));
}

void Journal::note(const services::Hop& hop) {
  services::KeptHop record{.kind = hop.kind,
                           .time = loop_.clock().now(),
                           .account = std::string(hop.account),
                           .region = std::string(hop.region),
                           .trace = std::string(hop.trace),
                           .resource = std::string(hop.resource),
                           .peer = std::string(hop.peer),
                           .reason = std::string(shortened(hop.reason, limits_.longest_reason)),
                           .caller = std::string(hop.caller),
                           .messages = {},
                           .by_trace_alone = hop.by_trace_alone};
  const std::uint64_t number = next_number();
  const std::uint64_t chapter = number / limits_.chapter;
  std::set<std::string_view> tokens;
  if (!hop.trace.empty()) tokens.insert(root_of(hop.trace));
  const auto messages = hop.messages.first(std::min(hop.messages.size(), limits_.most_messages));
  record.messages.reserve(messages.size());
  // What happened to all that a resource had is found by its ARN: a purge.
  if (messages.empty()) tokens.insert(shortened(hop.resource, longest_token));
  for (const services::HopMessage& message : messages) {
    record.messages.push_back({.id = std::string(message.id),
                               .cause = std::string(message.cause),
                               .bytes = message.bytes});
    if (hop.by_trace_alone) continue;
    for (const std::string_view id : {message.id, message.cause})
      if (!id.empty()) tokens.insert(shortened(id, longest_token));
    sampling_.follow(message.id);
  }
  hops_.put(number, record);
  keep_payloads(hop, number);
  for (const std::string_view token : tokens)
    index_.put({chapter, std::string(token), number}, true);
  sampling_.spend(1 + tokens.size(), loop_.elapsed());
  store_.on_commit([this] {
    if (watchers_.empty() || std::exchange(is_calling_, true)) return;
    loop_.post([this] { call_watchers(); });
  });
}

void Journal::keep(const services::Payload& payload) {
  constexpr std::uint64_t bytes_a_unit = 512;
  const runtime::Duration now = loop_.elapsed();
  if (const std::uint64_t bytes = payloads_.keep(payload, now); bytes > 0)
    sampling_.spend(1 + bytes / bytes_a_unit, now);
}

void Journal::keep_payloads(const services::Hop& hop, std::uint64_t number) {
  const auto messages = hop.messages.first(std::min(hop.messages.size(), limits_.most_messages));
  for (std::size_t index = 0; index < messages.size(); ++index) {
    const services::HopMessage& message = messages[index];
    if (message.body.empty()) continue;
    const std::string named =
        hop.by_trace_alone ? services::payload_id(number, index) : std::string(message.id);
    keep({.id = named,
          .account = hop.account,
          .resource = hop.resource,
          .body = message.body,
          .settings = message.settings});
  }
}

void Journal::reset(const services::ResetScope& scope) {
  payloads_.reset(scope);
  if (!scope.account) {
    hops_.erase_range(hops_.all());
    index_.erase_range(index_.all());
    return;
  }
  std::vector<std::uint64_t> covered;
  hops_.scan(hops_.all(), [&](std::uint64_t number, const services::KeptHop& hop) {
    if (scope.covers(hop.account)) covered.push_back(number);
    return true;
  });
  for (const std::uint64_t number : covered) hops_.erase(number);
}

std::vector<Journal::Numbered> Journal::after(std::uint64_t number, std::size_t most) const {
  std::vector<Numbered> found;
  hops_.scan(hops_.after(hops_.all(), number), [&](std::uint64_t place, services::KeptHop hop) {
    found.push_back({place, std::move(hop)});
    return found.size() < most;
  });
  return found;
}

std::vector<Journal::Numbered> Journal::before(std::uint64_t number, std::size_t most) const {
  std::vector<Numbered> found;
  hops_.scan(
      hops_.before(hops_.all(), number),
      [&](std::uint64_t place, services::KeptHop hop) {
        found.push_back({place, std::move(hop)});
        return found.size() < most;
      },
      storage::Order::backward);
  return found;
}

/// Of a batch only the messages that have to do with the others are followed; of a trace all.
std::vector<Journal::Numbered> Journal::story(std::string_view token, std::size_t most) const {
  std::map<std::uint64_t, services::KeptHop> hops;
  std::set<std::string> seen{std::string(token)};
  std::deque<std::string> left{std::string(token)};
  const auto follow = [&](const std::string& id) {
    if (!id.empty() && seen.insert(id).second) left.push_back(id);
  };
  while (!left.empty() && hops.size() < most) {
    const std::string next = std::move(left.front());
    left.pop_front();
    for (Numbered& found : of(next, most)) {
      const bool is_trace = !found.hop.trace.empty() && root_of(found.hop.trace) == next;
      for (const services::KeptMessage& message : found.hop.messages) {
        if (found.hop.by_trace_alone) break;
        if (!is_trace && message.id != next && message.cause != next) continue;
        follow(message.id);
        follow(message.cause);
      }
      hops.emplace(found.number, std::move(found.hop));
    }
  }
  std::vector<Numbered> story;
  for (auto& [number, hop] : hops) story.push_back({number, std::move(hop)});
  return story;
}

std::uint64_t Journal::watch(runtime::Callback callback) {
  watchers_.emplace(++last_watcher_, std::move(callback));
  return last_watcher_;
}

/// One may take away others, and those that are added meanwhile wait for the next time.
void Journal::call_watchers() {
  is_calling_ = false;
  const std::uint64_t last = last_watcher_;
  while (!watchers_.empty() && watchers_.begin()->first <= last) {
    runtime::Callback callback = std::move(watchers_.begin()->second);
    watchers_.erase(watchers_.begin());
    callback();
  }
}

/// Index entries of hops that a reset has removed lead nowhere.
std::vector<Journal::Numbered> Journal::of(std::string_view token, std::size_t most) const {
  std::vector<Numbered> found;
  const std::string text(shortened(token, longest_token));
  const std::uint64_t newest = last_number_ / limits_.chapter;
  const std::uint64_t oldest = newest < limits_.chapters ? 0 : newest - limits_.chapters + 1;
  for (std::uint64_t chapter = oldest; chapter <= newest; ++chapter) {
    index_.scan(index_.prefix(chapter, text), [&](const IndexKey& key, bool) {
      if (std::optional<services::KeptHop> hop = hops_.find(std::get<2>(key)))
        found.push_back({std::get<2>(key), *std::move(hop)});
      return found.size() < most;
    });
    if (found.size() >= most) break;
  }
  return found;
}

}  // namespace matinee::journal
