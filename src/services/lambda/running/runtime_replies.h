// What the Runtime API (2018-06-01) answers, and what runtimes tell it.
#pragma once

#include <string>
#include <string_view>

#include "protocol/http.h"
#include "services/lambda/running/invocation.h"

namespace matinee::lambda {

/// What a runtime's answer may have at most, unless it streams.
constexpr std::size_t longest_answer = 6'291'556;

protocol::HttpResponse json_reply(int status, std::string body);
/// `{"errorMessage","errorType"}`.
protocol::HttpResponse error_reply(int status, std::string_view type, std::string_view message);
/// 202, which AWS's runtimes want for answers and errors.
protocol::HttpResponse accepted_reply();
/// 404.
protocol::HttpResponse unknown_path_reply();
/// 403 InvalidStateTransition: `subject` may not go from one state to the other.
protocol::HttpResponse wrong_state_reply(std::string_view from, std::string_view to,
                                         std::string_view subject);

/// Of the header that tells the kind of an error: kept where it is of AWS's form.
std::string error_type_of(const protocol::HttpRequest& request);
/// Of the document that a runtime sends; empty where it has none.
std::string error_message_of(const std::string& document);
/// `{"errorType","errorMessage"}`, as callers get it.
std::string error_document(std::string_view type, std::string_view message);
/// What a caller gets of a call that had no answer.
Result failed_result(std::string type, std::string message);

}  // namespace matinee::lambda
