// The protocol Smithy RPC v2 with CBOR: one POST to "/service/NAME/operation/OPERATION" with the
// header `smithy-protocol: rpc-v2-cbor`, CBOR both ways. The functions are those of codec.h; the
// typed client does not speak it.
#pragma once

#include "protocol/codec.h"

namespace matinee::protocol::rpc_cbor {

/// What the header `smithy-protocol` says.
inline constexpr std::string_view protocol_name = "rpc-v2-cbor";

void decode_request(const Operation& operation, const HttpRequest& request, void* object,
                    Violations& violations);
HttpResponse encode_response(const Operation& operation, const void* object,
                             std::string_view request_id);
HttpResponse encode_error(const ServiceModel& service, const ServiceError& error,
                          std::string_view request_id);

}  // namespace matinee::protocol::rpc_cbor
