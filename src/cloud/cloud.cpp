#include "cloud/cloud.h"

#include <fmt/format.h>

#include <cstdlib>

#include "cloud/sites.h"
#include "cloud/snapshots.h"
#include "delivery/alarm_messages.h"
#include "delivery/api_calls.h"
#include "delivery/buckets.h"
#include "delivery/change_reader.h"
#include "delivery/function_calls.h"
#include "delivery/outbox.h"
#include "delivery/queue_reader.h"
#include "journal/journal.h"
#include "protocol/error.h"
#include "runtime/later_clock.h"
#include "runtime/log.h"
#include "runtime/stepping_clock.h"
#include "services/activity_log.h"
#include "services/applicationautoscaling/service.h"
#include "services/arn.h"
#include "services/authorizer.h"
#include "services/cloudcontrol/service.h"
#include "services/cloudformation/service.h"
#include "services/cloudwatch/service.h"
#include "services/dynamodb/due_expiries.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/streams/service.h"
#include "services/dynamodb/transfers/runner.h"
#include "services/ecr/service.h"
#include "services/events/due_rules.h"
#include "services/events/service.h"
#include "services/iam/managed_policies.h"
#include "services/iam/service.h"
#include "services/insight/login_links.h"
#include "services/insight/service.h"
#include "services/kms/due_keys.h"
#include "services/kms/service.h"
#include "services/lambda/due_calls.h"
#include "services/lambda/running/interpreters.h"
#include "services/lambda/running/launches.h"
#include "services/lambda/service.h"
#include "services/lambda/site.h"
#include "services/logs/service.h"
#include "services/s3/service.h"
#include "services/s3control/service.h"
#include "services/scheduler/due_schedules.h"
#include "services/scheduler/service.h"
#include "services/secretsmanager/due_secrets.h"
#include "services/secretsmanager/service.h"
#include "services/sns/service.h"
#include "services/sqs/service.h"
#include "services/ssm/due_policies.h"
#include "services/ssm/service.h"
#include "services/sts/service.h"

namespace matinee::cloud {

namespace {

bool is_run_by_loader(lambda::Service& functions, const std::string& arn) {
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  if (!parts) return false;
  try {
    const auto found = functions.get_function_configuration(
        {.account = parts->account, .region = parts->region}, {.function_name = arn});
    return lambda::has_loader(lambda::language_of(found.runtime.value_or("")));
  } catch (const protocol::ServiceError&) {
    return false;  // a function that is gone: the call itself will say so
  }
}

}  // namespace

struct Cloud::Services {
  journal::Journal journal;
  journal::Journal* told;  // null where there is to be no journal
  services::Faults faults;
  delivery::Outbox outbox;
  delivery::AlarmMessages alarm_messages;
  delivery::Buckets buckets;
  delivery::FunctionCalls function_calls;
  services::ActivityLog activity;
  sqs::Service sqs;
  dynamodb::Service dynamodb;
  dynamodbstreams::Service dynamodbstreams;
  s3::Service s3;
  s3control::Service s3control;
  iam::Service iam;
  sts::Service sts;
  kms::Service kms;
  secretsmanager::Service secretsmanager;
  ssm::Service ssm;
  cloudwatch::Service cloudwatch;
  logs::Service logs;
  sns::Service sns;
  events::Service events;
  scheduler::Service scheduler;
  delivery::QueueReader queue_reader;
  delivery::ChangeReader change_reader;
  std::unique_ptr<lambda::Launches> launches;
  lambda::Service lambda;
  lambda::Site site;
  ecr::Service ecr;
  applicationautoscaling::Service applicationautoscaling;
  delivery::ApiCallsMaker calls_maker;
  cloudformation::Service cloudformation;
  cloudcontrol::Service cloudcontrol;
  insight::LoginLinks logins;
  Sites sites;
  scheduler::DueSchedules due_schedules;
  events::DueRules due_rules;
  lambda::DueCalls due_calls;
  kms::DueKeys due_keys;
  secretsmanager::DueSecrets due_secrets;
  ssm::DuePolicies due_policies;
  dynamodb::DueExpiries due_expiries;
  std::optional<Snapshots> snapshots;
  insight::Service insight;
  services::Authorizer authorizer;

