#include "services/insight/login_links.h"

#include <algorithm>

#include "protocol/json_writer.h"

namespace matinee::insight {

namespace {

constexpr std::string_view path = "/_matinee/logins/";

void add_member(std::string& json, std::string_view name, std::string_view value) {
  if (json.back() != '{') json += ',';
  protocol::json::append_member(json, name);
  protocol::json::append_string(json, value);
}

protocol::HttpResponse json_reply(int status, std::string body) {
  protocol::HttpResponse response{.status = status};
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.body.bytes = std::move(body);
  return response;
}

protocol::HttpResponse error_reply(int status, std::string_view code, std::string_view message) {
  std::string json = "{";
  add_member(json, "__type", code);
  add_member(json, "message", message);
  return json_reply(status, json + "}");
}

}  // namespace

void LoginLinks::forget_old() {
  const runtime::Time now = clock_.now();
  std::erase_if(waiting_, [&](const auto& entry) { return entry.second.expires <= now; });
  if (waiting_.size() < most) return;
  waiting_.erase(std::ranges::min_element(waiting_, {},
                                          [](const auto& entry) { return entry.second.expires; }));
}

LoginLinks::Link LoginLinks::create(Login login) {
  forget_old();
  Link link{.code = random_.uuid(), .expires = clock_.now() + lifetime};
  waiting_[link.code] = {.login = std::move(login), .expires = link.expires};
  return link;
}

bool LoginLinks::claims(const protocol::HttpRequest& head) const {
  return head.path.starts_with(path);
}

void LoginLinks::handle(services::LocalRequest request, services::LocalReply reply) {
  constexpr int ok = 200;
  constexpr int not_found = 404;
  constexpr int not_allowed = 405;
  if (request.http.method != "POST")
    return reply(error_reply(not_allowed, "MethodNotAllowed", "A link is used with POST."));
  forget_old();
  const auto found = waiting_.find(request.http.path.substr(path.size()));
  if (found == waiting_.end())
    return reply(error_reply(not_found, "LinkIsOver",
                             "The link was used already, or is older than five minutes: \"matinee "
                             "console --login\" prints another one."));
  const Login login = std::move(found->second.login);
  waiting_.erase(found);
  std::string json = "{";
  add_member(json, "accessKeyId", login.access_key);
  add_member(json, "secretAccessKey", login.secret_key);
  add_member(json, "sessionToken", login.session_token);
  reply(json_reply(ok, json + "}"));
}

}  // namespace matinee::insight
