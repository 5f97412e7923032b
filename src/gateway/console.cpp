#include "gateway/console.h"

#include <fmt/format.h>

#include <algorithm>

#include "checksums/crc.h"

namespace matinee::gateway {

using protocol::HttpRequest;
using protocol::HttpResponse;

namespace {

constexpr std::string_view console_path = "/_matinee/console";
constexpr std::string_view first_file = "index.html";

constexpr std::pair<std::string_view, std::string_view> types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

/// Objects of buckets are shown as pictures from memory: `blob:`.
constexpr std::string_view content_policy =
    "default-src 'self'; img-src 'self' blob:; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'";

std::string_view type_of(std::string_view path) {
  for (const auto& [suffix, type] : types)
    if (path.ends_with(suffix)) return type;
  return "application/octet-stream";
}

const ConsoleFile* find_file(std::string_view path) {
  const auto found = std::ranges::find(console_files(), path, &ConsoleFile::path);
  return found == console_files().end() ? nullptr : &*found;
}

HttpResponse text_reply(unsigned status, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.body.bytes = fmt::format("{}\n", text);
  return response;
}

HttpResponse file_reply(const HttpRequest& request, const ConsoleFile& file) {
  const std::string tag =
      fmt::format("\"{:08x}-{}\"", crc::update(crc::crc32, 0, file.text), file.text.size());
  HttpResponse response;
  response.headers.add("ETag", tag);
  response.headers.add("Cache-Control", "no-cache");
  response.headers.add("Content-Security-Policy", std::string(content_policy));
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Cross-Origin-Opener-Policy", "same-origin");
  if (request.headers.find("if-none-match") == tag) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", std::string(type_of(file.path)));
  if (request.method == "HEAD")
    response.head_length = file.text.size();
  else
    response.body.bytes = file.text;
  return response;
}

}  // namespace

bool asks_for_console(const HttpRequest& request) {
  return request.path == console_path ||
         (request.path.starts_with(console_path) && request.path[console_path.size()] == '/');
}

std::optional<HttpResponse> refuse_strangers(const HttpRequest& request, const BrowserGuard& guard,
                                             const Peer& peer) {
  if (const auto name = guard.find_foreign_host(request, peer))
    return text_reply(403, foreign_host_message(*name));
  if (const auto origin = guard.find_foreign_origin(request))
    return text_reply(403, foreign_origin_message(*origin, false));
  return std::nullopt;
}

HttpResponse console_reply(const HttpRequest& request, const BrowserGuard& guard,
                           const Peer& peer) {
  if (std::optional<HttpResponse> refusal = refuse_strangers(request, guard, peer))
    return *std::move(refusal);
  if (request.method != "GET" && request.method != "HEAD")
    return text_reply(405, "The console is read with GET and HEAD.");
  if (request.path == console_path) {
    HttpResponse response = text_reply(301, "The console is at /_matinee/console/.");
    response.headers.add("Location", fmt::format("{}/", console_path));
    return response;
  }
  std::string_view path = request.path;
  path.remove_prefix(console_path.size() + 1);
  const ConsoleFile* file = find_file(path.empty() ? first_file : path);
  return file ? file_reply(request, *file) : text_reply(404, "The console has no such file.");
}

}  // namespace matinee::gateway