  Services(storage::Store& store, services::Endpoint& endpoint, runtime::Runtime& runtime,
           const CloudOptions& options)
      : journal(store, runtime.loop,
                {.payloads = {.longest = static_cast<std::size_t>(options.journal_payloads)}}),
        told(options.journal ? &journal : nullptr),
        faults(store, runtime.clock, told),
        outbox(store, endpoint, runtime, options.http),
        alarm_messages(outbox),
        buckets(endpoint, runtime.random),
        function_calls(endpoint, runtime.random),
        activity(store, runtime.clock),
        sqs(store, runtime.loop, runtime.random, {.throughput_quotas = options.quotas}),
        dynamodb(store, runtime),
        dynamodbstreams(dynamodb.changes(), dynamodb.tables(), runtime),
        s3(store, runtime, &outbox),
        s3control(s3),
        iam(store, runtime),
        sts(store, runtime.clock, runtime.random,
            {.directory = &iam.directory(),
             .access_keys = iam.access_keys().get(),
             .providers = &iam,
             .factors = &iam,
             .http = options.http,
             .iam = options.iam}),
        kms(store, runtime),
        secretsmanager(store, runtime, &kms.for_services()),
        ssm(store, runtime, {.keys = &kms.for_services(), .secrets = &secretsmanager}),
        cloudwatch(store, runtime, &alarm_messages),
        logs(store, runtime,
             {.metrics = &cloudwatch,
              .keys = &kms.for_services(),
              .objects = &buckets,
              .outbox = &outbox}),
        sns(store, runtime, neighbours_of_topics()),
        events(store, runtime,
               {.outbox = &outbox,
                .journal = told,
                .directory = &iam.directory(),
                .metrics = &cloudwatch},
               {.rule_quota = options.quotas}),
        scheduler(store, runtime, neighbours_of_schedules()),
        queue_reader(endpoint, runtime.random, iam.directory()),
        change_reader(endpoint, runtime, iam.directory()),
        lambda(store, runtime, neighbours_of_functions()),
        site(lambda, runtime),
        ecr(store, runtime, &kms.for_services()),
        applicationautoscaling(store, runtime),
        calls_maker(endpoint, runtime.random),
        cloudformation(store, runtime, neighbours_of_stacks(options)),
        cloudcontrol(store, runtime, calls_maker),
        logins(runtime::real_clock(runtime.clock), runtime.random),
        sites({&site, &cloudformation.answers(), &logins}),
        due_schedules(store),
        due_rules(store),
        due_calls(store),
        due_keys(store),
        due_secrets(store),
        due_policies(store),
        due_expiries(store),
        insight({.activity = activity,
                 .directory = &iam.directory(),
                 .clock = runtime.clock,
                 .journal = told,
                 .loop = &runtime.loop}),
        authorizer(options.iam, runtime.clock, &iam.directory(), &activity) {
    connect(options);
    dynamodb.use_transfers(runtime, {.files = &buckets, .logs = &logs});
  }

  sns::Neighbours neighbours_of_topics() {
    return {.outbox = &outbox,
            .keys = &kms.for_services(),
            .journal = told,
            .logs = &logs,
            .metrics = &cloudwatch};
  }

  scheduler::Neighbours neighbours_of_schedules() {
    return {.outbox = &outbox,
            .keys = &kms.for_services(),
            .journal = told,
            .directory = &iam.directory(),
            .metrics = &cloudwatch};
  }

  lambda::Neighbours neighbours_of_functions() {
    return {.keys = &kms.for_services(),
            .objects = &buckets,
            .directory = &iam.directory(),
            .roles = &sts,
            .logs = &logs,
            .outbox = &outbox,
            .queues = &queue_reader,
            .watches = &sqs,
            .journal = told,
            .faults = &faults,
            .metrics = &cloudwatch,
            .changes = &change_reader,
            .change_watch = &dynamodbstreams,
            .change_finder = &dynamodbstreams};
  }

  cloudformation::Neighbours neighbours_of_stacks(const CloudOptions& options) {
    return {.calls = &calls_maker,
            .objects = &buckets,
            .outbox = &outbox,
            .find_managed_policy = iam::find_managed_policy_arn,
            .directory = &iam.directory(),
            .keeps_quotas = options.quotas};
  }

