// What must have become of every event that was acknowledged.
#include "functions_model.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace matinee::simulation {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t most_receives = 4;  // of the queue work
/// A start, and a call that takes all of its time: so much later than it is due a retry may be.
constexpr runtime::Duration slack = seconds(30);
/// Until one that hangs is ended, and what waits for it hears of that.
constexpr runtime::Duration longest_start = seconds(15);

runtime::Duration wait_before(std::size_t retry) {
  return retry == 1 ? minutes(1) : minutes(2);
}

bool has(const std::string& text, const std::string& part) {
  return text.contains(part);
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

bool Sent::is_answered() const {
  return std::ranges::any_of(attempts, &Attempt::answered);
}

bool Sent::is_taken(int in_life) const {
  return std::ranges::any_of(
      attempts, [&](const Attempt& attempt) { return attempt.taken && attempt.life == in_life; });
}

std::size_t Sent::count(const std::string& queue) const {
  const auto bodies = found.find(queue);
  return bodies == found.end() ? 0 : bodies->second.size();
}

const std::map<std::string, AsyncRules>& FunctionsModel::rules() {
  static const std::map<std::string, AsyncRules> all{
      {"plain", {.failed = "async-dead"}},
      {"told", {.retries = 1, .age = seconds(300), .succeeded = "done", .failed = "failed"}},
      {"bus",
       {.age = seconds(150), .succeeded = "sink", .failed = "bus-failed", .is_throttled = true}},
  };
  return all;
}

int FunctionsModel::start_failures_before(const std::string& function, runtime::Time time) const {
  const auto found = start_failures_.find(function);
  if (found == start_failures_.end()) return 0;
  return static_cast<int>(std::ranges::count_if(
      found->second, [&](runtime::Time failure) { return failure + longest_start < time; }));
}

int FunctionsModel::start_failures(const std::string& function, const Sent& one) const {
  return start_failures_before(function, runtime::Time::max()) - one.start_failures;
}

Sent& FunctionsModel::expect(const std::string& place, Token token) {
  return sent_[{place, token}];
}

Sent* FunctionsModel::find(const std::string& place, Token token) {
  const auto found = sent_.find({place, token});
  return found == sent_.end() ? nullptr : &found->second;
}

void FunctionsModel::began(const std::string& place, const std::vector<Token>& tokens,
                           const Attempt& attempt) {
  if (place.ends_with(".fifo")) check_order(place, tokens);
  for (const Token token : tokens) {
    Sent* one = find(place, token);
    ASSERT_TRUE(one) << place << " gets " << text_of(token) << ", which nobody has sent there";
    EXPECT_TRUE(one->wanted) << text_of(token) << " comes through the filter of " << place;
    // What is delivered at least once may come twice after a kill on its way.
    const bool is_call = rules().contains(place) || place == "sink";
    const bool is_sure = !is_call || one->life == attempt.life;
    EXPECT_FALSE(is_sure && one->is_taken(attempt.life))
        << text_of(token) << " comes to " << place << " again, though it was done";
    if (rules().contains(place)) check_retry(place, token, attempt);
    one->attempts.push_back(attempt);
  }
}

/// All that was sent before to the group is done, or stands before it in the batch.
void FunctionsModel::check_order(const std::string& place, const std::vector<Token>& tokens) {
  std::set<Token> before;
  for (const Token token : tokens) {
    const Sent* one = find(place, token);
    if (!one) continue;
    for (auto other = sent_.lower_bound({place, 0}); other->first < std::pair(place, token);
         ++other)
      if (other->second.group == one->group && !before.contains(other->first.second))
        EXPECT_TRUE(other->second.is_answered())
            << place << ": " << text_of(token) << " comes before " << text_of(other->first.second);
    before.insert(token);
  }
}

/// One minute after the first attempt, two after each other. Nothing is certain once the machine
/// has died.
void FunctionsModel::check_retry(const std::string& place, Token token, const Attempt& attempt) {
  const Sent& one = *find(place, token);
  if (one.life != attempt.life) return;
  const AsyncRules& rule = rules().at(place);
  const std::size_t done = one.attempts.size();
  EXPECT_LE(done, rule.retries) << text_of(token) << " comes to " << place << " too often";
  if (done == 0) return;
  const runtime::Duration gap = attempt.began - one.attempts.back().began;
  const bool starts_failed = start_failures(place, one) > 0;
  EXPECT_GE(gap, starts_failed ? wait_before(1) : wait_before(done))
      << text_of(token) << " comes to " << place << " again too early";
  if (rule.is_throttled || starts_failed) return;
  EXPECT_LE(gap, wait_before(done) + slack)
      << text_of(token) << " comes to " << place << " again too late";
}

void FunctionsModel::answered(const std::string& place, const std::vector<Token>& tokens) {
  for (const Token token : tokens)
    if (Sent* one = find(place, token)) one->attempts.back().answered = true;
}

void FunctionsModel::taken(const std::string& place, const std::vector<Token>& tokens) {
  for (const Token token : tokens)
    if (Sent* one = find(place, token)) one->attempts.back().taken = true;
}

void FunctionsModel::found(const std::string& queue, const std::string& id,
                           const std::string& body) {
  if (!seen_.emplace(queue, id).second) return;
  const std::optional<Token> token = find_token(body);
  ASSERT_TRUE(token) << queue << " has what nobody sent: " << body;
  const auto owner = std::ranges::find_if(rules(), [&](const auto& rule) {
    return rule.second.succeeded == queue || rule.second.failed == queue;
  });
  Sent* one = find(queue == "work-dead" ? "work" : owner->first, *token);
  ASSERT_TRUE(one) << queue << " has what nobody sent: " << body;
  one->found[queue].push_back(body);
}

void FunctionsModel::check(int life) {
  for (const auto& [key, one] : sent_) {
    const auto& [place, token] = key;
    if (one.in_doubt && one.attempts.empty() && one.found.empty()) continue;
    if (rules().contains(place)) {
      check_call(place, token, one, life);
    } else if (place == "sink") {
      EXPECT_TRUE(one.is_answered()) << text_of(token) << " never came to the end of sink";
    } else {
      check_message(place, token, one, life);
    }
  }
}

/// It was done, or given up and told to all that have to know.
void FunctionsModel::check_call(const std::string& function, Token token, const Sent& one,
                                int life) {
  const AsyncRules& rule = rules().at(function);
  const std::string what = fmt::format("{} of {}", text_of(token), function);
  const std::size_t failed = one.count(rule.failed);
  std::size_t succeeded = one.count(rule.succeeded);
  if (rule.succeeded == "sink") {
    const Sent* told = find("sink", token);
    succeeded = told && told->is_answered() ? 1 : 0;
  }
  EXPECT_TRUE(one.is_answered() || failed > 0)
      << what << " is lost, after " << one.attempts.size() << " attempts";
  if (!rule.succeeded.empty())
    EXPECT_TRUE(succeeded > 0 || failed > 0) << what << ": nobody was told of its end";
  if (!one.is_answered()) EXPECT_EQ(succeeded, 0) << what << " has succeeded, says a record";
  const auto kills = static_cast<std::size_t>(life - one.life);
  EXPECT_LE(failed, 1 + kills) << what << " was given up too often";
  if (kills == 0) EXPECT_EQ(failed, one.is_answered() ? 0 : 1) << what << " was done, and given up";
  if (failed > 0 && kills == 0) check_record(what, rule, one, start_failures(function, one));
}

/// Says why it was given up.
void FunctionsModel::check_record(const std::string& what, const AsyncRules& rule, const Sent& one,
                                  int failures) {
  const std::string& record = one.found.at(rule.failed).front();
  const std::size_t attempts = one.attempts.size();
  const std::size_t most = rule.retries + 1;
  if (!has(record, R"("condition":)")) {  // a dead letter
    EXPECT_LE(attempts, most) << what;
    EXPECT_GE(attempts + static_cast<std::size_t>(failures), most) << what << ": given up early";
    return;
  }
  const std::string mark = R"("approximateInvokeCount":)";
  const std::size_t count = std::stoul(record.substr(record.find(mark) + mark.size()));
  EXPECT_LE(attempts, count) << what;
  EXPECT_GE(attempts + static_cast<std::size_t>(failures), count) << what;
  if (has(record, R"("condition":"RetriesExhausted")")) {
    EXPECT_EQ(count, most) << what << ": given up early";
  } else {
    EXPECT_TRUE(has(record, R"("condition":"EventAgeExceeded")")) << what << ": " << record;
    EXPECT_LT(count, most) << what;
    // No retry before its age would be over.
    const runtime::Duration waits = wait_before(1) + wait_before(2);
    if (!rule.is_throttled) EXPECT_GE(waits + slack, rule.age) << what << ": given up early";
  }
}

void FunctionsModel::check_message(const std::string& queue, Token token, const Sent& one,
                                   int life) {
  const std::string what = fmt::format("{} of {}", text_of(token), queue);
  if (!one.wanted) return;
  const std::size_t dead = queue == "work" ? one.count("work-dead") : 0;
  EXPECT_TRUE(one.is_answered() || dead > 0)
      << what << " is lost, after " << one.attempts.size() << " attempts";
  EXPECT_LE(dead, 1U) << what << " is a dead letter twice";
  if (life == one.life) EXPECT_FALSE(one.is_taken(life) && dead > 0) << what << " was done";
  if (dead > 0) EXPECT_LE(one.attempts.size(), most_receives) << what;
}

}  // namespace matinee::simulation
