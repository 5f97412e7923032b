// Archives are written by hand: one file, stored, needs no library.
#include "functions_load.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "requests.h"

namespace bench {
namespace {

constexpr double kPatienceSeconds = 30;

const std::string kFilm(189, 'f');

const std::string& event_text() {
  static const std::string text = fmt::format(R"({{"film":"{}"}})", kFilm);
  return text;
}

void append_number(std::string& out, std::uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
}

std::uint32_t crc32_of(std::string_view bytes) {
  constexpr std::uint32_t kPolynomial = 0xedb88320;
  std::uint32_t crc = ~0U;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
  }
  return ~crc;
}

/// What the header of an entry and its place in the directory have in common: version needed,
/// flags, method, time and date (1980), checksum, sizes, lengths of name and extra field.
std::string entry_of(std::string_view name, std::string_view content) {
  constexpr std::uint32_t kFirstDate = 0x21;
  std::string entry;
  append_number(entry, 20, 2);
  append_number(entry, 0, 2);
  append_number(entry, 0, 2);
  append_number(entry, kFirstDate << 16, 4);
  append_number(entry, crc32_of(content), 4);
  append_number(entry, content.size(), 4);
  append_number(entry, content.size(), 4);
  append_number(entry, name.size(), 2);
  append_number(entry, 0, 2);
  return entry;
}

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string lambda_request(std::uint16_t port, std::string_view method, std::string_view path,
                           std::string_view body) {
  return rest_request(port, {.service = "lambda", .method = method, .path = path, .body = body});
}

}  // namespace

std::string stored_zip(std::string_view name, std::string_view content) {
  const std::string entry = entry_of(name, content);
  std::string zip = "PK\x03\x04" + entry;
  zip.append(name).append(content);
  const std::size_t directory = zip.size();
  constexpr std::uint64_t kUnix = 3;
  zip += "PK\x01\x02";
  append_number(zip, kUnix << 8 | 20, 2);
  zip += entry;
  append_number(zip, 0, 2);  // comment
  append_number(zip, 0, 2);  // disk
  append_number(zip, 0, 2);  // internal attributes
  append_number(zip, std::uint64_t{0100644} << 16, 4);
  append_number(zip, 0, 4);  // where the entry begins
  zip += name;
  const std::size_t size = zip.size() - directory;
  zip += "PK\x05\x06";
  append_number(zip, 0, 4);  // disks
  append_number(zip, 1, 2);
  append_number(zip, 1, 2);
  append_number(zip, size, 4);
  append_number(zip, directory, 4);
  append_number(zip, 0, 2);  // comment
  return zip;
}

std::string with_comment(std::string zip, std::string_view comment) {
  zip.resize(zip.size() - 2);
  append_number(zip, comment.size(), 2);
  return zip.append(comment);
}

void create_function(std::uint16_t port, const NewFunction& function) {
  const std::string environment =
      function.told_port == 0
          ? std::string()
          : fmt::format(R"(,"Environment":{{"Variables":{{"BENCH_PORT":"{}"}}}})",
                        function.told_port);
  const std::string body = fmt::format(
      R"({{"FunctionName":"{}","Runtime":"{}","Handler":"{}","Timeout":30,)"
      R"("Role":"arn:aws:iam::000000000000:role/bench","Code":{{"ZipFile":"{}"}}{}}})",
      function.name, function.runtime, function.handler, base64(function.zip), environment);
  require_success(port, lambda_request(port, "POST", "/2015-03-31/functions", body));
}

void await_active(std::uint16_t port, const std::string& name) {
  const std::string question =
      lambda_request(port, "GET", "/2015-03-31/functions/" + name + "/configuration", "");
  const double until = now_seconds() + kPatienceSeconds;
  while (true) {
    const Answer answer = require_success(port, question);
    std::size_t position = 0;
    if (next_json_string(answer.body, "State", position) == "Active") return;
    if (now_seconds() > until) throw std::runtime_error("not active: " + answer.body);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void make_function(std::uint16_t port, const NewFunction& function) {
  create_function(port, function);
  await_active(port, function.name);
}

void delete_function(std::uint16_t port, const std::string& name) {
  require_success(port, lambda_request(port, "DELETE", "/2015-03-31/functions/" + name, ""));
}

std::string invoke_request(std::uint16_t port, const std::string& name) {
  return lambda_request(port, "POST", "/2015-03-31/functions/" + name + "/invocations",
                        event_text());
}

void require_event(std::string_view body) {
  // Python's encoder puts a space behind the colon.
  static const std::string spaced = fmt::format(R"({{"film": "{}"}})", kFilm);
  if (body != event_text() && body != spaced)
    throw std::runtime_error("not the event: " + std::string(body.substr(0, 300)));
}

}  // namespace bench
