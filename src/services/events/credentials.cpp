#include "services/events/credentials.h"

#include <simdjson.h>

#include "protocol/error.h"
#include "protocol/json_writer.h"

namespace matinee::events {

namespace {

namespace json = protocol::json;

[[noreturn]] void refuse_parameters(const std::string& reason) {
  throw protocol::ServiceError("ValidationException", 400,
                               "Parameter AuthParameters is not valid. Reason: " + reason);
}

template <class Given>
std::vector<CallParameter> parameters_of(const std::optional<std::vector<Given>>& given) {
  std::vector<CallParameter> parameters;
  if (given)
    for (const Given& one : *given)
      parameters.push_back({.key = one.key.value_or(""),
                            .value = one.value.value_or(""),
                            .is_secret = one.is_value_secret.value_or(false)});
  return parameters;
}

std::optional<CallParameters> parameters_of(const std::optional<ConnectionHttpParameters>& given) {
  if (!given) return std::nullopt;
  return CallParameters{.headers = parameters_of(given->header_parameters),
                        .query = parameters_of(given->query_string_parameters),
                        .body = parameters_of(given->body_parameters)};
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
  if (out.size() > 1) out += ',';
  json::append_member(out, name);
  json::append_string(out, text);
}

void append_list(std::string& out, std::string_view name,
                 const std::vector<CallParameter>& parameters) {
  if (parameters.empty()) return;
  if (!out.ends_with('{')) out += ',';
  json::append_member(out, name);
  out += '[';
  for (const CallParameter& parameter : parameters) {
    if (!out.ends_with('[')) out += ',';
    std::string one = "{";
    append_text(one, "key", parameter.key);
    append_text(one, "value", parameter.value);
    one += parameter.is_secret ? R"(,"is_value_secret":true})" : R"(,"is_value_secret":false})";
    out += one;
  }
  out += ']';
}

void append_parameters(std::string& out, std::string_view name,
                       const std::optional<CallParameters>& parameters) {
  if (!parameters) return;
  out += ',';
  json::append_member(out, name);
  out += '{';
  append_list(out, "header_parameters", parameters->headers);
  append_list(out, "query_string_parameters", parameters->query);
  append_list(out, "body_parameters", parameters->body);
  out += '}';
}

using Object = simdjson::dom::object;

std::string text_in(const Object& object, std::string_view name) {
  std::string_view text;
  return object[name].get(text) ? std::string() : std::string(text);
}

std::vector<CallParameter> list_in(const Object& object, std::string_view name) {
  std::vector<CallParameter> parameters;
  simdjson::dom::array list;
  if (object[name].get(list)) return parameters;
  for (const simdjson::dom::element element : list) {
    Object one;
    if (element.get(one)) continue;
    bool is_secret = false;
    if (one["is_value_secret"].get(is_secret)) is_secret = false;
    parameters.push_back(
        {.key = text_in(one, "key"), .value = text_in(one, "value"), .is_secret = is_secret});
  }
  return parameters;
}

std::optional<CallParameters> parameters_in(const Object& object, std::string_view name) {
  Object one;
  if (object[name].get(one)) return std::nullopt;
  return CallParameters{.headers = list_in(one, "header_parameters"),
                        .query = list_in(one, "query_string_parameters"),
                        .body = list_in(one, "body_parameters")};
}

/// How the secret calls name and secret of a type.
std::pair<std::string_view, std::string_view> names_in_secret(std::string_view type) {
  if (type == basic_type) return {"username", "password"};
  if (type == key_type) return {"api_key_name", "api_key_value"};
  return {"client_id", "client_secret"};
}

void hide(std::optional<CallParameters>& parameters) {
  if (!parameters) return;
  for (auto* list : {&parameters->headers, &parameters->query, &parameters->body})
    for (CallParameter& parameter : *list)
      if (parameter.is_secret) parameter.value.clear();
}

template <class Shown>
std::optional<std::vector<Shown>> describe_list(const std::vector<CallParameter>& parameters) {
  if (parameters.empty()) return std::nullopt;
  std::vector<Shown> list;
  for (const CallParameter& parameter : parameters) {
    Shown& one = list.emplace_back();
    one.key = parameter.key;
    if (!parameter.is_secret) one.value = parameter.value;
    one.is_value_secret = parameter.is_secret;
  }
  return list;
}

std::optional<ConnectionHttpParameters> describe_parameters(
    const std::optional<CallParameters>& parameters) {
  if (!parameters) return std::nullopt;
  return ConnectionHttpParameters{
      .header_parameters = describe_list<ConnectionHeaderParameter>(parameters->headers),
      .query_string_parameters = describe_list<ConnectionQueryStringParameter>(parameters->query),
      .body_parameters = describe_list<ConnectionBodyParameter>(parameters->body)};
}

void replace(std::string& value, const std::optional<std::string>& given) {
  if (given) value = *given;
}

/// Of the parameters only those of the type may be given.
template <class Parameters>
void require_type(std::string_view type, const Parameters& parameters) {
  if ((parameters.basic_auth_parameters && type != basic_type) ||
      (parameters.api_key_auth_parameters && type != key_type) ||
      (parameters.o_auth_parameters && type != oauth_type))
    refuse_parameters("Only parameters of the specified AuthorizationType must be provided.");
}

}  // namespace

Credentials credentials_of(const std::string& type,
                           const CreateConnectionAuthRequestParameters& parameters) {
  require_type(type, parameters);
  Credentials credentials{.type = type,
                          .invocation = parameters_of(parameters.invocation_http_parameters)};
  if (parameters.basic_auth_parameters) {
    credentials.name = parameters.basic_auth_parameters->username;
    credentials.secret = parameters.basic_auth_parameters->password;
  } else if (parameters.api_key_auth_parameters) {
    credentials.name = parameters.api_key_auth_parameters->api_key_name;
    credentials.secret = parameters.api_key_auth_parameters->api_key_value;
  } else if (parameters.o_auth_parameters) {
    const CreateConnectionOAuthRequestParameters& oauth = *parameters.o_auth_parameters;
    credentials.name = oauth.client_parameters.client_id;
    credentials.secret = oauth.client_parameters.client_secret;
    credentials.endpoint = oauth.authorization_endpoint;
    credentials.method = oauth.http_method;
    credentials.token_call = parameters_of(oauth.o_auth_http_parameters);
  }
  require_complete(credentials);
  return credentials;
}

void change(Credentials& credentials, const UpdateConnectionAuthRequestParameters& parameters) {
  require_type(credentials.type, parameters);
  if (const auto& basic = parameters.basic_auth_parameters) {
    replace(credentials.name, basic->username);
    replace(credentials.secret, basic->password);
  }
  if (const auto& key = parameters.api_key_auth_parameters) {
    replace(credentials.name, key->api_key_name);
    replace(credentials.secret, key->api_key_value);
  }
  if (const auto& oauth = parameters.o_auth_parameters) {
    if (oauth->client_parameters) {
      replace(credentials.name, oauth->client_parameters->client_id);
      replace(credentials.secret, oauth->client_parameters->client_secret);
    }
    replace(credentials.endpoint, oauth->authorization_endpoint);
    replace(credentials.method, oauth->http_method);
    if (oauth->o_auth_http_parameters)
      credentials.token_call = parameters_of(oauth->o_auth_http_parameters);
  }
  if (parameters.invocation_http_parameters)
    credentials.invocation = parameters_of(parameters.invocation_http_parameters);
}

void require_complete(const Credentials& credentials) {
  const bool needs_endpoint = credentials.type == oauth_type;
  if (credentials.name.empty() || credentials.secret.empty() ||
      (needs_endpoint && (credentials.endpoint.empty() || credentials.method.empty())))
    refuse_parameters("Parameters of the specified AuthorizationType must be provided.");
}

std::string to_secret(const Credentials& credentials) {
  const auto [name, secret] = names_in_secret(credentials.type);
  std::string out = "{";
  append_text(out, name, credentials.name);
  append_text(out, secret, credentials.secret);
  if (credentials.type == oauth_type) {
    append_text(out, "authorization_endpoint", credentials.endpoint);
    append_text(out, "http_method", credentials.method);
    append_parameters(out, "oauth_http_parameters", credentials.token_call);
  }
  append_parameters(out, "invocation_http_parameters", credentials.invocation);
  return out += '}';
}

Credentials read_secret(std::string_view type, std::string_view text) {
  Credentials credentials{.type = std::string(type)};
  simdjson::dom::parser parser;
  Object object;
  if (parser.parse(text.data(), text.size()).get(object)) return credentials;
  const auto [name, secret] = names_in_secret(type);
  credentials.name = text_in(object, name);
  credentials.secret = text_in(object, secret);
  credentials.endpoint = text_in(object, "authorization_endpoint");
  credentials.method = text_in(object, "http_method");
  credentials.token_call = parameters_in(object, "oauth_http_parameters");
  credentials.invocation = parameters_in(object, "invocation_http_parameters");
  return credentials;
}

Credentials shown(Credentials credentials) {
  credentials.secret.clear();
  hide(credentials.token_call);
  hide(credentials.invocation);
  return credentials;
}

ConnectionAuthResponseParameters describe(const Credentials& credentials) {
  ConnectionAuthResponseParameters parameters;
  if (credentials.type == basic_type) {
    parameters.basic_auth_parameters.emplace().username = credentials.name;
  } else if (credentials.type == key_type) {
    parameters.api_key_auth_parameters.emplace().api_key_name = credentials.name;
  } else {
    auto& oauth = parameters.o_auth_parameters.emplace();
    oauth.client_parameters.emplace().client_id = credentials.name;
    oauth.authorization_endpoint = credentials.endpoint;
    oauth.http_method = credentials.method;
    oauth.o_auth_http_parameters = describe_parameters(credentials.token_call);
  }
  parameters.invocation_http_parameters = describe_parameters(credentials.invocation);
  return parameters;
}

}  // namespace matinee::events
