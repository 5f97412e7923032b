// A command that asks one service one thing: by default Matinee's own.
#pragma once

#include "cli/cloud_options.h"
#include "cli/one_call.h"
#include "cli/surroundings.h"
#include "insight/client.h"

namespace matinee::cli {

/// Connects to the cloud that was chosen and waits for the answer to `call`, which makes a task of
/// the channel to it. Returns what `use` returns for the answer, else the exit code of what went
/// wrong, which it has told.
template <class Response, class Call, class Use>
int ask_channel(Surroundings& surroundings, CloudChoice& cloud, Call call, Use use) {
  if (const std::string fault = find_cloud_fault(cloud); !fault.empty())
    return refuse_usage(surroundings, fault);
  cloud.directory = data_directory(surroundings, cloud.directory);
  const auto connection = connect(surroundings, cloud);
  if (!connection) return fail(surroundings, connection.error());
  const auto answer =
      wait_for<Response>(surroundings.runtime.loop, [&] { return call((*connection)->channel()); });
  if (!answer.response) return fail(surroundings, answer.failure);
  return use(*answer.response);
}

/// As above, where one service is asked: `call` makes a task of its Client.
template <class Response, class Client = insight::Client, class Call, class Use>
int ask(Surroundings& surroundings, CloudChoice& cloud, Call call, Use use) {
  std::optional<Client> client;
  return ask_channel<Response>(
      surroundings, cloud, [&](client::Channel& channel) { return call(client.emplace(channel)); },
      use);
}

}  // namespace matinee::cli
