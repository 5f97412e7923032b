// Requests that browsers make for pages of another origin (CORS): what S3 is asked about them, and
// the answers of all other services, which are the same for everybody whom the BrowserGuard lets
// in.
#pragma once

#include <optional>

#include "gateway/resolve.h"
#include "services/browser_question.h"

namespace matinee::gateway {

/// Whether a browser asks beforehand for a request to a service other than S3. What it asks for
/// tells, because a preflight has neither a signature nor a target.
bool is_service_preflight(const protocol::HttpRequest& head, const Target& target);

/// Allows everything that was asked for, as AWS does.
protocol::HttpResponse answer_service_preflight(const protocol::HttpRequest& head);
/// Lets the page read a reply of a service other than S3.
void add_service_headers(protocol::Headers& headers);

/// What a browser asks of S3 with this request, or nothing where it asks nothing. Throws
/// BadRequest.
std::optional<services::BrowserQuestion> read_question(const protocol::HttpRequest& head);

}  // namespace matinee::gateway
