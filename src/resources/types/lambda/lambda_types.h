// Types of Lambda, one file each.
#pragma once

#include "resources/types/coded_type.h"

namespace matinee::resources::types::lambda {

const CodedType& alias();
const CodedType& code_signing_config();
const CodedType& event_invoke_config();
const CodedType& event_source_mapping();
const CodedType& function();
const CodedType& layer_version();
const CodedType& layer_version_permission();
const CodedType& permission();
const CodedType& url();
const CodedType& version();

/// {"FunctionName": name}, and a qualifier unless it is empty.
Value of_function(const std::string& name, const std::string& qualifier = "");
/// The name in a function's ARN, and what follows it; a name stays as it is.
std::string function_in(const std::string& arn);
std::string qualifier_in(const std::string& arn);
/// The property as it is known, where that is the told function by another form of its name (a
/// name, a part of its ARN or all of it, each with or without a qualifier); otherwise as told.
std::string function_as_known(const Subject& subject, std::string_view property, std::string told);
/// Property Tags of what has an ARN.
Task<void> set_tags(Subject& subject, const std::string& arn, const Value& before,
                    const Value& after);
/// {"Key": "Value"} as a property; null where there are none.
Value tags_property(const Value& map);
/// Property ProvisionedConcurrencyConfig of a version or alias. Ends when all of it is there.
Task<void> set_provisioned(Subject& subject, const std::string& arn, const Value& before,
                           const Value& after);
/// Adds ProvisionedConcurrencyConfig to `properties` where there is one.
Task<void> read_provisioned(Subject& subject, const std::string& arn, Value& properties);

}  // namespace matinee::resources::types::lambda
