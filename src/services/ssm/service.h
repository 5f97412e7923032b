// The Parameter Store of AWS Systems Manager. The rest of Systems Manager is not served.
//
// A parameter belongs to an account and a region. Each method is the operation of AWS's model with
// that name, and throws its errors with AWS's messages. Parameters of other accounts are named by
// their ARN; whether the caller may is not decided here.
#pragma once

#include <span>

#include "runtime/runtime.h"
#include "services/endpoint.h"
#include "services/event_sink.h"
#include "services/key_service.h"
#include "services/secret_reader.h"
#include "services/ssm/catalog.h"
#include "services/ssm/encryption.h"
#include "ssm/shapes.h"
#include "storage/store.h"

namespace matinee::ssm {

using services::Context;

/// What the Parameter Store asks of other services; each may be missing, and then what needs it
/// answers 501. They must outlive the service.
struct Neighbours {
  services::KeyService* keys = nullptr;
  services::SecretReader* secrets = nullptr;
};

class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// Both must outlive the service.
  Service(storage::Store& store, runtime::Runtime& runtime, Neighbours neighbours = {});
  ~Service() override;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  PutParameterResponse put_parameter(const Context&, const PutParameterRequest&);
  DeleteParameterResponse delete_parameter(const Context&, const DeleteParameterRequest&);
  DeleteParametersResponse delete_parameters(const Context&, const DeleteParametersRequest&);

  GetParameterResponse get_parameter(const Context&, const GetParameterRequest&);
  GetParametersResponse get_parameters(const Context&, const GetParametersRequest&);
  GetParametersByPathResponse get_parameters_by_path(const Context&,
                                                     const GetParametersByPathRequest&);
  GetParameterHistoryResponse get_parameter_history(const Context&,
                                                    const GetParameterHistoryRequest&);
  DescribeParametersResponse describe_parameters(const Context&, const DescribeParametersRequest&);

  LabelParameterVersionResponse label_parameter_version(const Context&,
                                                        const LabelParameterVersionRequest&);
  UnlabelParameterVersionResponse unlabel_parameter_version(const Context&,
                                                            const UnlabelParameterVersionRequest&);

  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;
  AddTagsToResourceResponse add_tags_to_resource(const Context&, const AddTagsToResourceRequest&);
  RemoveTagsFromResourceResponse remove_tags_from_resource(const Context&,
                                                           const RemoveTagsFromResourceRequest&);
  ListTagsForResourceResponse list_tags_for_resource(const Context&,
                                                     const ListTagsForResourceRequest&);

  PutResourcePolicyResponse put_resource_policy(const Context&, const PutResourcePolicyRequest&);
  GetResourcePoliciesResponse get_resource_policies(const Context&,
                                                    const GetResourcePoliciesRequest&);
  DeleteResourcePolicyResponse delete_resource_policy(const Context&,
                                                      const DeleteResourcePolicyRequest&);

  GetServiceSettingResponse get_service_setting(const Context&, const GetServiceSettingRequest&);
  UpdateServiceSettingResponse update_service_setting(const Context&,
                                                      const UpdateServiceSettingRequest&);
  ResetServiceSettingResponse reset_service_setting(const Context&,
                                                    const ResetServiceSettingRequest&);

  void reset(const services::ResetScope& scope) override;

  /// Who hears of changes of parameters, and of their policies; nobody, until it is told. It must
  /// outlive the service.
  void use_events(services::EventSink& events) { events_ = &events; }

  services::Guarded guard_of(const services::Inquiry& inquiry) const override;

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  services::SecretReader* secrets_;
  Catalog catalog_;
  Encryption encryption_;
  services::EventSink* events_ = nullptr;
  runtime::TimerId timer_ = runtime::TimerId::none;  // of the next policy

  runtime::Time now() const;
  /// Sets the timer for the policy that is carried out next.
  void await_policies();
  void carry_out_policies();

  // change_events.cpp
  /// A "Parameter Store Change": Create, Update, Delete or LabelParameterVersion.
  struct Change {
    std::string_view operation;
    std::string_view exception = {};  // why it has failed, where it has
  };
  void tell_change(const Context& context, const Reference& reference,
                   const VersionDetails& details, Change change);
  void tell_policy(const Catalog::Due& due);

  /// The tier that the caller has asked for, or that requests without one get.
  std::string wanted_tier(const Context& context, const PutParameterRequest& request,
                          const std::optional<ParameterRecord>& before) const;
  /// All of the new version but its value. Throws what is wrong with the request.
  VersionDetails make_details(const Context& context, const Reference& reference,
                              const PutParameterRequest& request,
                              const std::optional<ParameterRecord>& before) const;
  /// False where there is no such parameter.
  bool erase(const Context& context, const std::string& name);
  /// Makes room for one more version.
  void drop_oldest(const Reference& reference, ParameterRecord& record);

  /// One version as the operations that read give it.
  Parameter show(const Context& context, const Reference& reference, const VersionRecord& version,
                 bool decrypted) const;
  /// Throws ParameterNotFound and ParameterVersionNotFound.
  Parameter read(const Context& context, const std::string& name, bool decrypted);
  /// Of "/aws/reference/secretsmanager/NAME".
  Parameter read_secret(const Context& context, const Reference& reference);

  ServiceSetting show_setting(const Context& context, const std::string& id) const;
  Reference require_resource(const Context& context, const std::string& arn) const;
};

}  // namespace matinee::ssm
