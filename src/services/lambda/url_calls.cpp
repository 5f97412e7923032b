// URLs of functions: whom they let in, and where they lead.
#include "policy/evaluate.h"
#include "services/lambda/service.h"
#include "services/lineage.h"
#include "services/policy_context.h"

namespace matinee::lambda {

std::optional<std::string> Service::find_archive(const std::string& package) const {
  const std::optional<PackageRecord> record = packages_.find(package);
  if (!record) return std::nullopt;
  return packages_.read(*record);
}

std::optional<FoundUrl> Service::find_url(const std::string& id) const {
  const std::optional<UrlPlace> place = url_ids_.find({id});
  if (!place) return std::nullopt;
  const FunctionKey key{place->account, place->region, place->name};
  const std::optional<UrlRecord> record = urls_.find(qualified(key, place->alias));
  if (!record || !functions_.contains(key)) return std::nullopt;
  FoundUrl found{.record = *record, .target = {.key = key, .alias = place->alias}};
  if (place->alias.empty()) return found;
  const std::optional<AliasRecord> alias = aliases_.find(qualified(key, place->alias));
  if (!alias) return std::nullopt;
  found.target.version = version_of_text(alias->version).value_or(0);
  return found;
}

/// A statement for everybody, for the action that AWS asks for at URLs.
bool Service::lets_everybody_in(const FoundUrl& url) const {
  const Named name{.key = url.target.key, .qualifier = url.target.alias};
  const std::shared_ptr<const policy::Document> document = document_of(name);
  if (!document) return false;
  Context nobody{.account = "", .region = std::get<1>(name.key)};
  nobody.anonymous = true;
  const std::string resource = arn_of(name.key, name.qualifier);
  const policy::Keys keys = [&](std::string_view key) -> std::optional<std::vector<std::string>> {
    if (key == "lambda:functionurlauthtype") return std::vector<std::string>{"NONE"};
    if (key == "lambda:invokedviafunctionurl") return std::vector<std::string>{"true"};
    return services::find_global_key(nobody, runtime_.clock.now(), key);
  };
  return policy::authorize({.account = std::get<0>(name.key), .policy = document.get()},
                           {.caller = services::caller_of(nobody),
                            .action = "lambda:InvokeFunctionUrl",
                            .resource = resource,
                            .keys = keys})
      .allowed();
}

void Service::call_by_url(const FoundUrl& url, UrlInvocation call,
                          std::move_only_function<void(Result)> done) {
  const auto shared = std::make_shared<std::move_only_function<void(Result)>>(std::move(done));
  const std::string trace =
      services::with_root(std::move(call.trace), runtime_.clock.now(), runtime_.random);
  const auto note = [this, target = url.target, id = call.id, bytes = call.payload.size(), trace,
                     tells = is_told(trace, call.id)](services::HopKind kind,
                                                      const std::string& reason) {
    if (!tells) return;
    const services::HopMessage message{.id = id, .bytes = bytes};
    tell(target.key, target.alias,
         {.kind = kind,
          .account = {},
          .region = {},
          .trace = trace,
          .resource = {},
          .reason = reason,
          .messages = {&message, 1}});
  };
  try {
    if (!runner_) throw protocol::ServiceError("NotImplemented", 501, "Functions do not run here.");
    run_call(url.target, url.target.alias,
             {.id = std::move(call.id),
              .payload = std::move(call.payload),
              .trace = trace,
              .done = [shared, note, lives = lives_](Result result) {
                if (*lives) note(services::HopKind::invoked, reason_of(result));
                (*shared)(std::move(result));
              }});
  } catch (const protocol::ServiceError& error) {
    note(services::HopKind::refused, why_not_called(error));
    (*shared)({.function_error = "Unhandled",
               .error_type = error.code(),
               .error_message = error.message()});
  }
}

}  // namespace matinee::lambda
