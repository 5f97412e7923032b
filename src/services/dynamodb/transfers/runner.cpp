#include "services/dynamodb/transfers/runner.h"

#include "services/dynamodb/service.h"

namespace matinee::dynamodb {

namespace transfers {
namespace {

/// AWS has at most 50 of each under way, and 300 exports; others wait here.
constexpr std::size_t most_at_once = 50;

}  // namespace

services::Context caller_of(const TransferKey& key, const CallerRecord& caller) {
  services::Context context;
  context.account = std::get<0>(key);
  context.region = std::get<1>(key);
  context.caller_arn = caller.arn;
  context.principal = static_cast<services::PrincipalKind>(caller.principal);
  context.caller_id = caller.id;
  context.role_arn = caller.role;
  if (caller.session)
    context.session = std::make_shared<const services::CallerSession>(*caller.session);
  return context;
}

CallerRecord record_caller(const services::Context& context) {
  CallerRecord caller{.arn = context.caller_arn,
                      .principal = static_cast<std::uint8_t>(context.principal),
                      .id = context.caller_id,
                      .role = context.role_arn};
  if (context.session) caller.session = *context.session;
  return caller;
}

Runner::Runner(RunnerParts parts)
    : parts_(std::move(parts)),
      imports_(parts_.store, imports_id),
      exports_(parts_.store, exports_id),
      tasks_(most_at_once) {
  imports_.scan(imports_.all(), [this](const TransferKey& key, const ImportRecord& record) {
    if (record.transfer.status == Status::in_progress) post(&Runner::run_import, key);
    return true;
  });
  exports_.scan(exports_.all(), [this](const TransferKey& key, const ExportRecord& record) {
    if (record.transfer.status == Status::in_progress) post(&Runner::run_export, key);
    return true;
  });
}

Runner::~Runner() = default;

void Runner::post(runtime::Task<> (Runner::*run)(TransferKey), TransferKey key) {
  parts_.runtime.loop.post([this, run, key = std::move(key),
                            alive = std::weak_ptr(alive_)]() mutable {
    if (alive.expired()) return;
    runtime::start(tasks_.spawn((this->*run)(std::move(key))), [](const std::exception_ptr&) {});
  });
}

void Runner::start_import(const TransferKey& key) {
  parts_.store.on_commit([this, key] { post(&Runner::run_import, key); });
}

void Runner::start_export(const TransferKey& key) {
  parts_.store.on_commit([this, key] { post(&Runner::run_export, key); });
}

void Runner::forget_all(const services::ResetScope& scope) {
  parts_.store.erase_range(scope.account ? imports_.prefix(*scope.account) : imports_.all());
  parts_.store.erase_range(scope.account ? exports_.prefix(*scope.account) : exports_.all());
}

}  // namespace transfers

void Service::use_transfers(const runtime::Runtime& runtime,
                            const transfers::Neighbours& neighbours) {
  transfers_ = std::make_shared<transfers::Runner>(
      transfers::RunnerParts{store_, runtime, catalog_, items_, past_, neighbours});
}

void Service::forget_transfers(const services::ResetScope& scope) {
  if (transfers_) transfers_->forget_all(scope);
}

}  // namespace matinee::dynamodb
