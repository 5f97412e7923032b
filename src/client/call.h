// One typed call over a channel: what the generated clients are made of.
#pragma once

#include "client/channel.h"

namespace matinee::client {

template <class Response, class Request>
runtime::Task<Response> call(Channel& channel, const protocol::Operation& operation,
                             Request request) {
  protocol::Object owned(*operation.request, new Request(std::move(request)));
  protocol::Object response = co_await channel.call(operation, std::move(owned));
  co_return std::move(response.as<Response>());
}

}  // namespace matinee::client