  /// What each has to know of those that are made after it.
  void connect(const CloudOptions& options) {
    outbox.use_directory(iam.directory());
    outbox.use_faults(faults);
    sqs.use_faults(faults);
    s3.use_events(events);
    ssm.use_events(events);
    kms.use_events(events);
    alarm_messages.use_events(events);
    outbox.use_queues(sqs, sqs::Service::handlers(), authorizer);
    outbox.use_trial(sqs);
    secretsmanager.use_functions(function_calls);
    if (options.journal) use_journal();
    insight.add(static_cast<services::Explainer&>(sqs));
    insight.add(static_cast<services::Explainer&>(sns));
    insight.add(static_cast<services::Explainer&>(events));
    insight.use(static_cast<services::ChangeExplainer&>(lambda));
    insight.use(static_cast<services::InputPreview&>(events));
    insight.use(sns.unsent_messages());
    insight.use(static_cast<services::QueueView&>(sqs));
    insight.use(logins);
    for (const services::DueSource* source : std::initializer_list<const services::DueSource*>{
             &due_schedules, &due_rules, &due_calls, &due_keys, &due_secrets, &due_policies,
             &due_expiries, &outbox})
      insight.add(*source);
    events.http_destinations().use(
        {.outbox = &outbox, .secrets = &secretsmanager, .http = options.http});
    sqs.use_keys(kms.for_services());
    s3.use_keys(kms.for_services());
    dynamodb.use_keys(kms.for_services());
    for (const services::ServiceBase* service : std::initializer_list<services::ServiceBase*>{
             &sqs, &dynamodb, &dynamodbstreams, &s3, &kms, &ssm, &secretsmanager, &logs, &iam,
             &cloudwatch, &sns, &events, &scheduler, &lambda, &cloudformation, &cloudcontrol, &ecr,
             &applicationautoscaling})
      insight.add(*service);
  }

  void keep_snapshots(runtime::Runtime& runtime, const storage::Store& store,
                      const storage::StoreOptions& options, std::function<void()> on_replaced) {
    insight.use(
        snapshots.emplace(runtime, store.condition(), options.directory, std::move(on_replaced)));
  }

