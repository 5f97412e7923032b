// What must have become of everything that was acknowledged.
#include "events_model.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "events_cloud.h"

namespace matinee::simulation {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Five retries of the subscriber's delivery policy, and how long each waits: one at once, one
/// after minDelayTarget, two from there to maxDelayTarget, one after that.
const std::vector<runtime::Duration> waits_of_hook = {seconds(0), seconds(5), seconds(5),
                                                      seconds(60), seconds(60)};
/// EventBridge doubles, and takes up to a tenth off.
const std::vector<runtime::Duration> waits_of_api = {seconds(1), seconds(2), seconds(4),
                                                     seconds(8)};
/// 300 calls a second to an API destination: so much later than it is due a call may be.
constexpr runtime::Duration slack_of_api = milliseconds(200);

bool is_for_good(const std::string& url, int status) {
  if (status < 400 || status >= 500 || status == 429) return false;
  return url == hook || (status != 401 && status != 407 && status != 409);
}

bool is_final(const SimulatedHttp::Called& call) {
  return call.status == 200 || is_for_good(call.url, call.status);
}

/// Whether a call so long after the `tries`-th one is its retry.
bool is_retry(const SimulatedHttp::Called& before, const SimulatedHttp::Called& next,
              std::size_t tries) {
  const bool is_hook = next.url == hook;
  const auto& waits = is_hook ? waits_of_hook : waits_of_api;
  if (tries > waits.size()) return false;
  runtime::Duration wait = waits[tries - 1];
  const runtime::Duration gap = next.at - before.replied;
  if (is_hook) return gap == wait;
  if (before.retry_after > wait) wait = before.retry_after;
  return gap >= wait - wait / 10 && gap <= wait + slack_of_api;
}

std::string name_of_dead(const std::string& url) {
  return url == hook ? "hook-dead" : "api-dead";
}

/// "+0 s: 503, +5 s: 200 (life 2)".
std::string describe(const std::vector<const SimulatedHttp::Called*>& calls) {
  std::string text;
  for (const SimulatedHttp::Called* call : calls)
    text += fmt::format("{}+{} s: {} (life {})", text.empty() ? "" : ", ",
                        static_cast<double>((call->at - calls.front()->at).count()) / 1e6,
                        call->status, call->life);
  return text;
}

}  // namespace

std::string text_of(Token token) {
  return "#" + std::to_string(token) + "#";
}

std::optional<Token> find_token(const std::string& body) {
  const std::size_t begin = body.find('#');
  if (begin == std::string::npos) return std::nullopt;
  return std::stoi(body.substr(begin + 1));
}

void EventsModel::forget() {
  forgotten_ = last_;
  expected.clear();
  timetables.clear();
  firings.clear();
  lines_.clear();
  last_of_group_.clear();
  seen_.clear();
}

void EventsModel::put_in_line(Token token, const std::string& group, const std::string& sequence) {
  lines_[token] = {.group = group, .sequence = sequence};
}

void EventsModel::saw(const std::string& place, const std::string& message_id,
                      const std::string& body) {
  const std::optional<Token> token = find_token(body);
  ASSERT_TRUE(token) << "nothing comes that was not sent: " << body;
  ASSERT_GT(*token, forgotten_) << "what was reset comes back: " << body;
  const bool is_new = seen_[place][*token].insert(message_id).second;
  if (!is_new || !place.ends_with(".fifo")) return;
  const Line& line = lines_[*token];
  std::string& last = last_of_group_[{place, line.group}];
  EXPECT_LT(last, line.sequence) << place << ": " << body << " of group " << line.group
                                 << " comes too late";
  last = std::max(last, line.sequence);
}

void EventsModel::fired(Token token, const Fired& fired) {
  for (const Fired& other : firings[token])
    if (other.execution == fired.execution) return;
  firings[token].push_back(fired);
}

int EventsModel::count(const std::string& place, Token token) const {
  const auto found = seen_.find(place);
  if (found == seen_.end()) return 0;
  const auto ids = found->second.find(token);
  return ids == found->second.end() ? 0 : static_cast<int>(ids->second.size());
}

void EventsModel::check(const std::vector<SimulatedHttp::Called>& calls, runtime::Time now) {
  judge_calls(calls);
  for (const auto& [token, one] : expected) check_token(token, one);
  for (const auto& [token, table] : timetables) check_timetable(token, table, now);
}

