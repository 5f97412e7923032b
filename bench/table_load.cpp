#include "table_load.h"

#include <fmt/format.h>

#include <stdexcept>

#include "fairness_load.h"
#include "requests.h"

namespace bench {
namespace {

/// With its two keys and the names of its attributes an item has 300 bytes.
constexpr std::size_t kValueBytes = 279;
constexpr std::size_t kPoolBytes = 1 << 20;
/// Prime and larger than any number of items, so that its multiples visit each of them once.
constexpr std::uint64_t kStep = 999'999'937;
constexpr int kBatchItems = 25;
constexpr int kTransactionItems = 4;
constexpr std::string_view kPartitionMark = "PPPPPPPP";
constexpr std::string_view kSortMark = "SSSSSSSS";
constexpr char kFilling = '#';

std::string key_members() {
  return fmt::format(R"("p":{{"S":"{}"}},"s":{{"S":"{}"}})", kPartitionMark, kSortMark);
}

std::string item_members() {
  return fmt::format(R"({},"v":{{"S":"{}"}})", key_members(), std::string(kValueBytes, kFilling));
}

std::string repeated(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += (i == 0 ? "" : ",") + text;
  return all;
}

std::vector<std::size_t> places(const std::string& text, std::string_view mark) {
  std::vector<std::size_t> found;
  for (std::size_t at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + mark.size())) {
    found.push_back(at);
  }
  return found;
}

std::string request_for(const TableLoad::Plan& plan) {
  using Kind = TableLoad::Kind;
  const std::string& table = plan.table;
  switch (plan.kind) {
    case Kind::get_item:
      return dynamodb_call(
          plan.port, "GetItem",
          fmt::format(R"({{"TableName":"{}","Key":{{{}}}}})", table, key_members()));
    case Kind::put_item:
      return dynamodb_call(
          plan.port, "PutItem",
          fmt::format(R"({{"TableName":"{}","Item":{{{}}}}})", table, item_members()));
    case Kind::query:
      return dynamodb_call(plan.port, "Query",
                           fmt::format(R"({{"TableName":"{}","KeyConditionExpression":"p = :p",)"
                                       R"("ExpressionAttributeValues":{{":p":{{"S":"{}"}}}}}})",
                                       table, kPartitionMark));
    case Kind::batch_write:
      return dynamodb_call(
          plan.port, "BatchWriteItem",
          fmt::format(R"({{"RequestItems":{{"{}":[{}]}}}})", table,
                      repeated(kBatchItems, fmt::format(R"({{"PutRequest":{{"Item":{{{}}}}}}})",
                                                        item_members()))));
    case Kind::transact_write:
      return dynamodb_call(
          plan.port, "TransactWriteItems",
          fmt::format(R"({{"TransactItems":[{}]}})",
                      repeated(kTransactionItems,
                               fmt::format(R"({{"Put":{{"TableName":"{}","Item":{{{}}}}}}})", table,
                                           item_members()))));
  }
  throw std::logic_error("no such load");
}

}  // namespace

TableLoad::TableLoad(const Plan& plan, int connections) : plan_(plan) {
  requests_.assign(static_cast<std::size_t>(connections), make_request());
  // 64 letters: one byte holds six bits that no dictionary finds.
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t i = 0; i < kPoolBytes; ++i) pool_.push_back(letters[next_random() >> 58]);
}

TableLoad::Request TableLoad::make_request() const {
  Request request{.bytes = request_for(plan_)};
  request.partition_places = places(request.bytes, kPartitionMark);
  request.sort_places = places(request.bytes, kSortMark);
  request.value_places = places(request.bytes, std::string(kValueBytes, kFilling));
  return request;
}

std::uint64_t TableLoad::next_random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return random_;
}

std::uint64_t TableLoad::next_item() {
  // No request may name an item twice.
  const bool is_of_many = plan_.kind == Kind::batch_write || plan_.kind == Kind::transact_write;
  if (is_of_many || plan_.visit == Visit::each_once) return next_++ * kStep % plan_.items;
  return next_random() % plan_.items;
}

std::string_view TableLoad::next_request(int connection) {
  Request& request = requests_[static_cast<std::size_t>(connection)];
  request.is_repeated = plan_.visit == Visit::each_once && next_ >= plan_.items;
  for (std::size_t i = 0; i < request.partition_places.size(); ++i) {
    const std::uint64_t item = next_item();
    patch_number(request.bytes, request.partition_places[i], item / kItemsOfPartition);
    if (i < request.sort_places.size())
      patch_number(request.bytes, request.sort_places[i], item % kItemsOfPartition);
    if (i < request.value_places.size()) {
      const std::size_t start = next_random() % (pool_.size() - kValueBytes);
      request.bytes.replace(request.value_places[i], kValueBytes, pool_, start, kValueBytes);
    }
  }
  return request.bytes;
}

std::uint64_t TableLoad::accept(int connection, std::string_view body) {
  if (requests_[static_cast<std::size_t>(connection)].is_repeated) return 0;
  const auto require = [body](bool is_right) {
    if (!is_right)
      throw std::runtime_error(fmt::format("not what was asked for: {}", body.substr(0, 300)));
  };
  switch (plan_.kind) {
    case Kind::get_item:
      require(body.size() > kValueBytes);
      return 1;
    case Kind::put_item:
      return 1;
    case Kind::query:
      require(body.size() > kItemsOfPartition * kValueBytes);
      return 1;
    case Kind::batch_write:
      require(!body.contains("PutRequest"));
      return kBatchItems;
    case Kind::transact_write:
      return kTransactionItems;
  }
  throw std::logic_error("no such load");
}

void create_keyed_table(std::uint16_t port, const std::string& name) {
  require_success(
      port, dynamodb_call(port, "CreateTable",
                          fmt::format(R"({{"TableName":"{}","BillingMode":"PAY_PER_REQUEST",)"
                                      R"("AttributeDefinitions":[)"
                                      R"({{"AttributeName":"p","AttributeType":"S"}},)"
                                      R"({{"AttributeName":"s","AttributeType":"S"}}],)"
                                      R"("KeySchema":[{{"AttributeName":"p","KeyType":"HASH"}},)"
                                      R"({{"AttributeName":"s","KeyType":"RANGE"}}]}})",
                                      name)));
}

void fill_table(std::uint16_t port, const std::string& name, std::uint64_t items, int connections) {
  TableLoad load({.port = port,
                  .table = name,
                  .kind = TableLoad::Kind::batch_write,
                  .items = items,
                  .visit = TableLoad::Visit::each_once},
                 connections);
  run_load({.port = port,
            .connections = connections,
            .seconds = 3600,
            .warm_up_seconds = 0,
            .units = items},
           load);
}

}  // namespace bench
