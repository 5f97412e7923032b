#include "services/lambda/running/extensions.h"

#include <gmock/gmock.h>

#include "runtime/simulated/seeded_random.h"

namespace matinee::lambda {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ExtensionsTest : public testing::Test, public ExtensionHost {
 public:
  void on_extension_progress() override { ++progress; }
  void on_extension_error(std::string type) override { errors.push_back(std::move(type)); }

 protected:
  using Answer = std::shared_ptr<std::optional<protocol::HttpResponse>>;

  Answer send(std::string_view action, protocol::Headers headers, std::string body = "") {
    services::LocalRequest request;
    request.http.method = action == "event/next" ? "GET" : "POST";
    request.http.headers = std::move(headers);
    request.http.body.bytes = std::move(body);
    auto answer = std::make_shared<std::optional<protocol::HttpResponse>>();
    extensions.handle(action, request,
                      {.name = "f", .version = "1", .handler = "h", .account = "a"},
                      [answer](protocol::HttpResponse response) { *answer = std::move(response); });
    return answer;
  }
  static protocol::Headers named(std::string_view name) {
    protocol::Headers headers;
    headers.add("Lambda-Extension-Name", name);
    return headers;
  }
  static protocol::Headers known(const std::string& id) {
    protocol::Headers headers;
    headers.add("Lambda-Extension-Identifier", id);
    return headers;
  }
  std::string register_one(std::string_view name, std::string body) {
    const Answer answer = send("register", named(name), std::move(body));
    EXPECT_EQ((*answer)->status, 200) << (*answer)->body.bytes;
    return std::string((*answer)->headers.find("Lambda-Extension-Identifier").value_or(""));
  }
  Answer next(const std::string& id) { return send("event/next", known(id)); }
  static std::string refusal(const Answer& answer) {
    if (!*answer || (*answer)->status != 403) return "none";
    return (*answer)->body.bytes;
  }

  runtime::SeededRandom random{1};
  Extensions extensions{random, *this};
  int progress = 0;
  std::vector<std::string> errors;
};

TEST_F(ExtensionsTest, external_ones_register_and_wait_for_events) {
  extensions.begin({"watch"});
  EXPECT_FALSE(extensions.have_registered());
  const std::string id = register_one("watch", R"({"events":["INVOKE","SHUTDOWN"]})");
  EXPECT_TRUE(extensions.have_registered());
  EXPECT_FALSE(extensions.are_ready());
  const Answer first = next(id);
  EXPECT_FALSE(*first);
  EXPECT_TRUE(extensions.are_ready());
  EXPECT_EQ(progress, 2);
  extensions.tell_call("{}");
  EXPECT_EQ((*first)->body.bytes, "{}");
  EXPECT_TRUE((*first)->headers.contains("Lambda-Extension-Event-Identifier"));
  EXPECT_FALSE(extensions.have_finished());
  const Answer second = next(id);
  EXPECT_TRUE(extensions.have_finished());
  extensions.tell_end("end");
  EXPECT_EQ((*second)->body.bytes, "end");
}

TEST_F(ExtensionsTest, the_end_waits_for_one_that_is_busy) {
  extensions.begin({"watch"});
  const std::string id = register_one("watch", R"({"events":["INVOKE","SHUTDOWN"]})");
  next(id);
  extensions.tell_call("call");
  extensions.tell_end("end");
  const Answer answer = next(id);
  EXPECT_EQ((*answer)->body.bytes, "end");
}

TEST_F(ExtensionsTest, are_told_of_the_function_and_of_the_account_if_they_ask) {
  extensions.begin({"watch"});
  protocol::Headers headers = named("watch");
  headers.add("Lambda-Extension-Accept-Feature", "accountId");
  EXPECT_EQ((*send("register", headers, "{}"))->body.bytes,
            R"({"functionName":"f","functionVersion":"1","handler":"h","accountId":"a"})");
  EXPECT_EQ((*send("register", named("inner"), "{}"))->body.bytes,
            R"({"functionName":"f","functionVersion":"1","handler":"h"})");
}

TEST_F(ExtensionsTest, internal_ones_register_until_the_function_is_ready) {
  extensions.begin({});
  register_one("inner", R"({"events":["INVOKE"]})");
  EXPECT_TRUE(extensions.hear_of_calls());
  EXPECT_FALSE(extensions.has_external());
  EXPECT_THAT(refusal(send("register", named("inner"), "{}")),
              HasSubstr("Extension with this name already registered"));
  EXPECT_THAT(refusal(send("register", named("end"), R"({"events":["SHUTDOWN"]})")),
              HasSubstr("Extension.InvalidEventType"));
  extensions.close_registration();
  EXPECT_THAT(refusal(send("register", named("late"), "{}")),
              HasSubstr("Extension.RegistrationClosed"));
}

TEST_F(ExtensionsTest, wrong_registrations_are_refused) {
  extensions.begin({"watch"});
  EXPECT_THAT(refusal(send("register", {}, "{}")), HasSubstr("Extension.InvalidExtensionName"));
  EXPECT_THAT(refusal(send("register", named("watch"), "{")), HasSubstr("InvalidRequestFormat"));
  EXPECT_THAT(refusal(send("register", named("watch"), R"({"events":["SLEEP"]})")),
              HasSubstr("SLEEP: "));
  register_one("watch", "{}");
  EXPECT_THAT(refusal(send("register", named("watch"), "{}")),
              HasSubstr("State transition from Registered to Registered failed for extension "
                        "watch."));
}

TEST_F(ExtensionsTest, there_are_ten_at_most) {
  extensions.begin({});
  for (std::size_t i = 0; i < Extensions::most; ++i) register_one("x" + std::to_string(i), "{}");
  EXPECT_THAT(refusal(send("register", named("more"), "{}")),
              HasSubstr("Extension limit (10) reached"));
}

TEST_F(ExtensionsTest, identifiers_have_to_be_known) {
  extensions.begin({"watch"});
  EXPECT_THAT(refusal(send("event/next", {})), HasSubstr("Extension.MissingHeader"));
  EXPECT_THAT(refusal(next("nobody")), HasSubstr("Extension.UnknownExtensionIdentifier"));
  const std::string id = register_one("watch", "{}");
  EXPECT_EQ(extensions.find(id), "watch");
  next(id);
  EXPECT_THAT(refusal(next(id)), HasSubstr("from Ready to Ready"));
}

TEST_F(ExtensionsTest, errors_end_what_they_may_ask_for) {
  extensions.begin({"watch", "other"});
  const std::string id = register_one("watch", "{}");
  EXPECT_THAT(refusal(send("init/error", known(id))), HasSubstr("Extension.MissingHeader"));
  protocol::Headers headers = known(id);
  headers.add("Lambda-Extension-Function-Error-Type", "Extension.NoKey");
  EXPECT_EQ((*send("init/error", headers))->status, 202);
  EXPECT_THAT(errors, ElementsAre("Extension.InitError"));
  EXPECT_THAT(refusal(next(id)), HasSubstr("from InitError to Ready"));
  EXPECT_EQ(extensions.find(id), std::nullopt);
  extensions.note_end("other", false);
  const std::vector<ExtensionNote> notes = extensions.notes();
  EXPECT_EQ(notes[0].state, "InitError");
  EXPECT_EQ(notes[0].error_type, "Extension.NoKey");
  EXPECT_EQ(notes[1].state, "LaunchError");
}

}  // namespace
}  // namespace matinee::lambda
