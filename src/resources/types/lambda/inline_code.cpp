#include "resources/types/lambda/inline_code.h"

#include "archives/zip_writer.h"
#include "protocol/base64.h"
#include "resources/types/lambda/response_modules.h"

namespace matinee::resources::types::lambda {

namespace {

bool is_python(std::string_view runtime) {
  return runtime.starts_with("python");
}

}  // namespace

bool has_inline_code(std::string_view runtime) {
  return is_python(runtime) || runtime.starts_with("nodejs");
}

std::string inline_package(std::string_view runtime, std::string_view code) {
  archives::ZipWriter zip;
  if (is_python(runtime)) {
    zip.add("index.py", code, false);
    zip.add("cfnresponse.py", python_response_module, false);
  } else {
    zip.add("index.js", code, false);
    zip.add("node_modules/cfn-response.js", node_response_module, false);
  }
  return protocol::base64_encode(zip.finish());
}

}  // namespace matinee::resources::types::lambda
