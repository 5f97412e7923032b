#include "resources/names.h"

#include <gtest/gtest.h>

#include "resources/type.h"
#include "runtime/simulated/simulation.h"

namespace matinee::resources {
namespace {

class NoCalls final : public Calls {
  runtime::Task<Value> call(std::string_view, Value, Keep) override {
    throw std::logic_error("nothing is called");
    co_return Value();
  }
};

class Names : public testing::Test {
 protected:
  runtime::Simulation simulation;
  runtime::Runtime runtime = simulation.runtime();
  NoCalls calls;
  Subject subject{.calls = calls,
                  .runtime = runtime,
                  .stack_name = "stack",
                  .logical_id = "Queue",
                  .token = "0e7d3f9c-0000-4000-8000-000000000001"};
};

TEST_F(Names, are_of_the_stack_the_logical_id_and_twelve_letters) {
  const std::string name = generated_name(subject);
  EXPECT_TRUE(name.starts_with("stack-Queue-")) << name;
  EXPECT_EQ(name.size(), 24u);
  EXPECT_EQ(generated_name(subject), name) << "the step is done again";
  subject.token.back() = '2';
  EXPECT_NE(generated_name(subject), name);
}

TEST_F(Names, are_cut_but_for_what_is_random_and_for_their_end) {
  subject.stack_name = std::string(60, 's');
  subject.logical_id = std::string(60, 'l');
  const std::string name = generated_name(subject, {.most = 40, .end = ".fifo"});
  EXPECT_EQ(name.size(), 40u);
  EXPECT_EQ(name.substr(0, 23), std::string(11, 's') + "-" + std::string(10, 'l') + "-") << name;
  EXPECT_TRUE(name.ends_with(".fifo"));
  subject.stack_name = "s";
  EXPECT_EQ(generated_name(subject, {.most = 40}).substr(0, 28), "s-" + std::string(25, 'l') + "-");
}

TEST_F(Names, are_in_lower_case_or_all_random_where_that_is_wanted) {
  const std::string name = generated_name(subject, {.is_lower_case = true});
  EXPECT_EQ(name.substr(0, 12), "stack-queue-");
  EXPECT_EQ(name.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), name.npos);
  EXPECT_TRUE(generated_name(subject, {.beginning = "CFN-Queue-"}).starts_with("CFN-Queue-"));
  subject.stack_name.clear();
  EXPECT_EQ(generated_name(subject).size(), 12u);
}

}  // namespace
}  // namespace matinee::resources
