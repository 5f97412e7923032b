// What the head of a request tells services beside what they are asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/request_handler.h"
#include "protocol/http.h"

namespace matinee::gateway {

std::optional<std::string> find_text(const protocol::HttpRequest& head, std::string_view name);

/// How the client calls this server. Some leave out the port that they have called.
std::string host_for_urls(const protocol::HttpRequest& head, const Peer& peer);

/// What X-Ray's clients send along, and SQS keeps with a message: text, or it is left out.
std::string trace_header_of(const protocol::HttpRequest& head);

}  // namespace matinee::gateway
