#include "tables_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace matinee::simulation::tables {
namespace {

constexpr int lives = 4;
constexpr int steps_a_life = 40;
constexpr std::uint64_t most_writes_a_life = 60;
constexpr std::uint64_t never = std::uint64_t{1} << 40;
constexpr std::size_t told_lines = 25;

/// Whether an answer is what was expected; "*" stands for anything.
bool fits(const Json& expected, const Json& actual) {
  if (expected == Json("*")) return true;
  if (expected.is_object() && actual.is_object()) {
    return expected.object().size() == actual.object().size() &&
           std::ranges::all_of(expected.object(), [&](const auto& member) {
             const Json* found = actual.find(member.first);
             return found && fits(member.second, *found);
           });
  }
  if (expected.is_array() && actual.is_array())
    return std::ranges::equal(expected.array(), actual.array(), fits);
  const auto* whole = std::get_if<std::int64_t>(&expected.content);
  const auto* number = std::get_if<double>(&actual.content);
  if (whole && number) return static_cast<double>(*whole) == *number;
  return expected == actual;
}

/// Whoever replays a seed may be told everything, and as soon as it goes wrong.
bool tells_all() {
  return std::getenv("MATINEE_HISTORY") != nullptr;
}

/// The items of a batch come in no order.
void sort_responses(Json& reply) {
  const Json* responses = reply.find("Responses");
  if (!responses || !responses->is_object()) return;
  for (auto& [table, items] : reply["Responses"].object())
    std::ranges::sort(items.array(), {}, [](const Json& item) { return item.text(); });
}

}  // namespace

TablesRun::TablesRun(std::uint64_t seed)
    : dice_(seed * 7 + 1), machine_(seed), generator_(dice_, model_), consumer_(dice_) {
  // Nothing but what expires falls on the beginning of a second.
  machine_.machine.loop.advance(std::chrono::milliseconds(500));
  model_.now = machine_.now();
  // Work takes time in some runs, so that it is cut into pieces.
  if (seed % 3 == 0) machine_.machine.loop.let_looking_take(std::chrono::microseconds(1500));
}

void TablesRun::note(std::string line) {
  history_.push_back(std::move(line));
}

void TablesRun::fail(const std::string& what) {
  std::string told;
  const std::size_t most = tells_all() ? history_.size() : told_lines;
  const std::size_t begin = history_.size() - std::min(history_.size(), most);
  for (std::size_t i = begin; i < history_.size(); ++i)
    told += fmt::format("{:4} {}\n", i, history_[i]);
  ADD_FAILURE() << what << "\nThe end of its history:\n" << told;
}

void TablesRun::live() {
  for (int life = 0; life < lives && !has_failed(); ++life) {
    machine_.kill_after(below(4) == 0 ? never : 1 + below(most_writes_a_life));
    for (int i = 0; i < steps_a_life && !has_failed(); ++i) {
      const std::size_t before = history_.size();
      try {
        step();
        if (!machine_.has_died()) settle();
      } catch (const std::exception& error) {
        if (!machine_.has_died()) return fail(error.what());
      }
      if (machine_.has_died() && !has_failed()) {
        // Died while it read, or kept house: nothing was in doubt.
        if (history_.size() == before || history_.back() != "dies") recover({model_});
        break;
      }
    }
    if (!machine_.has_died() && !has_failed()) check();
  }
}

void TablesRun::step() {
  const std::uint64_t chosen = below(40);
  if (model_.tables.empty() || chosen == 0) return perform({any_table_request()});
  if (chosen < 3) return pass_time();
  if (chosen < 7) return burst();
  if (chosen < 10) return scan();
  if (chosen == 10) return consumer_.read(machine_, false);
  if (chosen == 11) return check();
  if (chosen < 14) {
    if (const std::optional<Request> request = any_backup_request()) perform({*request});
    return;
  }
  perform({any_request()});
}

Request TablesRun::any_request() {
  if (below(5) == 0) return any_statement();
  switch (below(16)) {
    case 0:
    case 1:
      return generator_.erase();
    case 2:
    case 3:
      return generator_.get();
    case 4:
      return generator_.write_batch();
    case 5:
    case 6:
      return generator_.write_together();
    case 7:
      return generator_.read_batch();
    case 8:
      return generator_.read_together();
    case 9:
    case 10:
    case 11:
      return generator_.query();
    case 12:
    case 13:
    case 14:
      return generator_.update();
    default:
      return generator_.put();
  }
}

