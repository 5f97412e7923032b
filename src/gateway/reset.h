// POST /_matinee/reset: everything that the cloud holds goes, or, with ?account=111122223333, all
// that one account has. The reply is sent once that is durable.
//
// Where signatures are checked, the request is signed as for a service called "matinee". It resets
// the signer's account; everything only where all the keys that the server knows are of that one.
// Where IAM enforces, everybody but root users needs the right to `matinee:ResetCloud` of
// "arn:aws:matinee::ACCOUNT:cloud", and resets no more than that account.
#pragma once

#include "gateway/aws_handler.h"

namespace matinee::gateway {

bool asks_for_reset(const protocol::HttpRequest& request);

/// Web pages are refused where they are from everything that is not S3.
Admission begin_reset(AwsGateway& gateway, std::shared_ptr<IoQueue> queue,
                      protocol::HttpRequest head, const Peer& peer);

}  // namespace matinee::gateway
