#include "services/endpoint.h"

#include <fmt/format.h>

#include "runtime/assertion.h"
#include "runtime/log.h"
#include "services/authorizer.h"
#include "storage/store.h"

namespace matinee::services {

using protocol::Object;
using protocol::ServiceError;

namespace {

std::shared_ptr<ServiceError> internal_failure(const protocol::Operation& operation,
                                               const char* reason) {
  spdlog::error("{} failed: {}", operation.name, reason);
  return std::make_shared<ServiceError>("InternalFailure", 500,
                                        "We encountered an internal error. Please try again.");
}

/// For a reason that the user can do something about: AWS has no error for it.
std::shared_ptr<ServiceError> failure_of_disk(const protocol::Operation& operation,
                                              const char* reason) {
  spdlog::error("{} failed: {}", operation.name, reason);
  return std::make_shared<ServiceError>("InternalFailure", 500, fmt::format("{}.", reason));
}

/// What a handler threw, for the caller: called inside a catch block.
std::shared_ptr<ServiceError> current_error(const protocol::Operation& operation) {
  try {
    throw;
  } catch (const ServiceError& error) {
    return error.clone();
  } catch (const storage::StoreFailure& error) {
    return failure_of_disk(operation, error.what());
  } catch (const storage::DamagedRecord& error) {
    return failure_of_disk(operation, error.what());
  } catch (const std::exception& error) {
    return internal_failure(operation, error.what());
  }
}

/// AWS's verbs tell what an operation does. On a full disk those that store more are refused before
/// they begin, so that what is there can still be read, received and deleted.
bool reads_or_frees(std::string_view operation) {
  constexpr std::string_view verbs[] = {
      "Abort",  "Assume",   "BatchGet", "Cancel", "Change", "Decode", "Decrypt",
      "Delete", "Describe", "Filter",   "Get",    "Head",   "List",   "Purge",
      "Query",  "Receive",  "Remove",   "Scan",   "Test",   "Untag",  "TransactGet"};
  return std::ranges::any_of(verbs, [&](auto verb) { return operation.starts_with(verb); });
}

}  // namespace

/// A call of an operation that waits: it lives from its start to its reply.
struct Endpoint::Waiting {
  Context context;
  const protocol::Operation& operation;
  Object request;
  Completion done;
  std::function<void(const Object& response)> keep;
};

ServiceError not_implemented(const protocol::Operation& operation) {
  return {"NotImplemented", 501,
          fmt::format("Matinee does not serve {} of {}.", operation.name, operation.service->id)};
}

void ServiceBase::check(const protocol::Operation&, const void*, protocol::Violations&) const {}

ServiceError ServiceBase::invalid(const protocol::Operation&,
                                  const protocol::Violations& violations) const {
  return {"ValidationException", 400, protocol::describe(violations)};
}

std::unique_ptr<BodySink> ServiceBase::open_sink(const protocol::Operation& operation,
                                                 const protocol::HttpRequest&) {
  throw not_implemented(operation);
}

void ServiceBase::check_before_body(const Context&, const protocol::Operation&, const void*) {}

void ServiceBase::check_body(const protocol::Operation&, const protocol::HttpRequest&) const {}

BrowserAnswer ServiceBase::answer_browser(const BrowserQuestion&) const {
  return {};
}

void ServiceBase::authorize(const Context&, const protocol::Operation&, const void*) {}

void ServiceBase::add_needs(const Context& context, const protocol::Operation& operation,
                            const void* request, std::vector<Need>& needs) const {
  add_needs_of_table(context, operation, request, needs);
}

void ServiceBase::complete_arn(const Context&, std::string&) const {}

Guarded ServiceBase::guard_of(const Inquiry&) const {
  return {};
}

std::optional<std::vector<std::string>> ServiceBase::find_key(const Inquiry&,
                                                              std::string_view) const {
  return std::nullopt;
}

ServiceError ServiceBase::refusal(const Inquiry&, std::string sentence) const {
  if (protocol::is_query(model.protocol) || model.protocol == protocol::Protocol::rest_xml)
    return {"AccessDenied", 403, std::move(sentence)};
  return {"AccessDeniedException", 400, std::move(sentence)};
}

void Endpoint::add(ServiceBase& service, std::span<const Handler> handlers) {
  models_.push_back(&service.model);
  services_.push_back(&service);
  resettable_.push_back(&service);
  for (const Handler& handler : handlers)
    entries_.emplace(handler.operation,
                     Entry{.service = &service,
                           .handler = &handler,
                           .stores_more = !reads_or_frees(handler.operation->name)});
}

const protocol::ServiceModel* Endpoint::find(std::string_view name) const {
  for (const protocol::ServiceModel* model : models_)
    if (model->name == name) return model;
  return nullptr;
}

void Endpoint::use(Authorizer& authorizer) {
  authorizer_ = &authorizer;
  asks_policies_ = authorizer.mode() != IamMode::off;
  for (ServiceBase* service : services_) service->use(asks_policies_ ? &authorizer : nullptr);
}

void Endpoint::authorize(const Entry& entry, const Context& context, const void* request) {
  if (authorizer_ == nullptr || !authorizer_->concerns(context)) [[likely]]
    return entry.service->authorize(context, *entry.handler->operation, request);
  authorizer_->authorize(*entry.service, context, *entry.handler->operation, request);
}

bool Endpoint::serves(const protocol::Operation& operation) const {
  const auto entry = entries_.find(&operation);
  return entry != entries_.end() &&
         (entry->second.handler->call != nullptr || entry->second.handler->start != nullptr);
}

std::unique_ptr<BodySink> Endpoint::open_sink(const protocol::Operation& operation,
                                              const protocol::HttpRequest& head) const {
  if (!serves(operation)) throw not_implemented(operation);
  return entries_.at(&operation).service->open_sink(operation, head);
}

void Endpoint::check_body(const protocol::Operation& operation,
                          const protocol::HttpRequest& request) const {
  if (serves(operation)) entries_.at(&operation).service->check_body(operation, request);
}

BrowserAnswer Endpoint::answer_browser(const protocol::ServiceModel& model,
                                       const BrowserQuestion& question) const {
  for (const ServiceBase* service : services_)
    if (&service->model == &model) return service->answer_browser(question);
  return {};
}

void Endpoint::validate(const protocol::Operation& operation, const void* request,
                        protocol::Violations& violations) const {
  protocol::validate(*operation.input, request, violations);
  entries_.at(&operation).service->check(operation, request, violations);
}

void Endpoint::invoke(Context context, const protocol::Operation& operation, Input input,
                      Completion done) {
  try {
    if (!serves(operation)) throw not_implemented(operation);
    const Entry& entry = entries_.at(&operation);
    require_valid(entry, context, input);
    if (entry.stores_more) require_room(operation);
    if (entry.handler->start != nullptr) {
      authorize(entry, context, input.request.get());
      start(entry, std::unique_ptr<Waiting>(new Waiting{std::move(context), operation,
                                                        std::move(input.request), std::move(done),
                                                        std::move(input.keep)}));
      return;
    }
    storage::Transaction transaction(store_);
    authorize(entry, context, input.request.get());
    Object response = entry.handler->call(entry.service, context, input.request.get());
    if (input.keep) input.keep(response);
    transaction.commit();
    finish(std::move(done), std::move(response));
  } catch (Later& later) {
    call_again(std::unique_ptr<Waiting>(new Waiting{std::move(context), operation,
                                                    std::move(input.request), std::move(done),
                                                    std::move(input.keep)}),
               std::move(later.work));
  } catch (...) {
    finish(std::move(done), current_error(operation));
  }
}

void Endpoint::call_again(std::unique_ptr<Waiting> call, runtime::Callback after) {
  auto work = [this, call = std::move(call), after = std::move(after)]() mutable {
    after();
    loop_.post([this, call = std::move(call), after = std::move(after)]() mutable {
      Input input{
          .request = std::move(call->request), .is_validated = true, .keep = std::move(call->keep)};
      invoke(std::move(call->context), call->operation, std::move(input), std::move(call->done));
    });
  };
  workers_ ? workers_->post(std::move(work)) : work();
}

std::shared_ptr<ServiceError> Endpoint::find_refusal(const Context& context,
                                                     const protocol::Operation& operation,
                                                     Input input) {
  try {
    protocol::validate(*operation.input, input.request.get(), input.violations);
    // What else is wrong is told when all of it has come.
    if (input.violations.empty()) {
      ServiceBase& service = *entries_.at(&operation).service;
      if (service.decider())
        authorizer_->judge(service, context, operation, input.request.get());
      else
        service.authorize(context, operation, input.request.get());
    }
    return nullptr;
  } catch (...) {
    return current_error(operation);
  }
}

void Endpoint::require_valid(const Entry& entry, const Context& context, Input& input) {
  const protocol::Operation& operation = *entry.handler->operation;
  if (!input.fault && !input.is_validated)
    validate(operation, input.request.get(), input.violations);
  if (!input.fault && input.violations.empty()) return;
  const auto is_outside = [](const protocol::Field* field) {
    return field && field->location != protocol::Location::body &&
           field->location != protocol::Location::payload;
  };
  if (input.fault || !is_outside(input.violations.front().field))
    entry.service->check_before_body(context, operation, input.request.get());
  if (input.fault) input.fault->raise();
  entry.service->invalid(operation, input.violations).raise();
}

void Endpoint::require_room(const protocol::Operation& operation) {
  if (const auto room = store_.check_room(); !room)
    throw ServiceError(operation.service->protocol == protocol::Protocol::rest_xml
                           ? "InternalError"
                           : "InternalFailure",
                       500, room.error().message + ".");
}

void Endpoint::start(const Entry& entry, std::unique_ptr<Waiting> call) {
  Waiting& waiting = *call;
  auto task = entry.handler->start(entry.service, waiting.context, waiting.request.get());
  runtime::start(std::move(task), [this, call = std::move(call)](std::optional<Object> response,
                                                                 std::exception_ptr error) {
    try {
      if (error) std::rethrow_exception(error);
      if (call->keep) {
        storage::Transaction transaction(store_);
        call->keep(*response);
        transaction.commit();
      }
      finish(std::move(call->done), std::move(*response));
    } catch (...) {
      finish(std::move(call->done), current_error(call->operation));
    }
  });
}

void Endpoint::finish(Completion done, Outcome outcome) {
  loop_.after_flush([done = std::move(done), outcome = std::move(outcome)]() mutable {
    done(std::move(outcome));
  });
}

}  // namespace matinee::services
