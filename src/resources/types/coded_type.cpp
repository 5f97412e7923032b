#include "resources/types/coded_type.h"

#include "resources/types/dynamodb/dynamodb_types.h"
#include "resources/types/iam/iam_types.h"
#include "resources/types/lambda/lambda_types.h"
#include "resources/types/s3/s3_types.h"

namespace matinee::resources::types {

void CodedType::refuse_unserved(const Value& properties) const {
  for (const std::string_view path : refused())
    if (!nested(properties, path).is_null()) refuse_property(path, "Matinee does not serve it.");
}

const Schema& CodedType::schema() const {
  return *find_schema(name_);
}

Task<Value> CodedType::read(Subject& subject, const std::string& id) const {
  co_return schema().shape(co_await told(subject, id));
}

std::vector<const CodedType*> coded_types() {
  return {&dynamodb::global_table(),
          &dynamodb::table(),
          &iam::access_key(),
          &iam::group(),
          &iam::group_policy(),
          &iam::instance_profile(),
          &iam::managed_policy(),
          &iam::oidc_provider(),
          &iam::policy(),
          &iam::role(),
          &iam::role_policy(),
          &iam::saml_provider(),
          &iam::server_certificate(),
          &iam::service_linked_role(),
          &iam::user(),
          &iam::user_policy(),
          &iam::user_to_group_addition(),
          &iam::virtual_mfa_device(),
          &lambda::alias(),
          &lambda::code_signing_config(),
          &lambda::event_invoke_config(),
          &lambda::event_source_mapping(),
          &lambda::function(),
          &lambda::layer_version(),
          &lambda::layer_version_permission(),
          &lambda::permission(),
          &lambda::url(),
          &lambda::version(),
          &s3::bucket(),
          &s3::bucket_policy()};
}

}  // namespace matinee::resources::types
