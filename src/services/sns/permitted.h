// The actions that policies of topics are about.
#pragma once

#include <string_view>

namespace matinee::sns {

/// What a policy of a topic can let others do.
inline constexpr std::string_view permitted[] = {"AddPermission",
                                                 "DeleteTopic",
                                                 "GetDataProtectionPolicy",
                                                 "GetTopicAttributes",
                                                 "ListSubscriptionsByTopic",
                                                 "ListTagsForResource",
                                                 "Publish",
                                                 "PutDataProtectionPolicy",
                                                 "RemovePermission",
                                                 "SetTopicAttributes",
                                                 "Subscribe"};

}  // namespace matinee::sns