Request TablesRun::any_statement() {
  switch (below(5)) {
    case 0:
      return generator_.select();
    case 1:
      return generator_.statement_batch();
    case 2:
      return generator_.statements_together();
    default:
      return generator_.statement();
  }
}

void TablesRun::burst() {
  std::vector<Request> requests;
  if (below(3) == 0 && !model_.tables.empty()) requests.push_back(change_of(generator_.table()));
  const std::size_t count = 2 + below(5);
  generator_.asks_for_capacity = requests.empty();
  // They are all made for what is there now; what they find is what those before them have left.
  for (std::size_t i = 0; i < count; ++i) {
    switch (below(4)) {
      case 0:
        requests.push_back(generator_.erase());
        break;
      case 1:
        requests.push_back(generator_.update());
        break;
      default:
        requests.push_back(generator_.put());
    }
  }
  generator_.asks_for_capacity = true;
  // What expires in between would be in nobody's order.
  const bool expires = std::ranges::any_of(
      model_.tables, [](const auto& table) { return table.second.time_to_live.has_value(); });
  perform(requests, !expires && requests.front().operation != "UpdateTimeToLive" && below(2) == 0);
}

void TablesRun::settle() {
  machine_.machine.loop.run_until_idle();
  model_.now = machine_.now();
  model_.expire();
  if (!tells_all()) return;
  const std::string difference = find_difference(model_, observe(machine_));
  if (!difference.empty()) fail(difference);
}

void TablesRun::perform(const std::vector<Request>& requests, bool spread) {
  std::vector<Call> calls;
  for (const Request& request : requests) {
    note(request.operation + " " + request.body.text());
    calls.push_back({request.operation, request.body});
  }
  model_.now = machine_.now();
  // What may be there after each piece of work, and how many replies that takes.
  std::vector<Model> possible = {model_};
  std::vector<std::size_t> begins = {0};
  std::vector<Answer> answers;
  for (const Request& request : requests) {
    answers.push_back(request.apply(model_, [&] { possible.push_back(model_); }));
    begins.push_back(possible.size());
    possible.push_back(model_);
  }
  machine_.make(calls, spread);
  std::size_t acknowledged = 0;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!calls[i].reply) continue;
    acknowledged = i + 1;
    compare(requests[i], answers[i], *calls[i].reply);
  }
  if (!machine_.has_died() || has_failed()) return;
  possible.erase(possible.begin(),
                 possible.begin() + static_cast<std::ptrdiff_t>(begins[acknowledged]));
  recover(possible);
}

void TablesRun::compare(const Request& request, const Answer& expected, const Reply& reply) {
  Json body = reply.body;
  sort_sets(body);
  if (!reply.code.empty())
    for (const char* name : {"__type", "message", "Message"}) body.object().erase(name);
  Json wanted = expected.reply;
  sort_responses(body);
  sort_responses(wanted);
  const bool same_message = expected.messages.empty() || expected.messages.contains(reply.message);
  if (reply.code == expected.code && fits(wanted, body) && (reply.code.empty() || same_message))
    return;
  std::string messages;
  for (const std::string& message : expected.messages) messages += message + " | ";
  fail(fmt::format("{} answers {} {} {}\ninstead of {} {} {}", request.operation, reply.code,
                   reply.message, body.text(), expected.code, messages, wanted.text()));
}

void TablesRun::recover(const std::vector<Model>& possible) {
  note("dies");
  if (possible.size() > 1) generator_.forget_token();
  machine_.stop();
  machine_.start();
  machine_.kill_after(never);
  machine_.machine.loop.run_until_idle();
  const Observed observed = observe(machine_);
  std::string differences;
  for (const Model& one : possible) {
    Model model = one;
    model.now = machine_.now();
    model.expire();
    const std::string difference = find_difference(model, observed);
    if (difference.empty()) {
      model_ = std::move(model);
      consumer_.read(machine_, true);
      return;
    }
    differences += difference + "\n";
  }
  fail("After the machine's death: " + differences);
}

void TablesRun::check() {
  settle();
  const std::string difference = find_difference(model_, observe(machine_));
  if (!difference.empty()) fail(difference);
  consumer_.read(machine_, true);
}

}  // namespace matinee::simulation::tables
