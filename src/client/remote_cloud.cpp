// A cloud that is somewhere else.
#include "client/remote_cloud.h"

#include <fmt/format.h>

namespace matinee::client {

namespace {

std::optional<protocol::sigv4::Credentials> fallback_for(const CloudChoice& choice) {
  if (!choice.url || !is_loopback_url(*choice.url)) return std::nullopt;
  return protocol::sigv4::Credentials{"test", "test", ""};
}

}  // namespace

std::string region_or_default(const runtime::Runtime& runtime, runtime::HttpClient& http,
                              CloudChoice choice) {
  const ConfigFiles files = ConfigFiles::load(runtime.environment, runtime.disk);
  const Surroundings around{runtime.clock,       runtime.random, runtime.disk,
                            runtime.environment, http,           files};
  if (choice.profile && !files.find_profile(*choice.profile))
    throw ClientError(fmt::format("There is no profile \"{}\".", *choice.profile));
  if (!choice.url) choice.url = "";  // A region that is not set is no error then.
  return require_region(around, choice);
}

RemoteCloud::RemoteCloud(const runtime::Runtime& runtime, runtime::HttpClient& http,
                         CloudChoice choice, RetryPolicy policy)
    : files_(ConfigFiles::load(runtime.environment, runtime.disk)),
      around_{runtime.clock, runtime.random, runtime.disk, runtime.environment, http, files_},
      endpoints_(find_endpoints(around_, choice)),
      credentials_(around_, choice, fallback_for(choice)),
      channel_({http, credentials_, runtime.clock, runtime.random}, endpoints_, policy) {}

}  // namespace matinee::client
