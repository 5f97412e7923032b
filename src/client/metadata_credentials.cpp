// Credentials served over HTTP.
#include "client/metadata_credentials.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "protocol/timestamps.h"

namespace matinee::client {

namespace {

constexpr std::string_view container_host = "http://169.254.170.2";
constexpr std::string_view machine_host = "http://169.254.169.254";

std::string variable(const Surroundings& around, const std::string& name) {
  return around.environment.find(name).value_or("");
}

/// A container's token goes to the agents of ECS and EKS, to this machine, or over TLS, and nowhere
/// else.
bool may_have_token(const std::string& url) {
  if (url.starts_with("https://") || is_loopback_url(url)) return true;
  const std::string host = host_of_url(url);
  return host == "169.254.170.2" || host == "169.254.170.23" || host == "[fd00:ec2::23]";
}

std::string container_token(const Surroundings& around) {
  const std::string file = variable(around, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (file.empty()) return variable(around, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  runtime::DiskResult<std::string> token = around.disk.read(file);
  if (!token)
    throw ClientError("The container's credentials need a token: " + token.error().message + ".");
  while (token->ends_with('\n') || token->ends_with('\r')) token->pop_back();
  return std::move(*token);
}

runtime::HttpCall short_call(std::string method, std::string url) {
  runtime::HttpCall call{.method = std::move(method), .url = std::move(url)};
  call.use_proxy = false;
  call.connect_timeout = std::chrono::seconds(1);
  call.total_timeout = std::chrono::seconds(2);
  return call;
}

std::string machine_url(const Surroundings& around) {
  std::string url = variable(around, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (url.empty() && variable(around, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE") == "IPv6")
    url = "http://[fd00:ec2::254]";
  if (url.empty()) url = machine_host;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// The body of a 200; nothing for anything else.
runtime::Task<std::optional<std::string>> get_metadata(const Surroundings& around,
                                                       runtime::HttpCall call) {
  runtime::HttpResult result = co_await around.http.send(std::move(call));
  if (!result || result->status != 200) co_return std::nullopt;
  co_return std::move(result->body);
}

}  // namespace

std::optional<Credentials> read_served_credentials(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  const simdjson::padded_string padded(json);
  if (parser.parse(padded).get(root)) return std::nullopt;
  std::string_view access_key;
  std::string_view secret_key;
  std::string_view token;
  std::string_view expiration;
  if (root["AccessKeyId"].get(access_key) || root["SecretAccessKey"].get(secret_key))
    return std::nullopt;
  if (root["Token"].get(token)) token = "";
  Credentials credentials{
      .keys = {std::string(access_key), std::string(secret_key), std::string(token)}};
  if (!root["Expiration"].get(expiration))
    credentials.expires = protocol::parse_iso8601(expiration);
  return credentials;
}

runtime::Task<std::optional<Credentials>> find_container_credentials(const Surroundings& around) {
  const std::string relative = variable(around, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string url = relative.empty() ? variable(around, "AWS_CONTAINER_CREDENTIALS_FULL_URI")
                                           : std::string(container_host) + relative;
  if (url.empty()) co_return std::nullopt;
  if (!may_have_token(url))
    throw ClientError(
        fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI is {}, which is neither "
                    "https nor the address of a container's agent.",
                    url));
  runtime::HttpCall call = short_call("GET", url);
  call.headers.emplace_back("Accept", "application/json");
  if (std::string token = container_token(around); !token.empty())
    call.headers.emplace_back("Authorization", std::move(token));
  const runtime::HttpResult result = co_await around.http.send(std::move(call));
  if (!result)
    throw ClientError("The container's credentials cannot be had: " + result.error().message);
  std::optional<Credentials> credentials;
  if (result->status == 200) credentials = read_served_credentials(result->body);
  if (!credentials)
    throw ClientError(
        fmt::format("The container's credentials cannot be had: {} answers with "
                    "status {}.",
                    url, result->status));
  co_return credentials;
}

runtime::Task<std::optional<Credentials>> find_machine_credentials(const Surroundings& around) {
  const std::string disabled = variable(around, "AWS_EC2_METADATA_DISABLED");
  if (disabled == "true" || disabled == "TRUE" || disabled == "True") co_return std::nullopt;
  const std::string host = machine_url(around);
  runtime::HttpCall token_call = short_call("PUT", host + "/latest/api/token");
  token_call.headers.emplace_back("x-aws-ec2-metadata-token-ttl-seconds", "21600");
  const auto token = co_await get_metadata(around, std::move(token_call));
  if (!token) co_return std::nullopt;

  const std::string path = host + "/latest/meta-data/iam/security-credentials/";
  runtime::HttpCall role_call = short_call("GET", path);
  role_call.headers.emplace_back("x-aws-ec2-metadata-token", *token);
  std::optional<std::string> role = co_await get_metadata(around, std::move(role_call));
  if (!role) co_return std::nullopt;
  role->resize(std::min(role->find('\n'), role->size()));
  if (role->empty()) co_return std::nullopt;

  runtime::HttpCall keys_call = short_call("GET", path + *role);
  keys_call.headers.emplace_back("x-aws-ec2-metadata-token", *token);
  const auto keys = co_await get_metadata(around, std::move(keys_call));
  if (!keys) co_return std::nullopt;
  co_return read_served_credentials(*keys);
}

}  // namespace matinee::client
