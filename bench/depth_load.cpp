#include "depth_load.h"

#include <fmt/format.h>

#include <stdexcept>

#include "dynamodb_load.h"
#include "requests.h"
#include "s3_load.h"

namespace bench {
namespace {

constexpr std::size_t kItemBytes = 300;
constexpr std::size_t kObjectBytes = 4096;
constexpr std::size_t kPoolBytes = 1 << 20;
/// Prime and larger than any number of keys, so that its multiples visit each of them once.
constexpr std::uint64_t kStep = 999'999'937;
constexpr char kFilling = '#';

bool is_item(DepthLoad::Kind kind) {
  return kind == DepthLoad::Kind::get_item || kind == DepthLoad::Kind::put_item;
}

std::string item_request(const DepthLoad::Plan& plan) {
  const std::string key = fmt::format(R"({{"id":{{"S":"key{}"}})", kNumberPlace);
  if (plan.kind == DepthLoad::Kind::get_item) {
    const std::string body = fmt::format(R"({{"TableName":"depth","Key":{}}}}})", key);
    return json_request(
        plan.port, {.service = "dynamodb", .target = "DynamoDB_20120810.GetItem", .body = body});
  }
  const std::string body = fmt::format(R"({{"TableName":"depth","Item":{},"text":{{"S":"{}"}}}}}})",
                                       key, std::string(kItemBytes, kFilling));
  return json_request(plan.port,
                      {.service = "dynamodb", .target = "DynamoDB_20120810.PutItem", .body = body});
}

std::string object_request(const DepthLoad::Plan& plan) {
  const std::string path = fmt::format("/depth/object{}", kNumberPlace);
  if (plan.kind == DepthLoad::Kind::get_object)
    return s3_request(plan.port, {.method = "GET", .path = path, .body = {}});
  const std::string body(kObjectBytes, kFilling);
  return s3_request(plan.port, {.method = "PUT", .path = path, .body = body});
}

}  // namespace

DepthLoad::DepthLoad(const Plan& plan, int connections)
    : plan_(plan), value_bytes_(is_item(plan.kind) ? kItemBytes : kObjectBytes) {
  Request request{.bytes = is_item(plan.kind) ? item_request(plan) : object_request(plan)};
  request.key_place = request.bytes.find(kNumberPlace);
  request.value_place = request.bytes.find(std::string(value_bytes_, kFilling));
  requests_.assign(static_cast<std::size_t>(connections), request);
  // 64 letters: one byte holds six bits that no dictionary finds, which is as good as random.
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (plan.content == Content::compressible) {
    pool_.assign(kPoolBytes, 't');
  } else {
    for (std::size_t i = 0; i < kPoolBytes; ++i) pool_.push_back(letters[next_random() >> 58]);
  }
}

std::uint64_t DepthLoad::next_random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return random_;
}

std::uint64_t DepthLoad::next_key() {
  if (plan_.visit == Visit::each_once) return next_++ * kStep % plan_.keys;
  return next_random() % plan_.keys;
}

std::string_view DepthLoad::next_request(int connection) {
  Request& request = requests_[static_cast<std::size_t>(connection)];
  request.is_repeated = plan_.visit == Visit::each_once && next_ >= plan_.keys;
  patch_number(request.bytes, request.key_place, next_key());
  if (request.value_place != std::string::npos) {
    const std::size_t start = next_random() % (pool_.size() - value_bytes_);
    request.bytes.replace(request.value_place, value_bytes_, pool_, start, value_bytes_);
  }
  return request.bytes;
}

std::uint64_t DepthLoad::accept(int connection, std::string_view body) {
  if (requests_[static_cast<std::size_t>(connection)].is_repeated) return 0;
  const bool reads = plan_.kind == Kind::get_item || plan_.kind == Kind::get_object;
  if (reads && body.size() < value_bytes_)
    throw std::runtime_error(fmt::format("something is missing: {}", body.substr(0, 300)));
  return 1;
}

void create_depth_table_and_bucket(std::uint16_t port) {
  create_table(port, "depth");
  create_bucket(port, "depth");
}

}  // namespace bench
