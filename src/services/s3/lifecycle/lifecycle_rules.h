// What AWS demands of a lifecycle configuration beyond the limits of its model.
#pragma once

#include "s3/shapes.h"

namespace matinee::s3 {

/// Throws MalformedXML, InvalidArgument and InvalidRequest.
void check_configuration(const BucketLifecycleConfiguration& lifecycle);

}  // namespace matinee::s3
