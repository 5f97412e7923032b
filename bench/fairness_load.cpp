#include "fairness_load.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <stdexcept>

#include "dynamodb_load.h"
#include "http_load.h"
#include "requests.h"

namespace bench {
namespace {

constexpr std::chrono::milliseconds kApart{2};

double milliseconds_since(double begin) {
  return (now_seconds() - begin) * 1000;
}

/// Sends the request on a connected socket and reads the whole answer.
void ask(int socket, std::string_view request) {
  while (!request.empty()) {
    const auto sent = ::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("the probe's connection broke");
    request.remove_prefix(static_cast<std::size_t>(sent));
  }
  std::string answer;
  for (;;) {
    char buffer[4096];
    const auto received = ::recv(socket, buffer, sizeof(buffer), 0);
    if (received <= 0) throw std::runtime_error("the probe's connection broke");
    answer.append(buffer, static_cast<std::size_t>(received));
    const Head head = parse_head(answer);
    if (head.size == 0 || answer.size() < head.size + head.content_length) continue;
    if (head.status != 200) throw std::runtime_error("the probe got " + answer.substr(0, 300));
    return;
  }
}

}  // namespace

std::string dynamodb_call(std::uint16_t port, std::string_view operation, std::string_view body) {
  return json_request(port, {.service = "dynamodb",
                             .target = fmt::format("DynamoDB_20120810.{}", operation),
                             .body = body});
}

std::string form_call(std::uint16_t port, std::string_view body) {
  return fmt::format(
      "POST / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{}",
      port, body.size(), body);
}

std::string delete_objects_call(std::uint16_t port, std::string_view bucket, int first, int count) {
  std::string body = "<Delete>";
  for (int number = first; number < first + count; ++number)
    body += fmt::format("<Object><Key>key{:08}</Key></Object>", number);
  body += "</Delete>";
  std::string request =
      s3_request(port, {.method = "POST", .path = fmt::format("/{}?delete", bucket), .body = body});
  unsigned char digest[16];
  unsigned char text[25];  // base64 of it, and a zero
  if (EVP_Q_digest(nullptr, "MD5", nullptr, body.data(), body.size(), digest, nullptr) != 1)
    throw std::runtime_error("no MD5");
  EVP_EncodeBlock(text, digest, sizeof(digest));
  request.insert(request.find("\r\n"),
                 fmt::format("\r\nContent-MD5: {}", reinterpret_cast<const char*>(text)));
  return request;
}

Probe::Probe(std::uint16_t port)
    : port_(port),
      request_(dynamodb_call(port, "GetItem",
                             R"({"TableName":"probed","Key":{"id":{"S":"the one"}}})")) {
  create_table(port, "probed");
  require_success(
      port, dynamodb_call(port, "PutItem",
                          R"({"TableName":"probed","Item":{"id":{"S":"the one"},"v":{"N":"1"}}})"));
}

Probe::Waits Probe::measure(const std::function<void()>& load) const {
  Waits waits;
  std::exception_ptr error;
  {
    std::jthread thread([&](const std::stop_token& stop) {
      try {
        waits = watch(stop);
      } catch (...) {
        error = std::current_exception();
      }
    });
    load();
  }
  if (error) std::rethrow_exception(error);
  return waits;
}

Probe::Waits Probe::watch(const std::stop_token& stop) const {
  const int socket = connect_to(port_);
  std::vector<double> waits;
  Waits result;
  while (!stop.stop_requested()) {
    const double asleep = now_seconds();
    std::this_thread::sleep_for(kApart);
    result.worst_idle_ms = std::max(result.worst_idle_ms, milliseconds_since(asleep) - 2);
    const double begin = now_seconds();
    ask(socket, request_);
    waits.push_back(milliseconds_since(begin));
  }
  ::close(socket);
  std::ranges::sort(waits);
  result.count = waits.size();
  if (waits.empty()) throw std::runtime_error("the load ended before the probe began");
  result.p99_ms = waits[(waits.size() - 1) * 99 / 100];
  result.worst_ms = waits.back();
  return result;
}

void run_clients(int clients, const std::function<void(int client)>& work) {
  std::mutex mutex;
  std::exception_ptr error;
  {
    std::vector<std::jthread> threads;
    for (int client = 0; client < clients; ++client) {
      threads.emplace_back([&, client] {
        try {
          work(client);
        } catch (...) {
          const std::lock_guard lock(mutex);
          if (!error) error = std::current_exception();
        }
      });
    }
  }
  if (error) std::rethrow_exception(error);
}

std::uint64_t scan_table(std::uint16_t port, std::string_view table, std::string_view more) {
  std::uint64_t scanned = 0;
  std::string start;
  for (;;) {
    const Answer answer = require_success(
        port, dynamodb_call(port, "Scan",
                            fmt::format(R"({{"TableName":"{}"{}{}}})", table, more, start)));
    const std::string& body = answer.body;
    const std::string_view count = R"("ScannedCount":)";
    const std::size_t place = body.rfind(count);
    if (place == std::string::npos) throw std::runtime_error("a page without a count");
    scanned += std::stoull(body.substr(place + count.size(), 20));
    std::size_t last = body.rfind(R"("LastEvaluatedKey":)");
    if (last == std::string::npos) return scanned;
    start = fmt::format(R"(,"ExclusiveStartKey":{{"id":{{"S":"{}"}}}})",
                        next_json_string(body, "S", last));
  }
}

std::string contains_terms(int count, std::string_view attribute) {
  std::string terms;
  for (int i = 0; i < count; ++i)
    terms += fmt::format("{}contains({},:c{})", i == 0 ? "" : " OR ", attribute, i);
  return terms;
}

std::string contains_values(int count, const std::function<std::string(int)>& term) {
  std::string values;
  for (int i = 0; i < count; ++i)
    values += fmt::format(R"({}":c{}":{{"S":"{}"}})", i == 0 ? "" : ",", i, term(i));
  return values;
}

}  // namespace bench
