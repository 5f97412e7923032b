// What the programs of a run do with what they get.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "functions_run.h"

namespace matinee::simulation {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Calls that were let in under another limit have come to their end after that.
constexpr runtime::Duration until_limits_hold = seconds(30);

/// Answers that report nothing: the whole batch is done.
const std::vector<std::string> successes{
    "null", "{}", R"({"batchItemFailures":[]})", R"({"batchItemFailures":null})", "[]", "\"done\""};
/// Answers that report what cannot be: the whole batch has failed.
const std::vector<std::string> malformed{
    R"({"batchItemFailures":[{"itemIdentifier":""}]})",
    R"({"batchItemFailures":[{"itemIdentifier":null}]})",
    R"({"batchItemFailures":[{"foo":"notvalid"}]})",
    R"({"batchItemFailures":[{"itemIdentifier":"nobody"}]})",
    R"({"batchItemFailures":[{"itemIdentifier":123}]})",
    R"({"batchItemFailures":)",
};

std::string queue_of(const std::string& payload) {
  const std::string mark = R"("eventSourceARN":"arn:aws:sqs:us-east-1:000000000000:)";
  const std::size_t begin = payload.find(mark);
  if (begin == std::string::npos) return "";
  const std::size_t name = begin + mark.size();
  return payload.substr(name, payload.find('"', name) - name);
}

bool reports_failures(const std::string& queue) {
  return queue == "work" || queue == "line.fifo";
}

}  // namespace

Beginning FunctionsRun::on_start(const std::string& function) {
  if (cloud_.machine.has_died()) return Beginning::hang;
  if (is_calm_ || function == "sink") return Beginning::ready;
  Beginning beginning = Beginning::ready;
  switch (programs_.below(40)) {
    case 0:
      beginning = Beginning::error;
      break;
    case 1:
      beginning = Beginning::crash;
      break;
    case 2:
      beginning = Beginning::hang;
      break;
    default:
      break;
  }
  if (beginning != Beginning::ready) model_.start_failed(function, cloud_.machine.time.now());
  return beginning;
}

Reaction FunctionsRun::on_call(const FunctionCall& call) {
  // Where a thread of the database has met the end, the program has not noticed it yet.
  if (cloud_.machine.has_died()) return {.deed = Deed::hang};
  const std::string queue = queue_of(call.payload);
  Work& work = work_[call.number] = {};
  const Attempt attempt{.life = life(), .began = now()};
  if (queue.empty()) {
    check_limits(call, "");
    const std::optional<Token> token = find_token(call.payload);
    if (!token)
      return {.deed = react(work).deed,
              .body = fmt::format(R"({{"generation":{}}})", call.generation)};
    if (call.function == "sink") {
      const Sent* cause = model_.find("bus", *token);
      EXPECT_TRUE(cause && cause->is_answered()) << text_of(*token) << " has not succeeded";
      if (cause && !model_.find("sink", *token)) model_.expect("sink", *token).life = cause->life;
    }
    work = {.place = call.function, .tokens = {*token}, .done = {*token}};
    model_.began(work.place, work.tokens, attempt);
    if (call.function == "sink") return {};
    return react(work);
  }
  std::vector<Record> records;
  simdjson::dom::parser parser;
  for (const simdjson::dom::element record : parser.parse(call.payload)["Records"].get_array())
    records.push_back({.id = std::string(std::string_view(record["messageId"])),
                       .token = *find_token(std::string(std::string_view(record["body"])))});
  work.place = queue;
  for (const Record& record : records) work.tokens.push_back(record.token);
  check_limits(call, queue);
  check_pause(queue, work.tokens);
  model_.began(queue, work.tokens, attempt);
  return react_to_batch(work, records);
}

