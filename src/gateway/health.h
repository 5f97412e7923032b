// What scripts ask of the server itself: whether it runs, also as tools expect it of LocalStack,
// and what to trust.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/http.h"
#include "protocol/operation.h"

namespace matinee::gateway {

/// GET or HEAD of /_matinee/health or /_localstack/health.
bool asks_for_health(const protocol::HttpRequest& request);

/// With a trouble, which is a sentence without its full stop, the status is 503: some things go on,
/// but whoever asks must not take the services to be well.
protocol::HttpResponse health_reply(const protocol::HttpRequest& request,
                                    std::span<const protocol::ServiceModel* const> services,
                                    std::string_view version,
                                    const std::optional<std::string>& trouble);

/// GET or HEAD of /_matinee/certificate.
bool asks_for_certificate(const protocol::HttpRequest& request);

/// GET or HEAD of the certificate with which topics sign.
bool may_ask_for_document(const protocol::HttpRequest& request);

/// What clients have to trust for HTTPS; 404 where the server does not speak it.
protocol::HttpResponse certificate_reply(const protocol::HttpRequest& request,
                                         const std::string& trusted);

}  // namespace matinee::gateway
