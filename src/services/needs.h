// What a call must be allowed, as its operation's table says it (modelc's `needs`).
//
// A line of a table is one permission: "[?MEMBER |!MEMBER ]ACTION[\tPATTERN]...". A pattern is the
// ARN of a resource with members of the request in braces:
//   {TableName}             the member's text; {Region} and {Account} are the call's own
//   {A,B}                   the first of them that the request has
//   {=TableName}            the same, but where its text is an ARN, that is all of the ARN so far
//   {Tables.*.Name}         one resource for each element of a list; {Tables.*}, or key of a map
//   {QueueUrl|queue}        put into another form: `forms` in needs.cpp
//   [/index/{IndexName}]    only where the request has the member
// Where the request lacks a member the resource is "*".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/operation.h"
#include "services/context.h"

namespace matinee::services {

/// One thing that a call must be allowed.
struct Need {
  std::string_view action;  // "sqs:SendMessage"; points into a table
  std::string resource;     // its ARN; empty where the action knows no resource
};

/// Appends what the operation's table says of the request, no resource twice for one action.
void add_needs_of_table(const Context& context, const protocol::Operation& operation,
                        const void* request, std::vector<Need>& needs);

}  // namespace matinee::services