  void use_journal() {
    sqs.use_journal(journal);
    s3.use_journal(journal);
    dynamodb.use_journal(journal);
    outbox.use_journal(journal);
  }
};

std::expected<std::unique_ptr<Cloud>, storage::OpenError> Cloud::open(
    runtime::Runtime& runtime, const storage::StoreOptions& store_options,
    const CloudOptions& options) {
  using Kind = storage::OpenError::Kind;
  auto store = storage::Store::open(store_options);
  if (!store) return std::unexpected(std::move(store.error()));
  for (const auto& latest : {(*store)->latest_time(), MovedTime(**store).latest()})
    if (latest) runtime::start_no_earlier_than(runtime.clock, *latest);
  try {
    std::unique_ptr<Cloud> cloud(new Cloud(runtime, std::move(*store), options));
    cloud->services_->keep_snapshots(runtime, *cloud->store_, store_options, options.on_replaced);
    return cloud;
  } catch (const storage::DamagedRecord& error) {
    return std::unexpected(
        storage::OpenError{Kind::damaged, fmt::format("The data directory {} is damaged: {}.",
                                                      store_options.directory, error.what())});
  } catch (const std::exception& error) {
    return std::unexpected(
        storage::OpenError{Kind::not_writable, fmt::format("The cloud in {} cannot be started: {}.",
                                                           store_options.directory, error.what())});
  }
}

Cloud::Cloud(runtime::Runtime& runtime, std::unique_ptr<storage::Store> store,
             const CloudOptions& options)
    : runtime_(runtime),
      store_(std::move(store)),
      moved_time_(*store_),
      endpoint_(runtime.loop, *store_, &runtime.workers),
      services_(std::make_unique<Services>(*store_, endpoint_, runtime, options)) {
  services_->iam.use_activity(services_->activity);
  endpoint_.add(services_->sqs, sqs::Service::handlers());
  endpoint_.add(services_->dynamodb, dynamodb::Service::handlers());
  endpoint_.add(services_->dynamodbstreams, dynamodbstreams::Service::handlers());
  endpoint_.add(services_->s3, s3::Service::handlers());
  endpoint_.add(services_->s3control, s3control::Service::handlers());
  endpoint_.add(services_->sts, sts::Service::handlers());
  endpoint_.add(services_->iam, iam::Service::handlers());
  endpoint_.add(services_->kms, kms::Service::handlers());
  endpoint_.add(services_->ssm, ssm::Service::handlers());
  endpoint_.add(services_->secretsmanager, secretsmanager::Service::handlers());
  endpoint_.add(services_->logs, logs::Service::handlers());
  endpoint_.add(services_->cloudwatch, cloudwatch::Service::handlers());
  endpoint_.add(services_->sns, sns::Service::handlers());
  endpoint_.add(services_->events, events::Service::handlers());
  endpoint_.add(services_->scheduler, scheduler::Service::handlers());
  endpoint_.add(services_->lambda, lambda::Service::handlers());
  endpoint_.add(services_->ecr, ecr::Service::handlers());
  endpoint_.add(services_->applicationautoscaling, applicationautoscaling::Service::handlers());
  endpoint_.add(services_->cloudformation, cloudformation::Service::handlers());
  endpoint_.add(services_->cloudcontrol, cloudcontrol::Service::handlers());
  endpoint_.add(services_->insight, insight::Service::handlers());
  endpoint_.add(services_->events.http_destinations());
  endpoint_.add(services_->outbox);
  endpoint_.add(services_->journal);
  endpoint_.add(services_->activity);
  endpoint_.use(services_->authorizer);
  endpoint_.add(services_->faults);
  services_->faults.plan().know(endpoint_.models());
  if (options.seed) services_->faults.plan().use_seed(*options.seed);
  if (options.weather) services_->faults.begin_weather(runtime.random);
  services_->insight.use(services_->faults, runtime.random);
  runtime::set_on_step(runtime_.clock, [this] { moved_time_.keep_step(runtime_.clock); });
  runtime_.loop.set_flush([this, on_lost_writes = options.on_lost_writes] {
    moved_time_.keep(runtime_.clock);
    store_->keep_time(runtime_.clock.now());
    const auto flushed = store_->flush();
    if (flushed) return;
    if (on_lost_writes) return on_lost_writes();
    // The replies of this round promise what the disk has refused: none of them may go out.
    spdlog::critical("Stopping, because writes cannot be kept: {}", flushed.error().message);
    std::_Exit(1);
  });
}

Cloud::~Cloud() {
  runtime::set_on_step(runtime_.clock, nullptr);
  runtime_.loop.set_flush(nullptr);
}

void Cloud::keep_notes() {
  try {
    services_->activity.store_now();
  } catch (const storage::StoreFailure& failure) {
    spdlog::warn("What was called last could not be noted: {}", failure.what());
    return;
  }
  if (const auto flushed = store_->flush(); !flushed)
    spdlog::warn("What was called last could not be noted: {}", flushed.error().message);
}

void Cloud::run_functions(runtime::Sandboxes& sandboxes, services::LocalPorts& ports,
                          const FunctionPlace& place) {
  use_endpoint(place.endpoint);
  // Others may have no way to that host, or not trust it: for them the plain URL is as good.
  if (!place.answers_url.empty())
    services_->cloudformation.answers().use_function_endpoint(
        [this, url = place.answers_url](const std::string& function) {
          return is_run_by_loader(services_->lambda, function) ? url : "";
        });
  services_->insight.use(&sandboxes);
  services_->launches = std::make_unique<lambda::Launches>(
      sandboxes, runtime_.disk,
      lambda::LaunchPlaces{.loaders = place.directory,
                           .packages = place.packages,
                           .environment = place.environment,
                           .folders = place.folders,
                           .hosts = place.hosts,
                           .loader_environment = place.loader_environment,
                           .run_aside = place.run_aside});
  services_->lambda.run_on(
      sandboxes, {ports, place.sender}, place.endpoint,
      [launches = services_->launches.get()](const lambda::Settings& settings,
                                             const std::vector<std::string>& folders) {
        return launches->launch_of(settings, folders);
      });
}

void Cloud::use_endpoint(const std::string& url) {
  services_->cloudformation.answers().use_endpoint(url);
}

services::Faults& Cloud::faults() {
  return services_->faults;
}

services::LocalSite& Cloud::site() {
  return services_->sites;
}

void Cloud::stop_functions() {
  services_->insight.use(nullptr);
  services_->lambda.stop_running();
}

services::Endpoint& Cloud::endpoint() {
  return endpoint_;
}

std::shared_ptr<const sts::SessionKey> Cloud::session_key() const {
  return services_->sts.session_key();
}

std::shared_ptr<const sns::Certificates> Cloud::certificates() const {
  return services_->sns.certificates();
}

std::shared_ptr<const services::AccessKeys> Cloud::access_keys() const {
  return services_->iam.access_keys();
}

storage::Store& Cloud::store() {
  return *store_;
}

}  // namespace matinee::cloud
