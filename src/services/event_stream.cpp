#include "services/event_stream.h"

#include <cstdint>

#include "checksums/crc.h"
#include "protocol/json_writer.h"

namespace matinee::services::event_stream {

namespace {

constexpr char string_type = 7;
constexpr std::size_t bytes_around = 16;  // two lengths and two checksums

void append_number(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xff);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  append_number(out, name.size(), 1);
  out += name;
  out += string_type;
  append_number(out, value.size(), 2);
  out += value;
}

std::string message(std::string_view headers, std::string_view payload) {
  std::string out;
  const std::size_t size = headers.size() + payload.size() + bytes_around;
  out.reserve(size);
  append_number(out, size, 4);
  append_number(out, headers.size(), 4);
  append_number(out, crc::update(crc::crc32, 0, out), 4);
  out += headers;
  out += payload;
  append_number(out, crc::update(crc::crc32, 0, out), 4);
  return out;
}

}  // namespace

std::string event(std::string_view name, std::string_view content_type, std::string_view payload) {
  std::string headers;
  append_header(headers, ":event-type", name);
  append_header(headers, ":content-type", content_type);
  append_header(headers, ":message-type", "event");
  return message(headers, payload);
}

std::string exception(std::string_view name, std::string_view text) {
  std::string headers;
  append_header(headers, ":exception-type", name);
  append_header(headers, ":content-type", json_content);
  append_header(headers, ":message-type", "exception");
  std::string payload = "{\"message\":";
  protocol::json::append_string(payload, text);
  return message(headers, payload + "}");
}

}  // namespace matinee::services::event_stream
