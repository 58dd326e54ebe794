#pragma once

#include "actors/posting.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

namespace croupier::actors {

struct account_portion;
struct account_question;
using portion_ptr = std::shared_ptr<account_portion>;
using question_ptr = std::shared_ptr<account_question>;

} // namespace croupier::actors

// These types never leave the process, so CAF need not know how to write them down. An actor that is to live in another
// process needs inspectable messages first.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(croupier::actors::posting_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(croupier::actors::batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(croupier::actors::portion_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(croupier::actors::question_ptr)
