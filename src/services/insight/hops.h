// Hops of the journal as they are told.
#pragma once

#include <string>
#include <vector>

#include "insight/shapes.h"
#include "services/context.h"
#include "services/kept_hop.h"

namespace matinee::insight {

Hop to_hop(services::NumberedHop kept);

/// A part of this program, which knows of all accounts. Who sends a request, signed or not, is
/// somebody of one account.
bool is_in_process(const services::Context& caller);

/// Whether somebody may know of it: of one's own account; callers in process of all.
bool may_know(const services::Context& caller, const services::KeptHop& hop);

/// Whether a hop happened at a resource, or has it for its other end: by ARN, by the URL of a queue
/// or by a name, which may be that of several resources ("orders", "bucket/key").
bool is_about(const services::KeptHop& hop, const std::string& resource);

/// "arn:aws:sqs:REGION:ACCOUNT:NAME" of a queue's name, URL or ARN, in the caller's region.
std::string queue_arn(const services::Context& caller, const std::string& queue);
/// Of a topic's name or ARN.
std::string topic_arn(const services::Context& caller, const std::string& topic);
/// Of a function's name or ARN.
std::string function_arn(const services::Context& caller, const std::string& function);
/// Of a table's name, or the ARN of a table or of its stream: the name.
std::string table_name(const std::string& table);
/// Of a rule's name, BUS/NAME or ARN.
std::string rule_arn(const services::Context& caller, const std::string& rule);

}  // namespace matinee::insight
