// AWS Cloud Control: resources of all types by one set of operations, by the same types that
// CloudFormation makes them with.
//
// A request is written down, and carried out after that; a start goes on with those that had not
// ended. `resources/type.h` says how a resource is made; nothing is kept of one but what its
// service does not tell.
#pragma once

#include <memory>
#include <set>
#include <span>

#include "cloudcontrol/errors.h"
#include "cloudcontrol/operations.h"
#include "cloudcontrol/shapes.h"
#include "resources/type.h"
#include "runtime/runtime.h"
#include "runtime/task_group.h"
#include "services/calls_maker.h"
#include "services/cloudcontrol/records.h"
#include "services/endpoint.h"
#include "storage/table.h"

namespace matinee::cloudcontrol {

using services::Context;
using templates::Value;

class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// All must outlive the service. Takes up what an earlier run left, in the loop's next round.
  Service(storage::Store& store, runtime::Runtime& runtime, services::CallsMaker& calls);
  ~Service() override;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // service.cpp
  void reset(const services::ResetScope& scope) override;

  // requests.cpp
  CreateResourceResponse create_resource(const Context&, const CreateResourceRequest&);
  runtime::Task<UpdateResourceResponse> update_resource(const Context&,
                                                        const UpdateResourceRequest&);
  DeleteResourceResponse delete_resource(const Context&, const DeleteResourceRequest&);
  CancelResourceRequestResponse cancel_resource_request(const Context&,
                                                        const CancelResourceRequestRequest&);
  GetResourceRequestStatusResponse get_resource_request_status(
      const Context&, const GetResourceRequestStatusRequest&);
  ListResourceRequestsResponse list_resource_requests(const Context&,
                                                      const ListResourceRequestsRequest&);

  // reads.cpp
  runtime::Task<GetResourceResponse> get_resource(const Context&, const GetResourceRequest&);
  runtime::Task<ListResourcesResponse> list_resources(const Context&, const ListResourcesRequest&);

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  services::CallsMaker& calls_;
  storage::Table<RequestKey, RequestRecord> requests_;
  storage::Table<RequestTimeKey, std::string> request_times_;
  storage::Table<ClientTokenKey, ClientTokenRecord> client_tokens_;
  storage::Table<ResourceKey, ResourceRecord> resources_;
  /// Of those on which something is done at this moment.
  std::set<ResourceKey> busy_;
  /// What is posted to the loop asks whether this still lives.
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);
  runtime::TaskGroup tasks_{1000};

  // requests.cpp
  /// The event of an earlier request with that client's token; null where there is none. Throws
  /// ClientTokenConflictException where that asked for something else.
  std::optional<ProgressEvent> find_earlier(const Context& context,
                                            const std::optional<std::string>& client_token,
                                            const std::string& request) const;
  /// Writes a request down, in a transaction, and carries it out after its commit.
  ProgressEvent begin(const Context& context, RequestRecord record, const std::string& request);
  void forget_old_requests(const Context& context);
  RequestRecord require_request(const Context& context, const std::string& token) const;
  void require_idle(const ResourceKey& key) const;

  // running.cpp
  /// After the current transaction.
  void start_later(const RequestKey& key, bool is_repeated);
  runtime::Task<> run(RequestKey key, bool is_repeated);
  /// Does what the record says. Throws HandlerError.
  runtime::Task<> carry_out(const RequestKey& key, RequestRecord& record, bool is_repeated);
  runtime::Task<> make(resources::Subject& subject, const RequestKey& key, RequestRecord& record);
  void note_id(const RequestKey& key, const std::string& id);
  void end(const RequestKey& key, RequestRecord record);
  void change(const RequestKey& key, const RequestRecord& record);

  // reads.cpp
  /// All that can be read. HandlerError where it cannot be.
  runtime::Task<Value> read(const Context& context, const resources::ResourceType& type,
                            const std::string& identifier);
  /// What `made` says, or the type makes of the identifier. HandlerError where that is not enough.
  static std::string id_of(const resources::ResourceType& type, const Value& identifying,
                           const std::optional<ResourceRecord>& made);
  resources::Subject subject_of(resources::Calls& calls, const Context& context,
                                const resources::ResourceType& type, std::string token) const;
};

/// Throws TypeNotFoundException.
const resources::ResourceType& require_type(const std::string& name);
/// The properties that identify a resource, by the parts of its identifier.
Value identifying_properties(const resources::Schema& schema, const std::string& identifier);
/// Empty while a part is missing.
std::string identifier_of(const resources::Schema& schema, const Value& properties);
/// JSON of an object. Throws InvalidRequestException.
Value document_of(const std::string& text, std::string_view member);
/// The exception of operations that carry out at once.
[[noreturn]] void raise(const resources::ResourceType& type, const resources::HandlerError& error,
                        const std::string& token);
/// With a role, it is that role that calls.
CallerRecord caller_record(const Context& context, const std::optional<std::string>& role);
Context caller_of(const RequestKey& key, const CallerRecord& record);

}  // namespace matinee::cloudcontrol
