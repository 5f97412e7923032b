#include "consumer.h"

#include <algorithm>

namespace matinee::simulation::tables {
namespace {

std::string number_of(const Json& record) {
  return record.at("dynamodb").at("SequenceNumber").string();
}

}  // namespace

/// To the first shard, or the child of the one that was read to its end. False without one.
bool Consumer::go_to_next_shard(TablesMachine& machine, const std::string& arn,
                                Progress& progress) {
  const Json description =
      machine.ask("DescribeStream", Json::Object{{"StreamArn", arn}}).at("StreamDescription");
  const Json::Array& shards = description.at("Shards").array();
  const auto is_known = [&](const Json& shard) {
    return shard.at("ShardId").string() == progress.shard;
  };
  const bool is_gone = std::ranges::none_of(shards, is_known);
  for (const Json& shard : shards) {
    const Json* parent = shard.find("ParentShardId");
    // Where the one that was read has gone, its child may have gone too.
    if (!is_gone && (!parent || parent->string() != progress.shard)) continue;
    progress.skips = progress.skips || is_gone;
    progress.shard = shard.at("ShardId").string();
    progress.iterator =
        machine
            .ask("GetShardIterator", Json::Object{{"StreamArn", arn},
                                                  {"ShardId", progress.shard},
                                                  {"ShardIteratorType", "TRIM_HORIZON"}})
            .at("ShardIterator")
            .string();
    return true;
  }
  return false;
}

/// At the oldest that is left.
bool Consumer::begin_again(TablesMachine& machine, const std::string& arn, Progress& progress) {
  progress.shard.clear();
  progress.last.clear();
  return go_to_next_shard(machine, arn, progress);
}

/// After the last number; where that is too old, at the oldest that is left.
bool Consumer::go_on(TablesMachine& machine, const std::string& arn, Progress& progress) {
  Json again = Json::Object{{"StreamArn", arn}, {"ShardId", progress.shard}};
  again["ShardIteratorType"] = progress.last.empty() ? "TRIM_HORIZON" : "AFTER_SEQUENCE_NUMBER";
  if (!progress.last.empty()) again["SequenceNumber"] = progress.last;
  std::vector<Call> calls = {{"GetShardIterator", again}};
  machine.make(calls);
  const Reply& reply = calls.front().reply.value();
  if (reply.code.empty()) {
    progress.iterator = reply.body.at("ShardIterator").string();
    return true;
  }
  EXPECT_TRUE(reply.code == "TrimmedDataAccessException" ||
              reply.code == "ResourceNotFoundException")
      << reply.code << ": " << reply.message;
  return begin_again(machine, arn, progress);
}

bool Consumer::read_page(TablesMachine& machine, const std::string& arn, Progress& progress) {
  if (progress.iterator.empty() && !go_to_next_shard(machine, arn, progress)) return false;
  std::vector<Call> calls = {{"GetRecords", Json::Object{{"ShardIterator", progress.iterator},
                                                         {"Limit", 1 + int(dice_.below(7))}}}};
  machine.make(calls);
  const Reply& reply = calls.front().reply.value();
  if (reply.code == "ExpiredIteratorException") return go_on(machine, arn, progress);
  if (reply.code == "TrimmedDataAccessException") return begin_again(machine, arn, progress);
  EXPECT_EQ(reply.code, "") << reply.message;
  if (!reply.code.empty()) return false;
  for (const Json& record : reply.body.at("Records").array()) {
    if (!progress.numbers.empty() && progress.skips && number_of(record) <= progress.numbers.back())
      continue;
    progress.numbers.push_back(number_of(record));
    progress.last = progress.numbers.back();
  }
  const Json* next = reply.body.find("NextShardIterator");
  progress.iterator = next ? next->string() : "";
  if (next) return !reply.body.at("Records").array().empty();
  progress.last.clear();
  return true;
}

void Consumer::read_one(TablesMachine& machine, const std::string& arn, bool to_the_end) {
  Progress& progress = streams_[arn];
  std::size_t pages = 1 + dice_.below(3);
  while (to_the_end || pages-- > 0)
    if (!read_page(machine, arn, progress)) break;
  if (!to_the_end) return;
  // What can be read from the beginning ends as what was read while it was written.
  std::vector<std::string> all;
  for (const Json& record : read_stream(machine, arn)) all.push_back(number_of(record));
  const std::vector<std::string>& numbers = progress.numbers;
  ASSERT_LE(all.size(), numbers.size()) << "the consumer of " << arn << " has missed changes";
  EXPECT_TRUE(std::equal(all.rbegin(), all.rend(), numbers.rbegin()))
      << "the consumer of " << arn << " has read other changes";
  const auto is_out_of_order = [](const std::string& left, const std::string& right) {
    return left >= right;
  };
  EXPECT_EQ(std::ranges::adjacent_find(numbers, is_out_of_order), numbers.end())
      << "the consumer of " << arn << " has read a change twice";
}

void Consumer::read(TablesMachine& machine, bool to_the_end) {
  const Json streams = machine.ask("ListStreams", Json::Object());
  for (const Json& stream : streams.at("Streams").array())
    read_one(machine, stream.at("StreamArn").string(), to_the_end);
}

}  // namespace matinee::simulation::tables
