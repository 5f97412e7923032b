#include "cloud/coverage.h"

#include <fmt/format.h>

#include "applicationautoscaling/operations.h"
#include "cloudcontrol/operations.h"
#include "cloudformation/operations.h"
#include "cloudwatch/operations.h"
#include "ecr/operations.h"
#include "events/operations.h"
#include "iam/operations.h"
#include "kms/operations.h"
#include "lambda/operations.h"
#include "logs/operations.h"
#include "scheduler/operations.h"
#include "secretsmanager/operations.h"
#include "services/applicationautoscaling/service.h"
#include "services/cloudcontrol/service.h"
#include "services/cloudformation/service.h"
#include "services/cloudwatch/service.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/streams/service.h"
#include "services/ecr/service.h"
#include "services/events/service.h"
#include "services/iam/service.h"
#include "services/kms/service.h"
#include "services/lambda/service.h"
#include "services/logs/service.h"
#include "services/s3/service.h"
#include "services/s3control/service.h"
#include "services/scheduler/service.h"
#include "services/secretsmanager/service.h"
#include "services/sns/service.h"
#include "services/sqs/service.h"
#include "services/ssm/service.h"
#include "services/sts/service.h"
#include "sns/operations.h"
#include "sqs/operations.h"
#include "ssm/operations.h"
#include "sts/operations.h"

namespace matinee::cloud {
namespace {

CoveredService cover(const protocol::ServiceModel& model,
                     std::span<const services::Handler> handlers) {
  CoveredService service{.id = std::string(model.id), .served = {}, .missing = {}};
  for (const services::Handler& handler : handlers) {
    const bool served = handler.call != nullptr || handler.start != nullptr;
    (served ? service.served : service.missing).emplace_back(handler.operation->name);
  }
  return service;
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names)
    list += fmt::format("{}\"{}\"", list.empty() ? "" : ",", name);
  return "[" + list + "]";
}

}  // namespace

std::vector<CoveredService> coverage() {
  return {cover(applicationautoscaling::model, applicationautoscaling::Service::handlers()),
          cover(cloudcontrol::model, cloudcontrol::Service::handlers()),
          cover(cloudformation::model, cloudformation::Service::handlers()),
          cover(cloudwatch::model, cloudwatch::Service::handlers()),
          cover(logs::model, logs::Service::handlers()),
          cover(dynamodb::model, dynamodb::Service::handlers()),
          cover(dynamodbstreams::model, dynamodbstreams::Service::handlers()),
          cover(ecr::model, ecr::Service::handlers()),
          cover(events::model, events::Service::handlers()),
          cover(iam::model, iam::Service::handlers()),
          cover(kms::model, kms::Service::handlers()),
          cover(lambda::model, lambda::Service::handlers()),
          cover(s3::model, s3::Service::handlers()),
          cover(s3control::model, s3control::Service::handlers()),
          cover(scheduler::model, scheduler::Service::handlers()),
          cover(sns::model, sns::Service::handlers()),
          cover(sqs::model, sqs::Service::handlers()),
          cover(secretsmanager::model, secretsmanager::Service::handlers()),
          cover(ssm::model, ssm::Service::handlers()),
          cover(sts::model, sts::Service::handlers())};
}

std::string coverage_as_markdown() {
  std::string page =
      "# Coverage\n\n"
      "Made by `make coverage` from the tables that dispatch requests. An operation that is not "
      "served\nanswers `501 NotImplemented` and names itself.\n\n"
      "| service | served | of |\n|---|---|---|\n";
  for (const CoveredService& service : coverage())
    page += fmt::format("| {} | {} | {} |\n", service.id, service.served.size(),
                        service.served.size() + service.missing.size());
  for (const CoveredService& service : coverage()) {
    page += fmt::format("\n## {}\n\nServed:\n\n", service.id);
    for (const std::string& name : service.served) page += fmt::format("- {}\n", name);
    page += "\nNot served:\n\n";
    for (const std::string& name : service.missing) page += fmt::format("- {}\n", name);
  }
  return page;
}

std::string coverage_as_json() {
  std::string members;
  for (const CoveredService& service : coverage())
    members += fmt::format("{}\"{}\":{{\"served\":{},\"missing\":{}}}", members.empty() ? "" : ",",
                           service.id, quoted_list(service.served), quoted_list(service.missing));
  return "{" + members + "}\n";
}

}  // namespace matinee::cloud
