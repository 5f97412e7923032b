// Keys are "key" and eight digits, visited in order: the reads start where the writes did, so they
// are spread over everything that was stored.
#include "dynamodb_load.h"

#include <fmt/format.h>

#include <stdexcept>

#include "requests.h"

namespace bench {
namespace {

std::string dynamodb_request(std::uint16_t port, std::string_view target, std::string_view body) {
  return json_request(port, {.service = "dynamodb", .target = target, .body = body});
}

std::string put_request(std::uint16_t port, const std::string& table) {
  const std::string body =
      fmt::format(R"({{"TableName":"{}","Item":{{"id":{{"S":"key{}"}},"text":{{"S":"{}"}},)"
                  R"("number":{{"N":"1234567890"}}}}}})",
                  table, kNumberPlace, std::string(1000, 't'));
  return dynamodb_request(port, "DynamoDB_20120810.PutItem", body);
}

std::string get_request(std::uint16_t port, const std::string& table) {
  const std::string body =
      fmt::format(R"({{"TableName":"{}","Key":{{"id":{{"S":"key{}"}}}}}})", table, kNumberPlace);
  return dynamodb_request(port, "DynamoDB_20120810.GetItem", body);
}

}  // namespace

void create_table(std::uint16_t port, const std::string& name) {
  const std::string body =
      fmt::format(R"({{"TableName":"{}","BillingMode":"PAY_PER_REQUEST",)"
                  R"("AttributeDefinitions":[{{"AttributeName":"id","AttributeType":"S"}}],)"
                  R"("KeySchema":[{{"AttributeName":"id","KeyType":"HASH"}}]}})",
                  name);
  require_success(port, dynamodb_request(port, "DynamoDB_20120810.CreateTable", body));
}

KeyedLoad::KeyedLoad(const std::string& request, int connections, std::uint64_t keys)
    : requests_(static_cast<std::size_t>(connections), request),
      place_(request.find(kNumberPlace)),
      keys_(keys) {
  if (place_ == std::string::npos) throw std::logic_error("no place for the key");
  if (keys_ == 0) throw std::logic_error("no keys");
}

std::string_view KeyedLoad::next_request(int connection) {
  std::string& request = requests_[static_cast<std::size_t>(connection)];
  patch_number(request, place_, next_++ % keys_);
  return request;
}

PutItemLoad::PutItemLoad(std::uint16_t port, const std::string& table, int connections)
    : KeyedLoad(put_request(port, table), connections, 100'000'000) {}

std::uint64_t PutItemLoad::accept(int, std::string_view) {
  return 1;
}

GetItemLoad::GetItemLoad(const Where& where, int connections)
    : KeyedLoad(get_request(where.port, where.table), connections, where.keys) {}

std::uint64_t GetItemLoad::accept(int, std::string_view body) {
  if (body.size() < 1000) {
    throw std::runtime_error(fmt::format("an item is missing: {}", body.substr(0, 300)));
  }
  return 1;
}

}  // namespace bench
