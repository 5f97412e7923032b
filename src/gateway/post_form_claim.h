// Who has signed a browser's form: its fields say what the headers of other requests say.
#pragma once

#include "protocol/sigv4.h"
#include "services/s3/forms/multipart_form.h"

namespace matinee::gateway {

/// Points into the fields. Anonymous where the form has no policy, and so nobody to answer for it.
protocol::sigv4::Claim read_form_claim(const s3::FormFields& fields);

}  // namespace matinee::gateway
