// URLs of functions: whom they let in, and where they lead.
#include <algorithm>

#include "lambda/operations.h"
#include "policy/evaluate.h"
#include "services/faults.h"
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

namespace {

/// Both are asked for at URLs, since October 2025.
constexpr std::string_view actions_of_urls[] = {"lambda:InvokeFunctionUrl",
                                                "lambda:InvokeFunction"};

/// While it lives, faults that hit are told.
class [[nodiscard]] Hits {
 public:
  Hits(services::Faults* faults, std::vector<std::string>* ids) : faults_(faults) {
    if (faults_) faults_->gather(ids);
  }
  ~Hits() {
    if (faults_) faults_->gather(nullptr);
  }
  Hits(const Hits&) = delete;
  Hits& operator=(const Hits&) = delete;

 private:
  services::Faults* faults_;
};

}  // namespace

bool Service::lets_everybody_in(const FoundUrl& url) const {
  Context nobody{.account = "", .region = std::get<1>(url.target.key)};
  nobody.anonymous = true;
  return lets_in(url, nobody);
}

bool Service::lets_in(const FoundUrl& url, const Context& caller) const {
  return std::ranges::all_of(actions_of_urls,
                             [&](std::string_view action) { return lets_in(url, caller, action); });
}

/// Where policies of identities do not decide, an account may do all with its own functions.
bool Service::lets_in(const FoundUrl& url, const Context& caller, std::string_view action) const {
  const Named name{.key = url.target.key, .qualifier = url.target.alias};
  const std::string& owner = std::get<0>(name.key);
  const std::string resource = arn_of(name.key, name.qualifier);
  const services::Guarded guarded{.account = owner, .policy = document_of(name)};
  const policy::Keys own = [&](std::string_view key) -> std::optional<std::vector<std::string>> {
    if (key == "lambda:functionurlauthtype") return std::vector{url.record.auth};
    if (key == "lambda:invokedviafunctionurl") return std::vector<std::string>{"true"};
    if (key == "lambda:functionarn") return std::vector{arn_of(name.key)};
    return std::nullopt;
  };
  if (decider() && !caller.anonymous) {
    const InvokeRequest request{.function_name = resource};
    const services::Inquiry inquiry{.context = caller,
                                    .operation = operations::Invoke,
                                    .request = &request,
                                    .action = action,
                                    .resource = resource};
    const identity::Decision decision = decider()->decide(inquiry, guarded, own);
    if (decider()->enforces()) return decision.allowed;
    if (!decision.allowed)
      decider()->note_refusal(inquiry, decider()->sentence(inquiry, guarded, decision));
  }
  if (!caller.anonymous && caller.account == owner) return true;
  if (!guarded.policy) return false;
  const policy::Keys keys = [&](std::string_view key) {
    auto found = own(key);
    return found ? found : services::find_global_key(caller, runtime_.clock.now(), key);
  };
  return policy::authorize({.account = owner, .policy = guarded.policy.get()},
                           {.caller = services::caller_of(caller),
                            .action = action,
                            .resource = resource,
                            .keys = keys})
      .allowed();
}

void Service::call_by_url(const FoundUrl& url, UrlInvocation call,
                          std::move_only_function<void(Result)> done) {
  const auto shared = std::make_shared<std::move_only_function<void(Result)>>(std::move(done));
  try {
    if (!runner_) throw protocol::ServiceError("NotImplemented", 501, "Functions do not run here.");
    const Hits hits(neighbours_.faults, call.faults.get());
    run_told(
        url.target, {.qualifier = url.target.alias},
        {.id = std::move(call.id),
         .payload = std::move(call.payload),
         .trace = services::with_root(std::move(call.trace), runtime_.clock.now(), runtime_.random),
         .receiver = std::move(call.receiver),
         .done = [shared](Result result) { (*shared)(std::move(result)); }});
  } catch (const protocol::ServiceError& error) {
    (*shared)({.function_error = "Unhandled",
               .error_type = error.code(),
               .error_message = error.message()});
  }
}

}  // namespace matinee::lambda
