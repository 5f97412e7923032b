// URLs of templates: which object in S3 they name.
#pragma once

#include <string>
#include <string_view>

#include "services/object_reader.h"

namespace matinee::cloudformation {

/// `own_host` is what this cloud is reached by ("127.0.0.1:4566"): its objects are named by it and
/// by every name of this machine, with or without the port, besides the names of AWS: by path
/// (https://s3.REGION.amazonaws.com/BUCKET/KEY) and by host (https://BUCKET.s3.amazonaws.com/KEY),
/// with ?versionId=. Throws protocol::ServiceError ValidationError.
services::ObjectToRead object_of_url(std::string_view url, std::string_view own_host);

/// "s3://BUCKET/KEY", as AWS::Include takes it. Nothing is in `bucket` for other texts.
services::ObjectToRead object_of_s3_location(std::string_view location);

}  // namespace matinee::cloudformation
