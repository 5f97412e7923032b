// A table that is made of objects in S3 (ImportSourceSpecification).
#pragma once

#include "resources/types/dynamodb/dynamodb_types.h"

namespace matinee::resources::types::dynamodb {

/// What ImportTable gives the table it makes; all else is set when the import has ended.
Value imported_part(const Value& properties);

/// The making call. HandlerError InvalidRequest for local indexes, which ImportTable cannot make.
Making import_of(const Subject& subject, const std::string& name, const Value& properties);

/// Waits for the end of the table's import. HandlerError GeneralServiceException with its reason
/// where it has failed.
Task<void> finish_import(Subject& subject, std::string name);

}  // namespace matinee::resources::types::dynamodb
