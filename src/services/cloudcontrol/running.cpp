// Requests are carried out, one step after the other, also over a restart.
#include <fmt/format.h>

#include "resources/errors.h"
#include "services/cloudcontrol/service.h"
#include "templates/text_readers.h"

namespace matinee::cloudcontrol {

using resources::HandlerError;
using templates::Member;

void Service::start_later(const RequestKey& key, bool is_repeated) {
  const auto start = [this, key, is_repeated, lives = lives_] {
    if (!*lives) return;
    runtime::start(tasks_.spawn(run(key, is_repeated)), [](const std::exception_ptr&) {});
  };
  if (store_.in_transaction())
    store_.on_commit([this, start] { runtime_.loop.post(start); });
  else
    runtime_.loop.post(start);
}

runtime::Task<> Service::run(RequestKey key, bool is_repeated) {
  std::optional<RequestRecord> record = requests_.find(key);
  if (!record || record->has_ended()) co_return;
  const auto& [account, region, token] = key;
  const ResourceKey resource{account, region, record->type, record->identifier};
  if (!record->identifier.empty()) busy_.insert(resource);
  try {
    co_await carry_out(key, *record, is_repeated);
    record->status = "SUCCESS";
  } catch (const HandlerError& error) {
    record->status = "FAILED";
    // The model has no name for it.
    record->error_code = error.code == "UnsupportedAction" ? "InvalidRequest" : error.code;
    record->message = error.message;
  } catch (const protocol::ServiceError& error) {
    record->status = "FAILED";
    record->error_code = resources::handler_code(error);
    record->message = error.message();
  }
  busy_.erase(resource);
  end(key, *std::move(record));
}

void Service::end(const RequestKey& key, RequestRecord record) {
  storage::Transaction transaction(store_);
  const std::optional<RequestRecord> now = requests_.find(key);
  if (now) {
    // One that was cancelled stays so.
    if (now->has_ended()) record.status = now->status;
    change(key, record);
  }
  transaction.commit();
}

void Service::change(const RequestKey& key, const RequestRecord& record) {
  RequestRecord changed = record;
  changed.changed_at = runtime_.clock.now();
  requests_.put(key, changed);
}

resources::Subject Service::subject_of(resources::Calls& calls, const Context& context,
                                       const resources::ResourceType& type,
                                       std::string token) const {
  const std::string_view name = type.schema().type_name();
  return {.calls = calls,
          .runtime = runtime_,
          .account = context.account,
          .region = context.region,
          .logical_id = std::string(name.substr(name.rfind(':') + 1)),
          .token = std::move(token)};
}

std::string Service::id_of(const resources::ResourceType& type, const Value& identifying,
                           const std::optional<ResourceRecord>& made) {
  std::string id = made ? made->id : type.id_of(identifying);
  if (id.empty())
    throw HandlerError("UnsupportedAction",
                       fmt::format("Resources of type {} are found only if they were made here.",
                                   type.schema().type_name()));
  return id;
}

runtime::Task<> Service::carry_out(const RequestKey& key, RequestRecord& record, bool is_repeated) {
  const auto& [account, region, token] = key;
  const resources::ResourceType* type = resources::find_type(record.type);
  if (!type)
    throw HandlerError("InvalidRequest",
                       fmt::format("The type '{}' cannot be found.", record.type));
  const Context caller = caller_of(key, record.caller);
  const std::unique_ptr<resources::Calls> calls = calls_.calls_as(caller);
  resources::Subject subject = subject_of(*calls, caller, *type, token);
  subject.is_repeated = is_repeated;
  if (record.operation == "CREATE") co_return co_await make(subject, key, record);

  const ResourceKey resource{account, region, record.type, record.identifier};
  const std::optional<ResourceRecord> made = resources_.find(resource);
  const Value identifying = identifying_properties(type->schema(), record.identifier);
  const std::string id = id_of(*type, identifying, made);
  if (record.operation == "UPDATE") {
    const Value wanted = templates::read_json(record.wanted);
    co_await type->update(subject, id, templates::read_json(record.before), wanted);
    storage::Transaction transaction(store_);
    resources_.put(resource, {.id = id, .properties = record.wanted});
    transaction.commit();
    co_return;
  }
  // That there is nothing is an error here, and none in stacks.
  subject.known = made ? templates::read_json(made->properties) : identifying;
  try {
    co_await type->read(subject, id);
  } catch (const HandlerError& error) {
    if (error.code != "UnsupportedAction" || !made) throw;
  }
  co_await type->remove(subject, id, subject.known);
  storage::Transaction transaction(store_);
  resources_.erase(resource);
  transaction.commit();
}

/// The request may have been cancelled by now, and stays so.
void Service::note_id(const RequestKey& key, const std::string& id) {
  std::optional<RequestRecord> record = requests_.find(key);
  if (!record) return;
  record->id = id;
  requests_.put(key, *record);
}

runtime::Task<> Service::make(resources::Subject& subject, const RequestKey& key,
                              RequestRecord& record) {
  const auto& [account, region, token] = key;
  const resources::ResourceType& type = *resources::find_type(record.type);
  const Value properties = templates::read_json(record.wanted);
  if (const auto faults = type.schema().check(properties); !faults.empty())
    throw HandlerError("InvalidRequest", resources::describe_model(faults));
  subject.made_id = record.id;
  subject.made = [this, &key, &record](std::string id) {
    record.id = std::move(id);
    if (store_.in_transaction()) return note_id(key, record.id);
    storage::Transaction transaction(store_);
    note_id(key, record.id);
    transaction.commit();
  };
  const resources::Made made = co_await type.create(subject, properties);
  Value known = made.attributes;
  for (const Member& property : properties.members()) known.set(property.name, property.value);
  record.identifier = identifier_of(type.schema(), known);
  if (record.identifier.empty()) record.identifier = made.id;
  storage::Transaction transaction(store_);
  resources_.put({account, region, record.type, record.identifier},
                 {.id = made.id, .properties = record.wanted});
  transaction.commit();
}

}  // namespace matinee::cloudcontrol