/// More than that may not be under way.
void FunctionsRun::check_limits(const FunctionCall& call, const std::string& queue) {
  const runtime::Time time = cloud_.machine.time.now();
  // The one that begins is not counted yet.
  if (const auto limit = reserved_.find(call.function);
      limit != reserved_.end() && time - limit->second.since > until_limits_hold)
    EXPECT_LE(cloud_.at_work(call.function), limit->second.most)
        << call.function << " has more calls than are reserved";
  if (const auto limit = concurrent_.find(queue);
      limit != concurrent_.end() && time - limit->second.since > until_limits_hold)
    EXPECT_LE(cloud_.at_work_for(arn_of_queue(queue)), limit->second.most)
        << queue << " has more calls than its mapping may have";
}

/// What came to a queue whose mapping is disabled stays there until that is enabled.
void FunctionsRun::check_pause(const std::string& queue, const std::vector<Token>& tokens) {
  const Mapping& mapping = mappings_[queue];
  for (const Token token : tokens) {
    const Sent* one = model_.find(queue, token);
    if (one && one->paused > 0)
      EXPECT_FALSE(!mapping.is_enabled && mapping.pauses == one->paused)
          << text_of(token) << " comes through the mapping of " << queue << ", which is disabled";
  }
}

/// Of a call that has nothing else to say.
Reaction FunctionsRun::react(Work& work) {
  Reaction reaction{.body = "{}"};
  if (is_calm_) return reaction;
  if (programs_.below(3) == 0) reaction.takes = milliseconds(programs_.below(2900) + 1);
  switch (programs_.below(20)) {
    case 0:
    case 1:
    case 2:
      reaction.deed = Deed::fail;
      reaction.body = R"({"errorMessage":"no","errorType":"Error"})";
      break;
    case 3:
      reaction.deed = Deed::exit;
      break;
    case 4:
      reaction.deed = Deed::crash;
      break;
    case 5:
      reaction.deed = Deed::hang;
      break;
    case 6:
      reaction.deed = Deed::bloat;
      break;
    case 7:
      reaction.deed = Deed::garble;
      break;
    case 8:
      reaction.deed = Deed::answer_and_exit;
      break;
    case 9:
      // It has an answer, too late.
      reaction.takes = milliseconds(3100 + programs_.below(100));
      break;
    default:
      break;
  }
  if (reaction.deed == Deed::fail) work.done.clear();
  return reaction;
}

Reaction FunctionsRun::react_to_batch(Work& work, const std::vector<Record>& records) {
  work.done = work.tokens;
  Reaction reaction = react(work);
  const bool answers = reaction.deed == Deed::answer || reaction.deed == Deed::answer_and_exit ||
                       reaction.deed == Deed::garble;
  if (!answers || is_calm_) return reaction;
  if (!reports_failures(work.place)) {
    // Whatever it says, the batch is done.
    reaction.body = programs_.below(2) == 0 ? "null" : malformed[programs_.below(5)];
    return reaction;
  }
  switch (programs_.below(4)) {
    case 0:
      reaction.body = malformed[programs_.below(malformed.size())];
      work.done.clear();
      break;
    case 1: {
      // From one on, as FIFO queues want it.
      const std::size_t first = programs_.below(records.size());
      work.done.resize(first);
      std::string list;
      for (std::size_t i = first; i < records.size(); ++i)
        list +=
            fmt::format(R"({}{{"itemIdentifier":"{}"}})", list.empty() ? "" : ",", records[i].id);
      reaction.body = R"({"batchItemFailures":[)" + list + "]}";
      break;
    }
    default:
      reaction.body = successes[programs_.below(successes.size())];
      break;
  }
  return reaction;
}

void FunctionsRun::on_answer(const FunctionCall& call) {
  const Work& work = work_[call.number];
  if (!work.place.empty() && !cloud_.machine.has_died()) model_.answered(work.place, work.done);
}

void FunctionsRun::on_taken(const FunctionCall& call) {
  const Work& work = work_[call.number];
  if (!work.place.empty() && !cloud_.machine.has_died()) model_.taken(work.place, work.done);
}

void FunctionsRun::on_wrong_status(const FunctionCall& call, const std::string& what, int status) {
  ADD_FAILURE() << call.function << " was answered " << status << " to " << what;
}

}  // namespace matinee::simulation