void EventsModel::check_token(Token token, const Expected& one) {
  const bool is_anywhere =
      std::ranges::any_of(seen_, [&](const auto& place) { return count(place.first, token) > 0; });
  const bool is_nowhere = one.in_doubt && !is_anywhere;
  for (const std::string& place : {hook, api}) {
    if (one.places.contains(place) && !is_nowhere)
      EXPECT_TRUE(ended_.contains({place, token})) << text_of(token) << " never came to " << place;
  }
  std::set<std::string> places;
  for (const auto& [place, tokens] : seen_) places.insert(place);
  for (const auto& [place, range] : one.places) places.insert(place);
  for (const std::string& place : places) {
    if (place == hook || place == api) continue;
    Range range{0, 0};
    if (const auto found = one.places.find(place); found != one.places.end()) range = found->second;
    if (is_nowhere) range.least = 0;
    const int found = count(place, token);
    EXPECT_GE(found, range.least) << text_of(token) << " is missing in " << place;
    EXPECT_LE(found, range.most) << text_of(token) << " is in " << place << " too often";
  }
}

/// What is not certain is whether a flexible one whose window is not over yet has fired.
void EventsModel::check_timetable(Token token, const Timetable& table, runtime::Time now) {
  std::map<runtime::Time, int> times;
  for (const Fired& fired : firings[token]) {
    ++times[fired.scheduled];
    const runtime::Time second = std::chrono::floor<seconds>(fired.scheduled);
    EXPECT_GE(fired.sent, second) << text_of(token) << " fires too early";
    EXPECT_LE(fired.sent, second + seconds(1) + table.window) << text_of(token) << " is late";
  }
  const runtime::Time end = std::min(table.ended.value_or(now), now);
  for (runtime::Time time = table.first; time <= end; time += table.period) {
    const auto found = times.find(std::chrono::floor<seconds>(time));
    if (found == times.end())
      EXPECT_GT(time + table.window + milliseconds(1), end)
          << text_of(token) << " has not fired at " << runtime::to_seconds(time);
    if (found != times.end()) {
      EXPECT_EQ(found->second, 1) << text_of(token) << " fired more than once";
      times.erase(found);
    }
    if (table.period == runtime::Duration::zero()) break;
  }
  for (const auto& [time, fired] : times)
    ADD_FAILURE() << text_of(token) << " has fired at " << runtime::to_seconds(time)
                  << ", which is none of its times";
}

void EventsModel::judge_calls(const std::vector<SimulatedHttp::Called>& calls) {
  std::map<std::pair<std::string, Token>, std::vector<const SimulatedHttp::Called*>> courses;
  ended_.clear();
  for (const SimulatedHttp::Called& call : calls) {
    const std::optional<Token> token = find_token(call.body);
    if (token && *token > forgotten_) courses[{call.url, *token}].push_back(&call);
  }
  for (const auto& [place, course] : courses) judge(place.first, place.second, course);
}

/// How many tries there have been is not certain once the machine has died between a call and its
/// settling: all that may be are followed.
void EventsModel::judge(const std::string& url, Token token,
                        const std::vector<const SimulatedHttp::Called*>& calls) {
  const auto known = expected.find(token);
  ASSERT_TRUE(known != expected.end() && known->second.places.contains(url))
      << text_of(token) << " was not for " << url;
  Expected& one = known->second;
  std::set<std::size_t> tries{1};
  for (std::size_t i = 1; i < calls.size() && !one.may_double; ++i) {
    const SimulatedHttp::Called& before = *calls[i - 1];
    const SimulatedHttp::Called& next = *calls[i];
    std::set<std::size_t> more;
    for (const std::size_t count : tries) {
      if (!is_final(before) && before.status >= 0 && is_retry(before, next, count))
        more.insert(count + 1);
      // Killed before that was sure: the program finds itself at an earlier time and try.
      for (std::size_t sure = 1; before.life != next.life && sure <= count; ++sure)
        more.insert(sure);
    }
    EXPECT_FALSE(more.empty()) << text_of(token) << " was tried again at " << url
                               << " at a wrong time: " << describe(calls);
    if (more.empty()) return;
    tries = std::move(more);
  }
  const SimulatedHttp::Called& last = *calls.back();
  const std::size_t most = (url == hook ? waits_of_hook : waits_of_api).size() + 1;
  const bool is_exhausted = !is_final(last) && (one.may_double || tries.contains(most));
  EXPECT_TRUE(is_final(last) || is_exhausted)
      << text_of(token) << " was given up at " << url << ": " << describe(calls);
  ended_.insert({url, token});
  Range& dead = one.places[name_of_dead(url)];
  if (one.may_double)
    dead = {0, 2};
  else
    dead = last.status == 200 ? Range{0, 0} : Range{1, 1};
}

}  // namespace matinee::simulation
