// Whether the server runs, for scripts and for tools that expect LocalStack.
#pragma once

#include <span>
#include <string_view>

#include "protocol/http.h"
#include "protocol/operation.h"

namespace matinee::gateway {

/// GET or HEAD of /_matinee/health or /_localstack/health.
bool asks_for_health(const protocol::HttpRequest& request);

protocol::HttpResponse health_reply(const protocol::HttpRequest& request,
                                    std::span<const protocol::ServiceModel* const> services,
                                    std::string_view version);

}  // namespace matinee::gateway
