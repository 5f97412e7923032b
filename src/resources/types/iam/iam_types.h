// Types of IAM, one file each.
#pragma once

#include "resources/types/coded_type.h"

namespace matinee::resources::types::iam {

const CodedType& access_key();
const CodedType& group();
const CodedType& group_policy();
const CodedType& instance_profile();
const CodedType& managed_policy();
const CodedType& oidc_provider();
const CodedType& policy();
const CodedType& role();
const CodedType& role_policy();
const CodedType& saml_provider();
const CodedType& server_certificate();
const CodedType& service_linked_role();
const CodedType& user();
const CodedType& user_policy();
const CodedType& user_to_group_addition();
const CodedType& virtual_mfa_device();

}  // namespace matinee::resources::types::iam
