// The web console (`console/`), whose files are part of this program: /_matinee/console/.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "gateway/browser_guard.h"
#include "gateway/request_handler.h"
#include "protocol/http.h"

namespace matinee::gateway {

struct ConsoleFile {
  std::string_view path;  // "core/dom.js"
  std::string_view text;
};

/// Sorted by their paths.
const std::vector<ConsoleFile>& console_files();

/// Whether the path is the console's, or below it.
bool asks_for_console(const protocol::HttpRequest& request);

/// 403 for pages and names that are neither this server's own, nor of this machine, nor allowed.
std::optional<protocol::HttpResponse> refuse_strangers(const protocol::HttpRequest& request,
                                                       const BrowserGuard& guard, const Peer& peer);

/// The file, 304 where the browser has it already, or why not: 403 for strangers, 404, 405. The
/// page may load nothing but what comes from here, and show nothing in frames.
protocol::HttpResponse console_reply(const protocol::HttpRequest& request,
                                     const BrowserGuard& guard, const Peer& peer);

}  // namespace matinee::gateway
