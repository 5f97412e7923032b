#include "services/insight/live_events.h"

#include <fmt/format.h>

#include <algorithm>

#include "insight/shapes.h"
#include "protocol/json_writer.h"
#include "services/insight/hops.h"

namespace matinee::insight {

using services::NumberedHop;

namespace {

struct EdgeKey {
  services::HopKind kind;
  std::string_view resource;
  std::string_view peer;
  auto operator<=>(const EdgeKey&) const = default;
};

void append_name(std::string& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  protocol::json::append_member(out, name);
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
  append_name(out, name);
  protocol::json::append_string(out, text);
}

void append_count(std::string& out, std::string_view name, std::uint64_t count) {
  append_name(out, name);
  protocol::json::append_integer(out, static_cast<std::int64_t>(count));
}

/// {"Edges":[{"Kind","Resource","Peer","Count"}],"Hops":[...] of them all counts, and every n-th
/// hop as it is. Empty where the caller may know none of them.
std::string told_of(const services::Context& caller, const std::vector<NumberedHop>& hops) {
  std::map<EdgeKey, std::uint64_t> counts;
  std::vector<const NumberedHop*> known;
  for (const NumberedHop& kept : hops) {
    if (!may_know(caller, kept.hop)) continue;
    known.push_back(&kept);
    counts[{kept.hop.kind, kept.hop.resource, kept.hop.peer}] +=
        std::max<std::size_t>(kept.hop.messages.size(), 1);
  }
  if (known.empty()) return "";
  std::string text = R"({"Edges":[)";
  for (const auto& [edge, count] : counts) {
    if (text.back() != '[') text += ',';
    text += '{';
    append_text(text, "Kind", services::to_text(edge.kind));
    append_text(text, "Resource", edge.resource);
    append_text(text, "Peer", edge.peer);
    append_count(text, "Count", count);
    text += '}';
  }
  text += R"(],"Hops":[)";
  const std::size_t step = (known.size() + LiveEvents::most_told - 1) / LiveEvents::most_told;
  for (std::size_t i = 0; i < known.size(); i += step) {
    if (i > 0) text += ',';
    const Hop hop = to_hop(*known[i]);
    protocol::json::append_structure(text, Hop::shape, &hop);
  }
  text += ']';
  return text;
}

}  // namespace

LiveEvents::~LiveEvents() {
  stop();
}

void LiveEvents::stop() {
  clock_.cancel(std::exchange(timer_, runtime::TimerId::none));
  clock_.cancel(std::exchange(heartbeat_, runtime::TimerId::none));
  if (watcher_ != 0) journal_.unwatch(std::exchange(watcher_, 0));
}

protocol::Body LiveEvents::open(const services::Context& context) {
  // The reader tells on its own thread that it has gone, so the state thread hears of it later.
  protocol::LiveBody live = protocol::make_live_body(
      [&loop = loop_, alive = std::weak_ptr(alive_), this] {
        loop.post([alive, this] {
          if (!alive.expired()) forget_readers();
        });
      },
      {.pieces = 20, .bytes = std::size_t{1} << 20});
  live.writer->write(": Matinee\n\n");
  if (sessions_.empty()) {
    place_ = journal_.last_number();
    watch();
    beat();
  }
  Session session{.caller = context, .writer = std::move(live.writer)};
  session.caller.cancellation = nullptr;
  sessions_.emplace(++last_session_, std::move(session));
  return std::move(live.body);
}

void LiveEvents::watch() {
  watcher_ = journal_.watch([this] {
    watcher_ = 0;
    timer_ = clock_.call_at(clock_.now() + interval, [this] {
      timer_ = runtime::TimerId::none;
      tell();
    });
  });
}

void LiveEvents::tell() {
  const std::uint64_t last = journal_.last_number();
  if (place_ > last) place_ = last;  // the journal was reset
  const std::vector<NumberedHop> hops = journal_.after(place_, most_read);
  const std::uint64_t read = hops.empty() ? place_ : hops.back().number;
  for (auto& [number, session] : sessions_) {
    std::string text = told_of(session.caller, hops);
    if (text.empty()) continue;
    append_count(text, "Last", last);
    append_count(text, "Unread", last - std::min(last, read));
    // Whoever does not read misses a sample.
    session.writer->write(fmt::format("data: {}}}\n\n", text));
  }
  place_ = last;
  watch();
}

/// Between servers and browsers are proxies that end what is silent.
void LiveEvents::beat() {
  heartbeat_ = clock_.call_at(clock_.now() + heartbeat, [this] {
    for (auto& [number, session] : sessions_) session.writer->write(": still here\n\n");
    beat();
  });
}

void LiveEvents::forget_readers() {
  std::erase_if(sessions_, [](const auto& entry) { return !entry.second.writer->is_read(); });
  if (sessions_.empty()) stop();
}

}  // namespace matinee::insight
