#include "gateway/malformed_reply.h"

namespace matinee::gateway {

protocol::HttpResponse malformed_reply(int status, const std::string& reason) {
  protocol::HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "application/xml");
  const std::string_view code = status == 403   ? "AccessDenied"
                                : status == 405 ? "MethodNotAllowed"
                                : status == 408 ? "RequestTimeout"
                                : status == 417 ? "ExpectationFailed"
                                : status == 431 ? "RequestHeaderSectionTooLarge"
                                : status == 501 ? "NotImplemented"
                                                : "BadRequest";
  response.body.bytes = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>";
  response.body.bytes.append(code).append("</Code><Message>").append(reason);
  response.body.bytes.append("</Message></Error>");
  return response;
}

}  // namespace matinee::gateway
